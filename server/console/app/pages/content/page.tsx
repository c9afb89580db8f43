import { useMemo } from 'react';
import { Answer } from '../../parts/answer.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { bytes } from '../../parts/format.ts';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Lines, Name, Quiet, Row, RowState, Rows } from '../../parts/rows.tsx';
import { SearchField, wantedOf } from '../../parts/search-field.tsx';
import { useQueryWord } from '../../shell/router.tsx';
import { contentText as text } from '../../text/content.ts';
import { type PackageRow, standing, usePackages } from './packages.ts';
import classes from './page.module.css';

/** Rows that are shown; a search finds the others. */
const MOST_ROWS = 100;

/** Packages, images and applications: newest versions, those that runs still need, and where each is. */
export function ContentPage() {
  const packages = usePackages();
  return (
    <>
      <PageTitle title={text.title} text={text.text} />
      <Answer of={packages}>{(all) => <Found all={all} />}</Answer>
    </>
  );
}

function Found({ all }: { readonly all: readonly PackageRow[] }) {
  const [search, setSearch] = useQueryWord('of');
  const found = useMemo(() => {
    const wanted = wantedOf(search);
    return all.filter(({ words }) => words.includes(wanted));
  }, [all, search]);
  return (
    <Panel title={text.packages} count={all.length}>
      <SearchField
        label={text.search}
        isLabelAbove
        className={classes['search']}
        value={search}
        onChange={setSearch}
      />
      {found.length === 0 && <EmptyState {...text.empty} />}
      <Rows label={text.packages}>
        {found.slice(0, MOST_ROWS).map((each) => (
          <PackageLine key={each.id} of={each} />
        ))}
      </Rows>
      <div role="status">
        {found.length > MOST_ROWS && <Quiet>{text.more(found.length - MOST_ROWS)}</Quiet>}
      </div>
    </Panel>
  );
}

function PackageLine({ of }: { readonly of: PackageRow }) {
  const { tone, word } = standing(of.places);
  const kind = of.isSecret ? `${of.kind}, ${text.secret}` : of.kind;
  const size = of.sizeBytes === undefined ? '' : bytes(of.sizeBytes);
  return (
    <Row>
      <RowState tone={tone} word={word} />
      <Lines>
        <Name>{of.name}</Name>
        <Quiet>
          {kind}, {of.id}
        </Quiet>
      </Lines>
      <Lines>
        <span>{text.version(of.version, size)}</span>
        {of.older.length > 0 && <Quiet>{text.older(of.older.join(', '))}</Quiet>}
      </Lines>
      <ul className={classes['places']} aria-label={text.placesOf(of.name)}>
        {of.places.map((place) => (
          <li key={place.text}>{place.text}</li>
        ))}
      </ul>
    </Row>
  );
}

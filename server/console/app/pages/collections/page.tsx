import type { CollectionView } from '../../../../http/api.ts';
import { useAnswer } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answer } from '../../parts/answer.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/pill.tsx';
import { SearchField, wantedOf } from '../../parts/search-field.tsx';
import { Table } from '../../parts/table.tsx';
import { Link, useQueryWord } from '../../shell/router.tsx';
import { collectionsText as text } from '../../text/collections.ts';

const EVERY_MS = 5000;

/** All collections of devices, with how many members each has. */
export function CollectionsPage() {
  const may = useMay();
  const collections = useAnswer<CollectionView[]>('/collections', { everyMs: EVERY_MS });
  const [search, setSearch] = useQueryWord('of');
  return (
    <>
      <PageTitle title={text.title} text={text.text}>
        {may('POST /collections') && <LinkButton href="/collections/new">{text.make}</LinkButton>}
      </PageTitle>
      <Answer of={collections}>
        {(all) => {
          const names = new Map(all.map(({ id, name }) => [String(id), name]));
          const found = all.filter(
            ({ kind, name }) => kind === 'device' && name.toLowerCase().includes(wantedOf(search)),
          );
          return (
            <Panel>
              <div className={classes['bar']}>
                <SearchField label={text.search} value={search} onChange={setSearch} />
              </div>
              {found.length === 0 ? (
                <EmptyState {...text.noneFits} />
              ) : (
                <Table label={text.title} columns={Object.values(text.columns)}>
                  {found.map((one) => (
                    <tr key={one.id}>
                      <td>
                        <Link href={`/collections/${one.id}`}>{one.name}</Link>{' '}
                        {one.builtIn && <Pill tone="calm">{text.builtIn}</Pill>}
                      </td>
                      <td>{one.memberCount}</td>
                      <td>
                        {one.limitingCollection === null
                          ? ''
                          : (names.get(one.limitingCollection) ?? one.limitingCollection)}
                      </td>
                      <td>
                        {one.pending ? (
                          text.pending
                        ) : one.evaluatedMs === null ? (
                          text.always
                        ) : (
                          <Ago atMs={one.evaluatedMs} />
                        )}
                      </td>
                    </tr>
                  ))}
                </Table>
              )}
            </Panel>
          );
        }}
      </Answer>
    </>
  );
}

import { Button, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { SequenceView } from '../../../../http/api-sequences.ts';
import { useMay } from '../../api/session.ts';
import { Answer } from '../../parts/answer.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { Tone } from '../../parts/pill.tsx';
import { Lines, Name, Quiet, Row, RowState, Rows, Wrong } from '../../parts/rows.tsx';
import { SearchField, wantedOf } from '../../parts/search-field.tsx';
import { Link, navigate, useQueryWord } from '../../shell/router.tsx';
import { sequencesText as text } from '../../text/sequences.ts';
import { useSequences } from './answers.ts';
import classes from './page.module.css';

/** All task sequences: what machines get, and what is wrong with it. */
export function SequencesPage() {
  const sequences = useSequences();
  const may = useMay();
  return (
    <>
      <PageTitle title={text.title} text={text.text}>
        {may('POST /sequences') && <NewSequence existing={sequences.data ?? []} />}
      </PageTitle>
      <Answer of={sequences}>{(all) => <Found all={all} />}</Answer>
    </>
  );
}

/** A field that somebody has asked for has the focus. */
function focus(field: HTMLInputElement | null): void {
  field?.focus();
}

/** It is stored when it is first saved. */
function NewSequence({ existing }: { readonly existing: readonly SequenceView[] }) {
  const [name, setName] = useState<string | null>(null);
  if (name === null) return <Button onClick={() => setName('')}>{text.add}</Button>;
  const wanted = name.trim();
  const isTaken = existing.some((one) => one.name.toLowerCase() === wanted.toLowerCase());
  return (
    <form
      className={classes['new']}
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted !== '' && !isTaken)
          navigate(`/sequences/new?name=${encodeURIComponent(wanted)}`);
      }}
    >
      <TextInput
        label={text.addName}
        ref={focus}
        value={name}
        maxLength={256}
        error={isTaken ? text.exists(wanted) : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button type="submit">{text.addNow}</Button>
    </form>
  );
}

function Found({ all }: { readonly all: readonly SequenceView[] }) {
  const [search, setSearch] = useQueryWord('of');
  const found = useMemo(() => {
    const wanted = wantedOf(search);
    return all
      .filter(({ name, description, id }) =>
        `${name}\n${description}\n${id}`.toLowerCase().includes(wanted),
      )
      .sort((one, other) => one.name.localeCompare(other.name));
  }, [all, search]);
  return (
    <Panel title={text.list} count={all.length}>
      {all.length === 0 ? (
        <EmptyState {...text.empty} />
      ) : (
        <SearchField
          label={text.search}
          isLabelAbove
          className={classes['search']}
          value={search}
          onChange={setSearch}
        />
      )}
      {all.length > 0 && found.length === 0 && <EmptyState {...text.noMatch} />}
      <Rows label={text.list}>
        {found.map((each) => (
          <SequenceLine key={each.id} of={each} />
        ))}
      </Rows>
    </Panel>
  );
}

function standing(of: SequenceView): { readonly tone: Tone; readonly word: string } {
  if (of.problems.length > 0 && of.state === 'ready')
    return { tone: 'bad', word: text.states.broken };
  if (of.disabled) return { tone: 'calm', word: text.states.disabled };
  return of.state === 'ready'
    ? { tone: 'good', word: text.states.ready }
    : { tone: 'warn', word: text.states.draft };
}

function SequenceLine({ of }: { readonly of: SequenceView }) {
  const { tone, word } = standing(of);
  return (
    <Row>
      <RowState tone={tone} word={word} />
      <Lines>
        <Name>
          <Link href={`/sequences/${encodeURIComponent(of.id)}`}>{of.name}</Link>
        </Name>
        <Quiet>{of.description === '' ? of.id : of.description}</Quiet>
      </Lines>
      <Lines>
        <span>{text.version(of.version)}</span>
        <Quiet>{text.readyVersion(of.readyVersion)}</Quiet>
      </Lines>
      <Lines>
        {of.problems.length > 0 && <Wrong>{text.problems(of.problems.length)}</Wrong>}
        {of.problems.slice(0, 1).map((problem) => (
          <Quiet key={problem.message}>{problem.message}</Quiet>
        ))}
        {of.warnings.length > 0 && <Quiet>{text.warnings(of.warnings.length)}</Quiet>}
      </Lines>
    </Row>
  );
}

import { SegmentedControl } from '@mantine/core';
import { memo, useMemo } from 'react';
import type { RunView } from '../../../../http/api.ts';
import { useFeed } from '../../api/feed.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loading } from '../../parts/loading.tsx';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Lines, Name, Quiet, Row, RowActions, RowState, Rows } from '../../parts/rows.tsx';
import { SearchField, wantedOf } from '../../parts/search-field.tsx';
import { Link, useQueryWord } from '../../shell/router.tsx';
import { runsText as text } from '../../text/runs.ts';
import classes from './page.module.css';
import { RunProgress, RunTimes } from './run-progress.tsx';
import { hasFailed, isOpen, standing } from './run-state.ts';

/** Rows that are shown; a search finds the others. */
const MOST_ROWS = 100;
const filters = ['all', 'open', 'failed', 'done'] as const;
const fits: Readonly<Record<string, (run: RunView) => boolean>> = {
  open: isOpen,
  failed: (run) => hasFailed(run) || run.lostInWindowsSetup !== null,
  done: ({ state }) => state === 'succeeded',
};

/** All runs, open ones first. Filter and search are in the address. */
export function RunsPage() {
  const feed = useFeed();
  const [filter, setFilter] = useQueryWord('show');
  const [search, setSearch] = useQueryWord('of');
  const runs = feed?.runs;
  const found = useMemo(() => {
    const wanted = wantedOf(search);
    return (runs ?? [])
      .filter(fits[filter] ?? (() => true))
      .filter((run) => `${run.deviceName} ${run.sequenceName}`.toLowerCase().includes(wanted))
      .sort(
        (one, other) =>
          Number(isOpen(other)) - Number(isOpen(one)) || other.startedMs - one.startedMs,
      );
  }, [runs, filter, search]);
  if (runs === undefined) return <Loading />;
  return (
    <>
      <PageTitle title={text.title} text={text.text} />
      {runs.length === 0 ? (
        <EmptyState {...text.empty} />
      ) : (
        <Panel title={text.title} count={runs.length} summary={summaryOf(runs)}>
          <div className={classes['bar']}>
            <SegmentedControl
              aria-label={text.filter.label}
              data={filters.map((value) => ({ value, label: text.filter[value] }))}
              value={filter === '' ? 'all' : filter}
              onChange={(value) => setFilter(value === 'all' ? '' : value)}
            />
            <SearchField label={text.search} value={search} onChange={setSearch} />
          </div>
          {found.length === 0 && <EmptyState {...text.noneFits} />}
          <Rows label={text.title}>
            {found.slice(0, MOST_ROWS).map((run) => (
              <RunRow key={run.id} run={run} />
            ))}
          </Rows>
          {found.length > MOST_ROWS && <Quiet>{text.more(found.length - MOST_ROWS)}</Quiet>}
        </Panel>
      )}
    </>
  );
}

const RunRow = memo(function RunRow({ run }: { readonly run: RunView }) {
  const { tone, word } = standing(run);
  return (
    <Row>
      <RowState tone={tone} word={word} />
      <Lines>
        <Name>{run.deviceName}</Name>
        <Quiet>{run.sequenceName}</Quiet>
      </Lines>
      <RunProgress run={run} />
      <RunTimes run={run} />
      <RowActions>
        <Link href={`/runs/${run.id}`} aria-label={text.detailsOf(run.deviceName)}>
          {text.details}
        </Link>
      </RowActions>
    </Row>
  );
});

function summaryOf(runs: readonly RunView[]): string {
  const open = runs.filter(isOpen).length;
  const lost = runs.filter(({ lostInWindowsSetup }) => lostInWindowsSetup !== null).length;
  const failed = runs.filter(hasFailed).length;
  return [
    open > 0 ? text.summary.running(open) : '',
    lost > 0 ? text.summary.lost(lost) : '',
    failed > 0 ? text.summary.failed(failed) : '',
  ]
    .filter(Boolean)
    .join(', ');
}

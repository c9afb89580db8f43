import { useQuery } from '@tanstack/react-query';
import type { RunDetail } from '../../../../http/api.ts';
import { call } from '../../api/call.ts';
import { useFeed } from '../../api/feed.ts';
import { Answer } from '../../parts/answer.tsx';
import { clock, dateTime } from '../../parts/format.ts';
import { Notice } from '../../parts/notice.tsx';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Quiet } from '../../parts/rows.tsx';
import type { PageProps } from '../../shell/pages.tsx';
import { Link } from '../../shell/router.tsx';
import { runsText } from '../../text/runs.ts';
import { historyLine } from './history-line.ts';
import classes from './page.module.css';
import { RunLog } from './run-log.tsx';
import { RunProgress, RunTimes } from './run-progress.tsx';
import { hasFailed, standing } from './run-state.ts';

const text = runsText.detail;

/** One run: how far it is, why it failed, its history and its log as they grow. */
export function RunPage({ params: { id = '' } }: PageProps) {
  const moving = useFeed()?.runs.find((run) => run.id === id);
  const detail = useQuery({
    // Its history is asked for again when the feed says that there is more of it.
    queryKey: [`/runs/${id}`, moving?.have, moving?.state],
    queryFn: () => call<RunDetail>('GET', `/runs/${id}`),
    placeholderData: (before) => before,
  });
  return (
    <Answer of={detail}>
      {(run) => {
        const now = { ...run, ...moving };
        const { tone, word } = standing(now);
        return (
          <>
            <PageTitle title={now.deviceName} text={now.sequenceName}>
              <Link href="/runs">{text.back}</Link>
            </PageTitle>
            <Panel>
              <div className={classes['title']}>
                <Pill tone={tone}>{word}</Pill>
                <Quiet>{text.startedAt(dateTime(now.startedMs))}</Quiet>
                <RunTimes run={now} inLine />
              </div>
              {run.likelyCause === null ? <RunProgress run={now} /> : <Cause run={run} />}
            </Panel>
            <Panel title={text.steps}>
              <History events={run.events} />
            </Panel>
            <Panel title={text.log}>
              <RunLog key={id} runId={id} hasFailed={hasFailed(now)} />
              <a href={`/api/v1/runs/${id}/bundle`} download="">
                {text.bundle}
              </a>
            </Panel>
          </>
        );
      }}
    </Answer>
  );
}

function Cause({ run: { likelyCause: cause } }: { readonly run: RunDetail }) {
  if (cause === null) return null;
  return (
    <Notice tone="bad">
      <p>
        <strong>{text.cause}</strong> {cause.what}.
      </p>
      <p>
        {cause.certain ? text.certain : text.likely}: {cause.cause}.
      </p>
      <p>
        {text.todo}: {cause.todo}.
      </p>
    </Notice>
  );
}

function History({ events }: { readonly events: RunDetail['events'] }) {
  const lines = events.flatMap(({ seq, atMs, fact }) => {
    const line = historyLine(fact);
    return line === null ? [] : [{ seq, atMs, ...line }];
  });
  if (lines.length === 0) return <Quiet>{text.nothing}</Quiet>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ol className={classes['history']} tabIndex={0} aria-label={text.stepHistory}>
      {lines.map((line) => (
        <li key={line.seq} data-tone={line.tone}>
          <span className={classes['time']}>{clock(line.atMs)}</span>
          <span className={classes['mark']} data-tone={line.tone} aria-hidden="true">
            {line.mark}
          </span>
          <span>{line.text}</span>
        </li>
      ))}
    </ol>
  );
}

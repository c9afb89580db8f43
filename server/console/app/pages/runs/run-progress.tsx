import type { RunView } from '../../../../http/api.ts';
import { bytes, clock, span } from '../../parts/format.ts';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Lines, Quiet, Wrong } from '../../parts/rows.tsx';
import { runsText as text } from '../../text/runs.ts';
import { fraction, isOpen, stepText } from './run-state.ts';

/** The step that runs and how far it is; of a run that ended, how it ended. */
export function RunProgress({ run }: { readonly run: RunView }) {
  const { progress, error, lostInWindowsSetup: lost } = run;
  const hint = error?.hint ?? lost?.hint;
  return (
    <Lines>
      {isOpen(run) && lost === null && (
        <>
          <span>{stepText(run)}</span>
          <ProgressBar label={text.progressOf(run.deviceName)} done={fraction(progress)} />
        </>
      )}
      {run.state === 'succeeded' && <span>{text.allDone}</span>}
      {error !== null && <Wrong>{text.error(error.message, error.code)}</Wrong>}
      {error === null && lost !== null && <Wrong>{text.lostSince(clock(lost.sinceMs))}</Wrong>}
      {hint !== undefined && <Quiet>{hint}</Quiet>}
    </Lines>
  );
}

/** How long it has taken, how fast it is, how long it will take; in the line that it stands in, or in lines of its own. */
export function RunTimes({
  run,
  inLine = false,
}: {
  readonly run: RunView;
  readonly inLine?: boolean;
}) {
  const { progress } = run;
  const endMs = run.endedMs ?? run.lastEventMs;
  const took = span(endMs - run.startedMs);
  const times = isOpen(run) ? (
    <>
      <span>
        {progress?.bytesPerSecond === undefined
          ? text.soFar(took)
          : text.rate(bytes(progress.bytesPerSecond))}
      </span>
      {progress?.remainingMs !== undefined && (
        <Quiet>{text.left(span(progress.remainingMs))}</Quiet>
      )}
    </>
  ) : (
    <>
      <span>{text.took(took)}</span>
      <Quiet>{text.endedAt(clock(endMs))}</Quiet>
    </>
  );
  return inLine ? times : <Lines narrow>{times}</Lines>;
}

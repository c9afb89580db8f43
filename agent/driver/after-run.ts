import { keepShowing } from '../menu/keep-showing.ts';
import type { Terminals } from '../menu/terminals.ts';
import { formatDuration } from '../menu/view.ts';
import type { Machine } from '../platform/machine.ts';
import { errorDialogMs, startPostAction } from './end-of-run.ts';
import type { SessionEnd } from './session-parts.ts';
import { startFromDisk } from './start-from-disk.ts';

/** Exit codes of the agent: the run succeeded, or there is none; it failed; the agent itself did. */
export const exitCode = { done: 0, failed: 1, stopped: 2 } as const;
/** Between the end of a run and the restart into what it installed. */
const SHOW_DONE_MS = 10_000;

/**
 * After a run: the command that the sequence wishes for, what stays on the screen, and where the machine
 * goes from here. In the PE, with someone before it, it restarts; a failure is shown for some time first,
 * and stays where Enter is pressed. Returns the exit code where it does not restart.
 */
export async function afterRun(
  end: SessionEnd,
  machine: Pick<Machine, 'platform' | 'attended'>,
  terminals: Terminals,
  signal: AbortSignal,
): Promise<number> {
  const { runId, sequence, succeeded, error, variables, commandPrompt } = end;
  using _prompt = commandPrompt;
  const { boot, power, environment } = machine.platform;
  const toDisk = async (): Promise<never> => {
    // The log of the run is closed.
    await startFromDisk(machine.platform, undefined, signal);
    return power.restart('disk');
  };
  const attended = machine.attended && environment !== 'full-os';
  startPostAction(variables);
  if (succeeded) {
    terminals.show({ kind: 'done', text: `"${sequence}" has succeeded`, runId });
    if (!attended) return exitCode.done;
    await new Promise((resolve) => setTimeout(resolve, SHOW_DONE_MS));
    if (await boot.bootable(signal)) await toDisk();
    await keepShowing(terminals);
    return exitCode.done;
  }
  const failed = {
    kind: 'failed',
    what: sequence,
    error: error ?? { code: 'run.failed', message: 'The run failed' },
    runId,
  } as const;
  if (!attended) {
    terminals.show(failed);
    return exitCode.failed;
  }
  const shownMs = errorDialogMs(variables);
  if (shownMs > 0) {
    const note = `Restarts in ${formatDuration(shownMs)}. Enter: stay here`;
    terminals.show({ ...failed, note });
    if ((await keepShowing(terminals, shownMs)) === 'pressed') {
      // There the end of the agent restarts the machine.
      if (environment === 'winpe') {
        terminals.show({ ...failed, note: 'Enter: restart' });
        await keepShowing(terminals);
      }
      return exitCode.failed;
    }
  }
  // One that is opened while the last is waited for counts too.
  const isOpen = (): boolean => commandPrompt?.isOpen === true;
  while (isOpen()) {
    terminals.show({ ...failed, note: 'Restarts when the command prompt is closed' });
    await commandPrompt?.closed();
  }
  return (await boot.bootable(signal)) ? toDisk() : power.restart('pe');
}

import type { RunFact } from '#agent/protocol/run-event.ts';
import { isOpen, type Run } from './run.ts';
import type { WindowsSetupPhase } from './windows-setup-phase.ts';

/**
 * A run whose machine went to its disk and that nobody heard of for so long is stuck: the boot image
 * is offered again (M56). Longer than a restart of an installed system takes.
 */
const DISK_QUIET_MS = 60 * 60 * 1000;

type Quiet = Pick<Run, 'state' | 'nextBoot' | 'lastEventMs' | 'windowsSetup'>;

/** The phase after one more fact. `isSetupStep`: whether a step of the pinned document sets Windows up. */
export function foldWindowsSetup(
  before: Pick<Run, 'nextBoot' | 'windowsSetup'>,
  fact: RunFact,
  isSetupStep: (stepId: string) => boolean,
): WindowsSetupPhase {
  switch (fact.kind) {
    case 'step-finished':
      // Its second half ends in the new Windows: what restarts behind it does not go into Setup.
      return fact.succeeded && before.nextBoot === 'pe' && isSetupStep(fact.stepId)
        ? 'prepared'
        : 'none';
    case 'restart-requested':
      return fact.next === 'disk' && before.windowsSetup !== 'none' ? 'entered' : 'none';
    case 'resumed':
      // A machine that came back to PE by mistake is sent to its disk once more.
      return fact.environment === 'full-os' ? 'none' : before.windowsSetup;
    case 'run-started':
    case 'condition-answered':
    case 'step-skipped':
    case 'group-entered':
    case 'group-left':
    case 'step-started':
    case 'disk-chosen':
    case 'step-interrupted':
    case 'restart-refused':
    case 'run-finished':
      return 'none';
  }
}

/** How long a run that went to its disk may be silent before its boot image is offered again, in ms. */
export function diskQuietMs(
  { windowsSetup }: Pick<Run, 'windowsSetup'>,
  lostMinutes: number,
): number {
  return windowsSetup === 'entered' ? lostMinutes * 60_000 : DISK_QUIET_MS;
}

/**
 * Since when, in ms, a machine counts as lost in Windows Setup: it was restarted into Setup and nothing
 * has been heard of it for as long as the site allows. Null while it does not.
 */
export function lostInWindowsSetupMs(
  run: Quiet,
  at: { readonly nowMs: number; readonly lostMinutes: number },
): number | null {
  if (!isOpen(run) || run.nextBoot !== 'disk' || run.windowsSetup !== 'entered') return null;
  const sinceMs = run.lastEventMs + diskQuietMs(run, at.lostMinutes);
  return at.nowMs >= sinceMs ? sinceMs : null;
}

import type { DeploymentId, DeviceId, RunId, SequenceId } from '#agent/protocol/identity.ts';
import type { NextBoot, RunError, RunFact } from '#agent/protocol/run-event.ts';
import type { WindowsSetupPhase } from './windows-setup-phase.ts';

type RunStateName = 'running' | 'restarting' | 'succeeded' | 'failed' | 'forked';

/** One execution of a task sequence on one device, as the server keeps it. */
export interface Run {
  readonly id: RunId;
  readonly deviceId: DeviceId;
  readonly deploymentId: DeploymentId;
  readonly sequenceId: SequenceId;
  readonly sequenceVersion: number;
  readonly sequenceName: string;
  readonly purpose: 'available' | 'required';
  readonly state: RunStateName;
  /** Where the machine starts next, by the last event that said so. */
  readonly nextBoot: NextBoot;
  readonly error: RunError | null;
  readonly startedMs: number;
  readonly endedMs: number | null;
  /** Last time anything was heard from the run. */
  readonly lastEventMs: number;
  readonly have: number;
  /** Set by *Clear*: a required deployment may run again. */
  readonly clearedMs: number | null;
  readonly windowsSetup: WindowsSetupPhase;
}

/** Whether a run is open: it is resumed, and nothing else is offered. */
export function isOpen(run: Pick<Run, 'state'>): boolean {
  return run.state === 'running' || run.state === 'restarting';
}

type Folded = Pick<Run, 'state' | 'nextBoot' | 'error' | 'endedMs'>;

/** State of a run after one more fact. A finished or forked run stays as it is. */
export function foldRun(before: Folded, fact: RunFact, atMs: number): Folded {
  if (before.state === 'succeeded' || before.state === 'failed' || before.state === 'forked')
    return before;
  switch (fact.kind) {
    case 'run-started':
    case 'resumed':
      return {
        ...before,
        state: 'running',
        nextBoot: fact.environment === 'full-os' ? 'disk' : 'pe',
      };
    case 'step-finished':
      if (fact.restart !== undefined) return { ...before, nextBoot: fact.restart };
      break;
    case 'restart-requested':
      return { ...before, state: 'restarting', nextBoot: fact.next };
    case 'run-finished':
      return {
        state: fact.succeeded ? 'succeeded' : 'failed',
        nextBoot: fact.next,
        error: fact.error ?? null,
        endedMs: atMs,
      };
    case 'condition-answered':
    case 'step-skipped':
    case 'group-entered':
    case 'group-left':
    case 'step-started':
    case 'disk-chosen':
    case 'step-interrupted':
    case 'restart-refused':
      break;
  }
  return before;
}

import type { RunFact } from '#agent/protocol/run-event.ts';
import { SequenceError } from './sequence-error.ts';
import type { RunState } from './state.ts';

/**
 * Steps run strictly one after another, and nothing runs while the machine is on its way elsewhere.
 * @throws {SequenceError} `run.event-order`
 */
export function assertFollows(state: RunState, fact: RunFact): void {
  const { cursor } = state;
  switch (fact.kind) {
    case 'run-started':
    case 'resumed':
    case 'restart-requested':
    case 'restart-refused':
    case 'run-finished':
      return;
    case 'condition-answered':
    case 'step-skipped':
    case 'group-entered':
    case 'group-left':
    case 'step-started':
      if (cursor.kind === 'started')
        throw outOfOrder(state, fact, `${fact.kind} of ${fact.stepId} while ${cursor.name} runs`);
      break;
    case 'disk-chosen':
    case 'step-finished':
    case 'step-interrupted':
      if (
        cursor.kind !== 'started' ||
        cursor.stepId !== fact.stepId ||
        cursor.attempt !== fact.attempt
      )
        throw outOfOrder(state, fact, `attempt ${fact.attempt} of ${fact.name} never started`);
  }
  if (state.restart !== null)
    throw outOfOrder(state, fact, `${fact.kind} before the machine came back from a restart`);
  if (state.fatal !== null)
    throw outOfOrder(
      state,
      fact,
      `${fact.kind} after ${state.fatal.error.code}, which ends the run`,
    );
}

/** A fact that cannot follow what was before, as an error. */
export function outOfOrder(state: RunState, fact: RunFact, seen: string): SequenceError {
  return new SequenceError(
    'run.event-order',
    `Cannot follow the run's journal: ${seen} (phase ${state.phase}, fact ${fact.kind})`,
    { hint: 'The journal is damaged or belongs to another run; the run cannot go on.' },
  );
}

import { Environment } from '#agent/protocol/policy.ts';
import type {
  ChosenDisk,
  NextBoot,
  RunError,
  RunEvent,
  RunFact,
  StepId,
  VariableChange,
} from '#agent/protocol/run-event.ts';
import { assertFollows, outOfOrder } from './event-order.ts';
import { SequenceError } from './sequence-error.ts';
import { Variables } from './variables.ts';

/** How far the run is: the last node of the document that was touched, and what happened to it. */
export type Cursor =
  | { readonly kind: 'begin' }
  | { readonly kind: 'answered'; readonly stepId: StepId; readonly verdict: boolean }
  | { readonly kind: 'entered'; readonly stepId: StepId; readonly name: string }
  | { readonly kind: 'skipped'; readonly stepId: StepId; readonly name: string }
  | {
      readonly kind: 'left';
      readonly stepId: StepId;
      readonly name: string;
      readonly succeeded: boolean;
    }
  | {
      readonly kind: 'started';
      readonly stepId: StepId;
      readonly name: string;
      readonly attempt: number;
    }
  /** The step is to be run (again) with this attempt: after an interruption or a requested retry. */
  | {
      readonly kind: 'again';
      readonly stepId: StepId;
      readonly name: string;
      readonly attempt: number;
    }
  | {
      readonly kind: 'finished';
      readonly stepId: StepId;
      readonly name: string;
      readonly attempt: number;
      readonly succeeded: boolean;
      readonly restart: NextBoot | undefined;
      /** As the step says; undefined where the notice is the engine's to give. */
      readonly restartDelayMs: number | undefined;
    };

/** The step whose failure is on its way up, or was tolerated; and what the run ends with if it is not. */
export interface Failure {
  readonly stepId: StepId | null;
  readonly name: string;
  readonly code: number;
  readonly error: RunError;
}

/** All that a run is, folded from its events. Nothing in it is changed in place. */
export interface RunState {
  /** Seq of the last event; 0 before the first. */
  readonly seq: number;
  readonly phase: 'new' | 'running' | 'restarting' | 'finished';
  readonly cursor: Cursor;
  readonly variables: Variables;
  readonly environment: Environment | null;
  readonly lastFailure: Failure | null;
  /** A failure that nothing forgives: the next ask ends the run. */
  readonly fatal: Failure | null;
  /** The disk that the step which runs, or was interrupted, has chosen to erase. */
  readonly chosenDisk: { readonly stepId: StepId; readonly disk: ChosenDisk } | null;
  /** The restart that is under way; `tries` counts how often it was asked for. */
  readonly restart: { readonly next: NextBoot; readonly tries: number } | null;
  readonly restarts: number;
  readonly documentSha256: string | null;
  readonly agentVersion: string | null;
  readonly machineKey: string | null;
  readonly result: { readonly succeeded: boolean; readonly error: RunError | undefined } | null;
}

/** The state of a run before its first event. */
export function initialState(): RunState {
  return {
    seq: 0,
    phase: 'new',
    cursor: { kind: 'begin' },
    variables: Variables.none,
    environment: null,
    lastFailure: null,
    fatal: null,
    chosenDisk: null,
    restart: null,
    restarts: 0,
    documentSha256: null,
    agentVersion: null,
    machineKey: null,
    result: null,
  };
}

/**
 * Folds one event into the state. Secrets in it are unsealed by the caller first.
 * @throws {SequenceError} `run.event-order`: a gap in seq, or a fact that cannot follow what was before
 */
export function reduce(state: RunState, event: RunEvent): RunState {
  if (event.seq !== state.seq + 1)
    throw outOfOrder(state, event.fact, `event ${event.seq} after event ${state.seq}`);
  if ((event.fact.kind === 'run-started') !== (state.phase === 'new'))
    throw outOfOrder(state, event.fact, `${event.fact.kind} as event ${event.seq}`);
  if (state.phase === 'finished')
    throw outOfOrder(state, event.fact, `${event.fact.kind} after the run has finished`);
  assertFollows(state, event.fact);
  return { ...apply(state, event.fact), seq: event.seq };
}

function apply(state: RunState, fact: RunFact): RunState {
  switch (fact.kind) {
    case 'run-started':
      return inEnvironment(
        {
          ...state,
          phase: 'running',
          variables: state.variables.setAll(fact.variables),
          documentSha256: fact.documentSha256,
          agentVersion: fact.agentVersion,
          machineKey: fact.machineKey,
        },
        fact.environment,
      );
    case 'condition-answered':
      return {
        ...state,
        cursor: { kind: 'answered', stepId: fact.stepId, verdict: fact.verdict },
      };
    case 'step-skipped':
      return { ...state, cursor: { kind: 'skipped', stepId: fact.stepId, name: fact.name } };
    case 'group-entered':
      return { ...state, cursor: { kind: 'entered', stepId: fact.stepId, name: fact.name } };
    case 'group-left': {
      const { stepId, name, succeeded } = fact;
      return { ...state, cursor: { kind: 'left', stepId, name, succeeded } };
    }
    case 'step-started': {
      const { stepId, name, attempt } = fact;
      return {
        ...state,
        cursor: { kind: 'started', stepId, name, attempt },
        variables: setOwn(state.variables, '_SMSTSCurrentActionName', name),
      };
    }
    case 'step-finished':
      return finishStep(state, fact);
    case 'disk-chosen':
      return { ...state, chosenDisk: { stepId: fact.stepId, disk: fact.disk } };
    case 'step-interrupted': {
      const { stepId, name, attempt } = fact;
      if (fact.again)
        return { ...state, cursor: { kind: 'again', stepId, name, attempt: attempt + 1 } };
      return { ...state, fatal: interrupted(fact) };
    }
    case 'restart-requested':
      return requestRestart(state, fact.next);
    case 'restart-refused':
      return { ...state, fatal: { stepId: null, name: '', code: 0x80004005, error: fact.error } };
    case 'resumed':
      return inEnvironment({ ...state, phase: 'running' }, fact.environment);
    case 'run-finished':
  }
  const { succeeded, error } = fact;
  return { ...state, phase: 'finished', result: { succeeded, error } };
}

function finishStep(state: RunState, fact: RunFact & { kind: 'step-finished' }): RunState {
  const { stepId, name, attempt, succeeded } = fact;
  const variables = state.variables.setAll([
    ...fact.variables,
    own('_SMSTSLastActionName', name),
    own('_SMSTSLastActionRetCode', String(fact.code)),
    own('_SMSTSLastActionSucceeded', String(succeeded)),
  ]);
  const error = fact.error ?? {
    code: 'step.exit-code',
    message: `${name} ended with exit code ${fact.code}`,
  };
  return {
    ...state,
    variables,
    chosenDisk: null,
    lastFailure: succeeded ? state.lastFailure : { stepId, name, code: fact.code, error },
    cursor: {
      kind: 'finished',
      stepId,
      name,
      attempt,
      succeeded,
      restart: fact.restart,
      restartDelayMs: fact.restartDelayMs,
    },
  };
}

/** Each request counts once: the variables that made it are gone when the machine comes back. */
function requestRestart(state: RunState, next: NextBoot): RunState {
  const { cursor, variables } = state;
  // On its way already, or back to where a power cut led from: what the step wishes for is yet to be done.
  if (state.restart !== null) {
    const restart = { next, tries: state.restart.tries + 1 };
    return { ...state, phase: 'restarting', restart };
  }
  const requested =
    cursor.kind === 'finished' && variables.get('SMSTSRebootRequested') !== undefined;
  const retry = requested && variables.value('SMSTSRetryRequested')?.toLowerCase() === 'true';
  let after: Cursor = cursor;
  if (cursor.kind === 'finished') {
    const { stepId, name, attempt } = cursor;
    after = retry
      ? { kind: 'again', stepId, name, attempt: attempt + 1 }
      : { ...cursor, restart: undefined };
  }
  return {
    ...state,
    phase: 'restarting',
    cursor: after,
    restart: { next, tries: 1 },
    restarts: state.restarts + 1,
    variables: setOwn(
      setOwn(variables, 'SMSTSRebootRequested', ''),
      requested ? 'SMSTSRetryRequested' : 'SMSTSRebootRequested',
      '',
    ),
  };
}

/**
 * Where the agent runs now. A restart is done with when it led where it was to lead. A machine that comes
 * back elsewhere than it was, though nobody asked for a restart, is to go back: after a power cut the
 * firmware starts the OS whose boot entry is there already, though the steps for PE are not done.
 */
function inEnvironment(state: RunState, name: string): RunState {
  const { data: environment } = Environment.safeParse(name);
  if (environment === undefined)
    throw new SequenceError('run.environment', `No agent runs in the environment "${name}"`);
  const inOs = environment === 'full-os';
  const wasInOs = state.environment === null ? inOs : state.environment === 'full-os';
  const restart = state.restart ?? { next: wasInOs ? 'disk' : 'pe', tries: 0 };
  const arrived = (restart.next === 'disk') === inOs;
  return {
    ...state,
    environment,
    restart: arrived ? null : restart,
    variables: setOwn(state.variables, '_SMSTSInWinPE', inOs ? 'false' : 'true'),
  };
}

function interrupted({ stepId, name, attempt }: RunFact & { kind: 'step-interrupted' }): Failure {
  return {
    stepId,
    name,
    code: 0x800704c7,
    error: {
      code: 'run.interrupted',
      message:
        attempt > 1
          ? `The machine stopped in the middle of "${name}" ${attempt} times`
          : `The machine stopped in the middle of "${name}", which may not be run twice`,
      hint: 'See what the step has done to the machine, then deploy it again from the beginning.',
    },
  };
}

function setOwn(variables: Variables, name: string, value: string): Variables {
  return variables.set(own(name, value));
}

function own(name: string, value: string): VariableChange {
  return { name, value, secret: false };
}

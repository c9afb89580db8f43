import type { NextBoot, RunFact, StepId } from '#agent/protocol/run-event.ts';
import type { Condition } from './condition.ts';
import { SequenceError } from './sequence-error.ts';
import type { Cursor, Failure, RunState } from './state.ts';
import { substituteParams } from './step-params.ts';
import type { GroupNode, SequenceNode, StepNode, TaskSequence } from './task-sequence.ts';
import type { Variables } from './variables.ts';

/** What the engine wants now, one thing at a time. The driver does it and journals the fact it leads to. */
export type Ask =
  /** Journal this fact and ask again. */
  | { readonly kind: 'record'; readonly fact: RunFact }
  /** Decide, and journal `condition-answered`. */
  | {
      readonly kind: 'condition';
      readonly stepId: StepId;
      readonly name: string;
      readonly condition: Condition;
      readonly variables: Variables;
    }
  /** Journal `step-started`, run it, flush, journal `step-finished`. */
  | {
      readonly kind: 'step';
      readonly stepId: StepId;
      readonly name: string;
      readonly type: string;
      readonly attempt: number;
      /** With variables put in; to be parsed by the step's schema. */
      readonly params: unknown;
      /** Names that had no value and became empty: to be logged. */
      readonly unknownVariables: readonly string[];
      readonly continueOnError: boolean;
      readonly destructive: boolean;
      readonly variables: Variables;
    }
  /** Journal `restart-refused` if `restartRefusal` has a reason, else `restart-requested`, and restart. */
  | { readonly kind: 'restart'; readonly next: NextBoot; readonly delayMs: number }
  /** Journal this fact: the run has ended. */
  | { readonly kind: 'finish'; readonly fact: RunFact & { readonly kind: 'run-finished' } }
  | { readonly kind: 'done' };

/** Restarts asked for in a row that led to the wrong environment: then the run ends. */
const MAX_RESTART_TRIES = 3;

/**
 * What to do now. Pure and synchronous; takes as long as the tree is deep, however many steps it has.
 * Called while a step runs, it takes that step for interrupted: the driver calls it between steps.
 * @throws {SequenceError} `run.not-started` before `run-started`
 */
export function next(document: TaskSequence, state: RunState): Ask {
  switch (state.phase) {
    case 'new':
      throw new SequenceError('run.not-started', 'Cannot go on with a run that has no run-started');
    case 'finished':
      return { kind: 'done' };
    case 'restarting':
    case 'running':
  }
  if (state.fatal !== null) return failed(state.fatal);
  if (state.restart !== null) return restartAgain(state.phase, state.restart);
  return fromCursor(document, state, state.cursor);
}

/** The enabled steps of a document, as people count them. */
export function countSteps(document: TaskSequence): number {
  return document.stepCount;
}

/** The how-manieth of `countSteps` this step is, from 1; 0 for groups and what is disabled. */
export function stepPosition(document: TaskSequence, stepId: StepId): number {
  const node = findNode(document, stepId);
  return node?.kind === 'step' ? node.position : 0;
}

/** The node with that id, or undefined. */
export function findNode(document: TaskSequence, stepId: string): SequenceNode | undefined {
  let nodes: readonly SequenceNode[] = document.steps;
  let node: SequenceNode | undefined;
  for (const index of stepId.split('/')) {
    node = nodes[Number(index)];
    if (node === undefined) return undefined;
    nodes = node.kind === 'group' ? node.steps : [];
  }
  return node;
}

function fromCursor(document: TaskSequence, state: RunState, cursor: Cursor): Ask {
  if (cursor.kind === 'begin') return visitFirst(document, undefined, state);
  const node = findNode(document, cursor.stepId);
  if (node === undefined) return mismatch(cursor.stepId, 'is not in the document');
  if (cursor.kind !== 'answered' && cursor.name !== node.name)
    return mismatch(cursor.stepId, `was "${cursor.name}" and is "${node.name}" now`);
  switch (cursor.kind) {
    case 'answered':
      return cursor.verdict ? enter(node, state) : skip(node, 'condition');
    case 'entered':
      return node.kind === 'group'
        ? visitFirst(document, node, state)
        : mismatch(node.id, 'was a group and is a step now');
    case 'skipped':
      return advance(document, node, state);
    case 'left':
      return cursor.succeeded || node.continueOnError
        ? advance(document, node, state)
        : fail(document, node, state);
    case 'started':
      return interrupt(node, cursor.attempt);
    case 'again':
      return node.kind === 'step'
        ? askStep(node, cursor.attempt, state)
        : mismatch(node.id, 'was a step and is a group now');
    case 'finished':
  }
  return afterStep(document, node, cursor, state);
}

function afterStep(
  document: TaskSequence,
  node: SequenceNode,
  cursor: Cursor & { kind: 'finished' },
  state: RunState,
): Ask {
  if (!cursor.succeeded && !node.continueOnError) return fail(document, node, state);
  const requested = state.variables.value('SMSTSRebootRequested');
  if (requested !== undefined) {
    const target = requested.trim().toLowerCase() === 'winpe' ? 'pe' : 'disk';
    return { kind: 'restart', next: target, delayMs: rebootDelayMs(state) };
  }
  if (cursor.restart !== undefined) {
    const delayMs = cursor.restartDelayMs ?? rebootDelayMs(state);
    return { kind: 'restart', next: cursor.restart, delayMs };
  }
  return advance(document, node, state);
}

/** Seconds of notice that the sequence wishes for; none unless it says so, as nobody is there. */
function rebootDelayMs({ restarts, variables }: RunState): number {
  const later = restarts > 0 ? variables.value('SMSTSRebootDelayNext') : undefined;
  const seconds = Number(later ?? variables.value('SMSTSRebootDelay') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(Math.round(seconds), 3600) * 1000 : 0;
}

function visit(node: SequenceNode, state: RunState): Ask {
  if (node.disabled) return skip(node, 'disabled');
  if (node.condition === undefined) return enter(node, state);
  const { id, name, condition } = node;
  return { kind: 'condition', stepId: id, name, condition, variables: state.variables };
}

function enter(node: SequenceNode, state: RunState): Ask {
  if (node.kind === 'step') return askStep(node, 1, state);
  return record({ kind: 'group-entered', stepId: node.id, name: node.name });
}

/** What is asked for a step, with these variables put into its params. */
export function askStep(
  node: StepNode,
  attempt: number,
  { variables }: Pick<RunState, 'variables'>,
): Ask & { readonly kind: 'step' } {
  const { id, name, type, continueOnError, destructive } = node;
  const { params, unknown } = substituteParams(node.params, variables, node.verbatimParams);
  return {
    kind: 'step',
    stepId: id,
    name,
    type,
    attempt,
    params,
    unknownVariables: unknown,
    continueOnError,
    destructive,
    variables,
  };
}

/** The first of a group or of the whole document; an empty group is left at once. */
function visitFirst(document: TaskSequence, group: GroupNode | undefined, state: RunState): Ask {
  const first = (group ?? document).steps[0];
  if (first !== undefined) return visit(first, state);
  return group === undefined ? succeeded : leave(group, true);
}

/** On to the next sibling; after the last, out of the group. */
function advance(document: TaskSequence, node: SequenceNode, state: RunState): Ask {
  const parent = parentOf(document, node);
  const index = Number(node.id.slice(node.id.lastIndexOf('/') + 1));
  const sibling = (parent ?? document).steps[index + 1];
  if (sibling !== undefined) return visit(sibling, state);
  return parent === undefined ? succeeded : leave(parent, true);
}

/** The failure goes up: what is left of the group is not run; at the root the run fails. */
function fail(document: TaskSequence, node: SequenceNode, state: RunState): Ask {
  const parent = parentOf(document, node);
  if (parent !== undefined) return leave(parent, false);
  return state.lastFailure === null
    ? mismatch(node.id, 'failed, but the journal has no failed step')
    : failed(state.lastFailure);
}

function parentOf(document: TaskSequence, { id }: SequenceNode): GroupNode | undefined {
  const end = id.lastIndexOf('/');
  const parent = end < 0 ? undefined : findNode(document, id.slice(0, end));
  return parent?.kind === 'group' ? parent : undefined;
}

function interrupt(node: SequenceNode, attempt: number): Ask {
  const again = node.kind === 'step' && attempt < node.maxAttempts;
  return record({ kind: 'step-interrupted', stepId: node.id, name: node.name, attempt, again });
}

function skip(node: SequenceNode, reason: 'disabled' | 'condition'): Ask {
  return record({ kind: 'step-skipped', stepId: node.id, name: node.name, reason });
}

function leave({ id, name }: GroupNode, succeeded: boolean): Ask {
  return record({ kind: 'group-left', stepId: id, name, succeeded });
}

function record(fact: RunFact): Ask {
  return { kind: 'record', fact };
}

/** The machine came back somewhere else than it was sent to, or has not gone yet. */
function restartAgain(
  phase: 'restarting' | 'running',
  { next, tries }: { readonly next: NextBoot; readonly tries: number },
): Ask {
  if (phase === 'restarting' || tries < MAX_RESTART_TRIES)
    return { kind: 'restart', next, delayMs: 0 };
  const [wanted, came] =
    next === 'disk' ? ['the disk', 'the PE'] : ['the PE', 'the operating system on the disk'];
  return failed({
    stepId: null,
    name: '',
    code: 0x80004005,
    error: {
      code: 'restart.environment',
      message: `The machine was restarted ${tries} times to start from ${wanted}, but came back in ${came}`,
      hint: 'Look at the boot order in its firmware, and at what the boot server answered it.',
    },
  });
}

function mismatch(stepId: StepId, seen: string): Ask {
  return failed({
    stepId,
    name: '',
    code: 0x80004005,
    error: {
      code: 'run.document-mismatch',
      message: `The journal does not fit the task sequence: ${stepId} ${seen}`,
      hint: 'The journal belongs to another document; deploy the machine again from the beginning.',
    },
  });
}

const succeeded: Ask = {
  kind: 'finish',
  fact: { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' },
};

function failed({ code, error }: Failure): Ask {
  return {
    kind: 'finish',
    fact: { kind: 'run-finished', succeeded: false, code, error, next: 'disk' },
  };
}

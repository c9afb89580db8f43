import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import type { RunEvent, RunFact, VariableChange } from '#agent/protocol/run-event.ts';
import { RUN_SEQUENCE, SequenceReference } from '../child-sequence.ts';
import { evaluateCondition } from '../condition.ts';
import { next } from '../engine.ts';
import { parseTaskSequence } from '../schema.ts';
import { initialState, type RunState, reduce } from '../state.ts';
import { defineStep } from '../step.ts';
import type { StepRegistry, TaskSequence } from '../task-sequence.ts';

/** What a step of a test does: its exit code, or a whole result. */
export type Result =
  | number
  | {
      readonly code?: number;
      readonly succeeded?: boolean;
      readonly restart?: 'pe' | 'disk';
      readonly variables?: Readonly<Record<string, string>>;
    };

const act = defineStep({
  type: 'act',
  title: 'Act',
  menu: 'general',
  help: 'A step of a test.',
  action: 'now',
  needs: [],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params: z.strictObject({ text: z.string().max(100).optional(), number: z.int().optional() }),
  repeatable: true,
  destructive: false,
  references: () => [],
  async *run() {
    yield {};
    return {};
  },
});

/** Steps for tests of the engine: `act`, `act-once`, which may not be repeated, and what has a child. */
export const testSteps: StepRegistry = {
  act,
  'act-once': { ...act, type: 'act-once', title: 'Act Once', repeatable: false },
  [RUN_SEQUENCE]: {
    ...act,
    type: RUN_SEQUENCE,
    title: 'Run Task Sequence',
    menu: 'general',
    help: 'A step of a test.',
    action: 'now',
    params: z.strictObject({ sequence: SequenceReference }),
  },
};

/** A step `act` of that name. */
export function step(name: string, more: object = {}) {
  return { step: name, type: 'act', ...more };
}
export function group(name: string, steps: readonly object[], more: object = {}) {
  return { group: name, steps, ...more };
}
/** A Run Task Sequence step with its child put in. */
export function child(name: string, steps: readonly object[], more: object = {}) {
  return {
    step: name,
    type: RUN_SEQUENCE,
    params: { sequence: { name } },
    child: { id: 'TSCHILD', name, version: 1, steps },
    ...more,
  };
}
export function sequence(...steps: readonly object[]): TaskSequence {
  return parseTaskSequence({ name: 'test', steps }, testSteps);
}
/** A condition on one variable. */
export function when(variable: string, operator: string, value?: string) {
  return { kind: 'variable', variable, operator, ...(value === undefined ? {} : { value }) };
}

/** The run that all events of these tests are of. */
export const runId = RunId.parse('00000000-0000-4000-8000-000000000001');

/** Folds facts, numbered in order. */
export function fold(facts: readonly RunFact[]): RunState {
  return toEvents(facts).reduce(reduce, initialState());
}
export function toEvents(facts: readonly RunFact[]): readonly RunEvent[] {
  return facts.map((fact, index) => ({ runId, seq: index + 1, atMs: 0, fact }));
}
export function started(variables: Readonly<Record<string, string>> = {}): RunFact {
  return {
    kind: 'run-started',
    documentSha256: 'd',
    agentVersion: 'v',
    machineKey: 'k',
    variables: changes(variables),
    environment: 'linux-pe',
  };
}
function changes(variables: Readonly<Record<string, string>>): VariableChange[] {
  return Object.entries(variables).map(([name, value]) => ({ name, value, secret: false }));
}

export interface Played {
  /** What happened, a word and a name each: `run Step 1`, `skip Step 2`, `restart disk`, `failed 5`. */
  readonly trace: readonly string[];
  readonly facts: readonly RunFact[];
  readonly state: RunState;
}

/**
 * Plays a sequence to its end. `results` has what each step does, by name, in the order of its attempts;
 * a step that is not in it succeeds. A restart comes back at once, where it was to lead.
 */
export function play(
  document: TaskSequence,
  results: Readonly<Record<string, Result | readonly Result[]>> = {},
  variables: Readonly<Record<string, string>> = {},
): Played {
  const facts: RunFact[] = [started(variables)];
  const trace: string[] = [];
  let state = fold(facts);
  const tell = (fact: RunFact): void => {
    facts.push(fact);
    state = reduce(state, { runId, seq: facts.length, atMs: 0, fact });
  };
  for (;;) {
    const ask = next(document, state);
    switch (ask.kind) {
      case 'record':
        if (ask.fact.kind === 'step-skipped') trace.push(`skip ${ask.fact.name}`);
        if (ask.fact.kind === 'group-entered') trace.push(`enter ${ask.fact.name}`);
        if (ask.fact.kind === 'group-left')
          trace.push(`${ask.fact.succeeded ? 'leave' : 'abort'} ${ask.fact.name}`);
        tell(ask.fact);
        break;
      case 'condition': {
        const { verdict, detail } = evaluateCondition(ask.condition, ask.variables);
        tell({ kind: 'condition-answered', stepId: ask.stepId, verdict, detail });
        break;
      }
      case 'step': {
        const { stepId, name, attempt } = ask;
        trace.push(`run ${name}`);
        tell({ kind: 'step-started', stepId, name, attempt });
        const result = resultOf(results[name], attempt);
        tell({ kind: 'step-finished', stepId, name, attempt, durationMs: 0, ...result });
        break;
      }
      case 'restart':
        trace.push(`restart ${ask.next}`);
        tell({ kind: 'restart-requested', next: ask.next, delayMs: ask.delayMs });
        tell({
          kind: 'resumed',
          environment: ask.next === 'disk' ? 'full-os' : 'linux-pe',
          from: 'journal',
        });
        break;
      case 'finish':
        trace.push(ask.fact.succeeded ? 'succeeded' : `failed ${ask.fact.code}`);
        tell(ask.fact);
        break;
      case 'done':
        return { trace, facts, state };
    }
  }
}

function resultOf(given: Result | readonly Result[] | undefined, attempt: number) {
  const result: Result = (isList(given) ? given[attempt - 1] : given) ?? 0;
  const {
    code = 0,
    succeeded = code === 0,
    restart,
    variables = {},
  } = typeof result === 'number' ? { code: result } : result;
  return {
    code,
    succeeded,
    variables: changes(variables),
    ...(restart === undefined ? {} : { restart }),
  };
}

function isList(given: Result | readonly Result[] | undefined): given is readonly Result[] {
  return Array.isArray(given);
}

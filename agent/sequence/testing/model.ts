/**
 * The rules of a task sequence (reference: conditions, sections 3, 5 and 7), as plainly as they can be
 * said: one recursion over the document as it is written. It shares nothing with the engine, the reader
 * of documents or the decision of conditions, so that what they all agree on is no common mistake.
 */

/** A group, a step, or a Run Task Sequence step with its child, as a document has them. */
export interface WrittenNode {
  readonly group?: string;
  readonly step?: string;
  readonly type?: string;
  readonly disabled?: boolean;
  readonly continueOnError?: boolean;
  readonly condition?: WrittenCondition;
  readonly params?: unknown;
  readonly steps?: readonly WrittenNode[];
  readonly child?: { readonly steps: readonly WrittenNode[] };
}
export type WrittenCondition =
  | { readonly all: readonly WrittenCondition[] }
  | { readonly any: readonly WrittenCondition[] }
  | { readonly none: readonly WrittenCondition[] }
  | {
      readonly kind: 'variable';
      readonly variable: string;
      readonly operator: string;
      readonly value?: string;
    };

/** What one attempt of a step does; `cut`: the power goes while it runs. */
export type Attempt =
  | 'cut'
  | {
      readonly code: number;
      readonly succeeded: boolean;
      readonly variables: Readonly<Record<string, string>>;
      readonly restart?: 'pe' | 'disk';
    };

/** What happens to a run. */
export interface Story {
  /** By the id of their step, in order; an attempt not told of is what `effect` says, or succeeds. */
  readonly attempts: Readonly<Record<string, readonly Attempt[]>>;
  readonly variables: Readonly<Record<string, string>>;
  /** The how-manieth restart has nothing to come back to, from 1; 0: each has. */
  readonly refusedRestart: number;
  /** What a step does, with the variables as they are then. */
  readonly effect?: (step: WrittenNode, values: ReadonlyMap<string, string>) => Attempt | undefined;
}

export interface ModelRun {
  /** `decide 0 true`, `skip 0 disabled`, `enter 1`, `run 1/0 5 failed`, `cut 1/0`, `restart pe`, `leave 1 ok`. */
  readonly trace: readonly string[];
  /** By their names in small letters. */
  readonly variables: ReadonlyMap<string, string>;
  /** 0 for a run that succeeded; else what it failed with. */
  readonly code: number;
}

const SUCCESS: Attempt = { code: 0, succeeded: true, variables: {} };
/** A failure that no Continue on error forgives. */
class NeverForgiven extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`failed with ${code}`);
    this.code = code;
  }
}

/** Runs a document by the rules. */
export function runModel(document: readonly WrittenNode[], story: Story): ModelRun {
  const trace: string[] = [];
  const values = new Map<string, string>();
  let restarts = 0;
  const set = (name: string, value: string): void => {
    if (value === '') values.delete(name.toLowerCase());
    else values.set(name.toLowerCase(), value);
  };

  /** The code of the first failure that comes out of these nodes, or undefined. */
  function runAll(nodes: readonly WrittenNode[], path: string): number | undefined {
    for (const [index, node] of nodes.entries()) {
      const failure = run(node, `${path}${index}`);
      if (failure !== undefined && node.continueOnError !== true) return failure;
    }
    return undefined;
  }

  function run(node: WrittenNode, id: string): number | undefined {
    if (node.disabled === true) return void trace.push(`skip ${id} disabled`);
    if (node.condition !== undefined) {
      const verdict = holds(node.condition, values);
      trace.push(`decide ${id} ${verdict}`);
      if (!verdict) return void trace.push(`skip ${id} condition`);
    }
    const children = node.steps ?? node.child?.steps;
    if (children === undefined) return runStep(node, id);
    trace.push(`enter ${id}`);
    const failure = runAll(children, `${id}/`);
    trace.push(`leave ${id} ${failure === undefined ? 'ok' : 'failed'}`);
    return failure;
  }

  function runStep(node: WrittenNode, id: string): number | undefined {
    const { step = '', type, continueOnError } = node;
    for (let number = 1; ; number++) {
      set('_SMSTSCurrentActionName', step);
      const attempt = story.attempts[id]?.[number - 1] ?? story.effect?.(node, values) ?? SUCCESS;
      if (attempt === 'cut') {
        trace.push(`cut ${id}`);
        if (type === 'act-once' || number === 10) throw new NeverForgiven(0x800704c7);
        continue;
      }
      const { code, succeeded } = attempt;
      trace.push(`run ${id} ${code} ${succeeded ? 'ok' : 'failed'}`);
      for (const [name, value] of Object.entries(attempt.variables)) set(name, value);
      set('_SMSTSLastActionName', step);
      set('_SMSTSLastActionRetCode', String(code));
      set('_SMSTSLastActionSucceeded', String(succeeded));
      if (!succeeded && continueOnError !== true) return code;
      const wish = values.get('smstsrebootrequested');
      const target = wish === undefined ? attempt.restart : wish === 'WinPE' ? 'pe' : 'disk';
      if (target === undefined) return succeeded ? undefined : code;
      restarts += 1;
      if (restarts === story.refusedRestart) throw new NeverForgiven(0x80004005);
      trace.push(`restart ${target}`);
      set('_SMSTSInWinPE', String(target === 'pe'));
      const again = wish !== undefined && values.get('smstsretryrequested') === 'true';
      set('SMSTSRebootRequested', '');
      if (wish !== undefined) set('SMSTSRetryRequested', '');
      if (!again) return succeeded ? undefined : code;
    }
  }

  for (const [name, value] of Object.entries(story.variables)) set(name, value);
  set('_SMSTSInWinPE', 'true');
  try {
    return { trace, variables: values, code: runAll(document, '') ?? 0 };
  } catch (error) {
    if (!(error instanceof NeverForgiven)) throw error;
    return { trace, variables: values, code: error.code };
  }
}

function holds(condition: WrittenCondition, values: ReadonlyMap<string, string>): boolean {
  if ('all' in condition) return condition.all.every((inner) => holds(inner, values));
  if ('any' in condition) return condition.any.some((inner) => holds(inner, values));
  if ('none' in condition) return !condition.none.some((inner) => holds(inner, values));
  const actual = values.get(condition.variable.toLowerCase()) ?? '';
  const [one, other] = [actual.toLowerCase(), condition.value?.toLowerCase() ?? ''];
  const numbers = /^\d+$/.test(one) && /^\d+$/.test(other);
  if (condition.operator === 'exists') return actual !== '';
  if (condition.operator === 'notExists') return actual === '';
  if (condition.operator === 'equals') return one === other;
  if (condition.operator === 'notEquals') return one !== other;
  if (condition.operator === 'greater') return numbers ? Number(one) > Number(other) : one > other;
  throw new RangeError(`the model knows no ${condition.operator}`);
}

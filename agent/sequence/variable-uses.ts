import { expressionsOf } from './condition/tree.ts';
import type { Condition, Expression } from './condition.ts';
import type { SequenceNode, StepNode, StepRegistry } from './task-sequence.ts';
import { VARIABLE_MARK } from './variables.ts';

/** One place of a task sequence where a variable is set or read. */
export interface VariableUse {
  /**
   * `sets`: a name given to be set. `keeps`: a variable that receives what a step prints. `names`: one
   * that a setting names, to be read or written. `reads`: a condition or `%Name%`.
   */
  readonly kind: 'sets' | 'keeps' | 'names' | 'reads';
  readonly path: string;
  readonly name: string;
  /** What it is set to, where the document says so. */
  readonly value?: string;
  /** Of a condition: it holds where the variable is not set. */
  readonly holdsWithout?: true;
}

/** Steps whose params list variables as `{ name, value }`. */
const settingSteps: ReadonlySet<string> = new Set(['set-variable', 'set-dynamic-variables']);
/** Params of any step that name a variable. */
const namingParams: Readonly<Record<string, 'keeps' | 'names'>> = {
  outputVariable: 'keeps',
  variable: 'names',
};
/** Deeper than any params are; a document may be. */
const MAX_DEPTH = 32;

/** Where a task sequence sets and reads variables, disabled steps too, in the order of the document. */
export function* variableUses(
  nodes: readonly SequenceNode[],
  registry: StepRegistry,
  base = '',
): Generator<VariableUse> {
  for (const node of nodes) {
    // The index in the document: a node with a fault may be missing from the list.
    const path = `${base}steps[${node.id.slice(node.id.lastIndexOf('/') + 1)}]`;
    if (node.condition !== undefined) yield* conditionUses(node.condition, `${path}.condition`);
    if (node.kind === 'group') {
      const inside = node.child === undefined ? `${path}.` : `${path}.child.`;
      yield* variableUses(node.steps, registry, inside);
      continue;
    }
    const definition = Object.hasOwn(registry, node.type) ? registry[node.type] : undefined;
    const isVerbatim = new Set(definition?.verbatimParams);
    const sets = settingSteps.has(node.type);
    if (sets) yield* assignment(node.params, `${path}.params`);
    for (const [key, value] of Object.entries(node.params))
      yield* paramUses(value, { path: `${path}.params.${key}`, key, sets, depth: 1 }, isVerbatim);
  }
}

/** What a Set Task Sequence Variable step sets; undefined where its name is made of variables. */
export function assignmentOf({ type, params }: StepNode): VariableUse | undefined {
  return type === 'set-variable' ? assignment(params, 'params').next().value : undefined;
}

interface Place {
  readonly path: string;
  readonly key: string;
  /** Whether `{ name, value }` in here sets a variable. */
  readonly sets: boolean;
  readonly depth: number;
}

function* paramUses(
  value: unknown,
  { path, key, sets, depth }: Place,
  isVerbatim: ReadonlySet<string>,
): Generator<VariableUse> {
  if (typeof value === 'string') {
    const naming = Object.hasOwn(namingParams, key) ? namingParams[key] : undefined;
    if (naming !== undefined) yield* named(naming, path, value);
    if (!isVerbatim.has(key)) yield* marks(value, path);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  if (sets && !Array.isArray(value)) yield* assignment(value, path);
  // A condition of a rule: what it looks at is read.
  const looksAt: unknown = Reflect.get(value, 'variable');
  const isLooked = Reflect.get(value, 'kind') === 'variable' && typeof looksAt === 'string';
  if (isLooked) yield { kind: 'reads', path: `${path}.variable`, name: looksAt.trim() };
  for (const [inner, each] of Object.entries(value)) {
    if (isLooked && inner === 'variable') continue;
    const at = Array.isArray(value) ? `${path}[${inner}]` : `${path}.${inner}`;
    const innerKey = Array.isArray(value) ? key : inner;
    yield* paramUses(each, { path: at, key: innerKey, sets, depth: depth + 1 }, isVerbatim);
  }
}

function* assignment(value: object, path: string): Generator<VariableUse, undefined> {
  const name: unknown = Reflect.get(value, 'name');
  const given: unknown = Reflect.get(value, 'value');
  if (typeof name !== 'string') return;
  const isText = ['string', 'number', 'boolean'].includes(typeof given);
  for (const use of named('sets', `${path}.name`, name))
    yield isText ? { ...use, value: String(given) } : use;
}

/** A name that is made of variables is only known when it runs. */
function* named(
  kind: 'sets' | 'keeps' | 'names',
  path: string,
  text: string,
): Generator<VariableUse> {
  if (text.search(VARIABLE_MARK) < 0) yield { kind, path, name: text.trim() };
}

function* marks(text: string, path: string): Generator<VariableUse> {
  if (!text.includes('%')) return;
  for (const [, name] of text.matchAll(VARIABLE_MARK))
    if (name !== undefined) yield { kind: 'reads', path, name };
}

function* conditionUses(condition: Condition, at: string): Generator<VariableUse> {
  for (const { expression, path } of expressionsOf<Expression>(condition, at)) {
    if (expression.kind === 'variable') {
      const { operator } = expression;
      const name = expression.variable.trim();
      const holdsWithout = operator === 'notExists' || operator === 'notEquals';
      yield {
        kind: 'reads',
        path: `${path}.variable`,
        name,
        ...(holdsWithout ? { holdsWithout } : {}),
      };
    }
    for (const [key, value] of Object.entries(expression))
      if (typeof value === 'string') yield* marks(value, `${path}.${key}`);
  }
}

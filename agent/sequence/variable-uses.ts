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

/**
 * Where a task sequence sets and reads variables, disabled steps too, in the order of the document. They
 * are collected in one list: generators within generators take several times as long.
 */
export function variableUses(
  nodes: readonly SequenceNode[],
  registry: StepRegistry,
): readonly VariableUse[] {
  const uses: VariableUse[] = [];
  collect(nodes, registry, '', uses);
  return uses;
}

function collect(
  nodes: readonly SequenceNode[],
  registry: StepRegistry,
  base: string,
  uses: VariableUse[],
): void {
  for (const node of nodes) {
    // The index in the document: a node with a fault may be missing from the list.
    const path = `${base}steps[${node.id.slice(node.id.lastIndexOf('/') + 1)}]`;
    if (node.condition !== undefined) conditionUses(node.condition, `${path}.condition`, uses);
    if (node.kind === 'group') {
      const inside = node.child === undefined ? `${path}.` : `${path}.child.`;
      collect(node.steps, registry, inside, uses);
      continue;
    }
    const definition = Object.hasOwn(registry, node.type) ? registry[node.type] : undefined;
    const { verbatimParams = none } = definition ?? {};
    const sets = settingSteps.has(node.type);
    if (sets) assignment(node.params, `${path}.params`, uses);
    const inside = { sets, verbatimParams, uses };
    for (const [key, value] of Object.entries(node.params))
      paramUses(value, { path: `${path}.params.${key}`, key, depth: 1 }, inside);
  }
}

const none: readonly string[] = [];

/** What a Set Task Sequence Variable step sets; undefined where its name is made of variables. */
export function assignmentOf({ type, params }: StepNode): VariableUse | undefined {
  const uses: VariableUse[] = [];
  if (type === 'set-variable') assignment(params, 'params', uses);
  return uses[0];
}

interface Place {
  readonly path: string;
  readonly key: string;
  readonly depth: number;
}
interface Inside {
  /** Whether `{ name, value }` in here sets a variable. */
  readonly sets: boolean;
  readonly verbatimParams: readonly string[];
  readonly uses: VariableUse[];
}

function paramUses(value: unknown, { path, key, depth }: Place, inside: Inside): void {
  const { sets, verbatimParams, uses } = inside;
  if (typeof value === 'string') {
    const naming = Object.hasOwn(namingParams, key) ? namingParams[key] : undefined;
    if (naming !== undefined) named({ kind: naming, path, name: value }, uses);
    if (!verbatimParams.includes(key)) marks(value, path, uses);
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return;
  const isList = Array.isArray(value);
  if (sets && !isList) assignment(value, path, uses);
  // A condition of a rule: what it looks at is read.
  const looksAt: unknown = Reflect.get(value, 'variable');
  const isLooked = Reflect.get(value, 'kind') === 'variable' && typeof looksAt === 'string';
  if (isLooked) uses.push({ kind: 'reads', path: `${path}.variable`, name: looksAt.trim() });
  for (const [inner, each] of Object.entries(value)) {
    if (isLooked && inner === 'variable') continue;
    const at = isList ? `${path}[${inner}]` : `${path}.${inner}`;
    paramUses(each, { path: at, key: isList ? key : inner, depth: depth + 1 }, inside);
  }
}

function assignment(value: object, path: string, uses: VariableUse[]): void {
  const name: unknown = Reflect.get(value, 'name');
  const given: unknown = Reflect.get(value, 'value');
  if (typeof name !== 'string') return;
  const isText = ['string', 'number', 'boolean'].includes(typeof given);
  const use = { kind: 'sets', path: `${path}.name`, name } as const;
  named(isText ? { ...use, value: String(given) } : use, uses);
}

/** A name that is made of variables is only known when it runs. */
function named(use: VariableUse, uses: VariableUse[]): void {
  if (use.name.search(VARIABLE_MARK) < 0) uses.push({ ...use, name: use.name.trim() });
}

function marks(text: string, path: string, uses: VariableUse[]): void {
  if (!text.includes('%')) return;
  for (const [, name] of text.matchAll(VARIABLE_MARK))
    if (name !== undefined) uses.push({ kind: 'reads', path, name });
}

function conditionUses(condition: Condition, at: string, uses: VariableUse[]): void {
  for (const { expression, path } of expressionsOf<Expression>(condition, at)) {
    if (expression.kind === 'variable') {
      const { operator } = expression;
      const name = expression.variable.trim();
      const holdsWithout = operator === 'notExists' || operator === 'notEquals';
      uses.push({
        kind: 'reads',
        path: `${path}.variable`,
        name,
        ...(holdsWithout ? { holdsWithout } : {}),
      });
    }
    for (const [key, value] of Object.entries(expression))
      if (typeof value === 'string') marks(value, `${path}.${key}`, uses);
  }
}

import { z } from 'zod';
import { type Condition, Expression } from './condition.ts';
import type { SequenceProblem } from './sequence-error.ts';
import { problemOf } from './step-params.ts';

const MAX_CONDITION_DEPTH = 16;
const MAX_CONDITION_NODES = 1000;

/** Whom to tell of what is wrong with a condition. */
type Report = (problem: SequenceProblem) => void;

/** Reads the condition of the node at `path`; undefined where there is none, or where it has problems. */
export function readCondition(value: unknown, path: string, report: Report): Condition | undefined {
  if (value === undefined) return undefined;
  return readConditionNode(report, value, `${path}.condition`, 1, { nodes: 0 });
}

const ConditionGroup = z.union([
  z.strictObject({ all: z.array(z.unknown()) }),
  z.strictObject({ any: z.array(z.unknown()) }),
  z.strictObject({ none: z.array(z.unknown()) }),
]);

function readConditionNode(
  report: Report,
  value: unknown,
  path: string,
  depth: number,
  count: { nodes: number },
): Condition | undefined {
  if (depth > MAX_CONDITION_DEPTH || ++count.nodes > MAX_CONDITION_NODES) {
    const message = `a condition nests at most ${MAX_CONDITION_DEPTH} deep and has at most ${MAX_CONDITION_NODES} parts`;
    report({ path, code: 'sequence.condition-size', message });
    return undefined;
  }
  const group = ConditionGroup.safeParse(value);
  if (!group.success) return readExpression(report, value, path);
  const read = (word: string, values: readonly unknown[]): Condition[] =>
    values.flatMap(
      (inner, index) =>
        readConditionNode(report, inner, `${path}.${word}[${index}]`, depth + 1, count) ?? [],
    );
  if ('all' in group.data) return { all: read('all', group.data.all) };
  if ('any' in group.data) return { any: read('any', group.data.any) };
  return { none: read('none', group.data.none) };
}

function readExpression(report: Report, value: unknown, path: string): Condition | undefined {
  if (typeof value === 'object' && value !== null && 'kind' in value)
    return readLeaf(report, value, path);
  report({
    path,
    code: 'sequence.condition',
    message: 'must be one of all, any, none with a list, or an expression with its kind',
    hint: '{ kind: variable, variable: _SMSTSBootUEFI, operator: equals, value: true }',
  });
  return undefined;
}

function readLeaf(report: Report, value: unknown, path: string): Condition | undefined {
  const parsed = Expression.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) report(problemOf(issue, path));
  return undefined;
}

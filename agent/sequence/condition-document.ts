import { closest } from './closest.ts';
import { MAX_CONDITION_DEPTH, MAX_CONDITION_NODES, readGroup } from './condition/tree.ts';
import { type Condition, Expression } from './condition.ts';
import type { SequenceProblem } from './sequence-error.ts';
import { problemOf } from './step-params.ts';
import { VARIABLE_MARK } from './variables.ts';
import { parseWql } from './wql/parse.ts';
import { WqlError } from './wql/wql-error.ts';

/** Whom to tell of what is wrong with a condition. */
type Report = (problem: SequenceProblem) => void;

/** Reads the condition of the node at `path`; undefined where there is none, or where it has problems. */
export function readCondition(value: unknown, path: string, report: Report): Condition | undefined {
  if (value === undefined) return undefined;
  return readConditionNode(report, value, `${path}.condition`, 1, { nodes: 0 });
}

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
  const group = readGroup(value);
  if (group === undefined) return readExpression(report, value, path);
  const { word, list } = group;
  const inner = list.flatMap(
    (inner: unknown, index) =>
      readConditionNode(report, inner, `${path}.${word}[${index}]`, depth + 1, count) ?? [],
  );
  if (word === 'all') return { all: inner };
  return word === 'any' ? { any: inner } : { none: inner };
}

/** The kinds of an expression, in the words of a document. */
const kinds = Expression.options.map(({ shape }) => shape.kind.value);

function readExpression(report: Report, value: unknown, path: string): Condition | undefined {
  if (typeof value !== 'object' || value === null || !('kind' in value)) {
    report({
      path,
      code: 'sequence.condition',
      message: 'must be one of all, any, none with a list, or an expression with its kind',
      hint: '{ kind: variable, variable: _SMSTSBootUEFI, operator: equals, value: true }',
    });
    return undefined;
  }
  const { kind } = value;
  if (typeof kind === 'string' && kinds.every((known) => known !== kind)) {
    report(unknownKind(kind, `${path}.kind`));
    return undefined;
  }
  return readLeaf(report, value, path);
}

function unknownKind(kind: string, path: string): SequenceProblem {
  const shown = JSON.stringify(kind.length > 40 ? `${kind.slice(0, 40)}…` : kind);
  const near = kind.length > 40 ? [] : closest(kind, kinds);
  const hint =
    near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Known kinds: ${kinds.join(', ')}`;
  const message = `there is no kind of condition ${shown}`;
  return { path, code: 'sequence.field', message, hint };
}

function readLeaf(report: Report, value: unknown, path: string): Condition | undefined {
  const { data, error } = Expression.safeParse(value);
  if (data === undefined) {
    for (const issue of error.issues) report(problemOf(issue, path));
    return undefined;
  }
  const fault = data.kind === 'wmi' ? queryProblem(data.query, `${path}.query`) : undefined;
  if (fault === undefined) return data;
  report(fault);
  return undefined;
}

/**
 * What is wrong with a query as it stands in the document. One that begins well and comes to a `%Name%`
 * cannot be judged before the run; one that is only not supported here may be understood by WMI.
 */
function queryProblem(query: string, path: string): SequenceProblem | undefined {
  try {
    parseWql(query);
    return undefined;
  } catch (error) {
    if (!(error instanceof WqlError)) throw error;
    const { code, message, hint, position } = error;
    const isOpen = query.slice(position).search(VARIABLE_MARK) === 0;
    if (isOpen || code === 'wql.unsupported') return undefined;
    return { path, code, message, ...(hint === undefined ? {} : { hint }) };
  }
}

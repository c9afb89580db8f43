import type { ImportedSequence } from '../imported-sequence.ts';
import type { ImportCounts } from './schema.ts';

/** What there is in a sequence, and how it was mapped. */
export function countSequence({ nodes, comments }: ImportedSequence): ImportCounts {
  const how = { typed: 0, equivalent: 0, 'built-in': 0, 'command-line': 0, unsupported: 0 };
  let [groups, conditions, expressions, mappedExpressions] = [0, 0, 0, 0];
  for (const node of nodes) {
    if (node.how === undefined) groups++;
    else how[node.how]++;
    if (node.expressions > 0) conditions++;
    expressions += node.expressions;
    mappedExpressions += node.mappedExpressions;
  }
  return {
    groups,
    steps: nodes.length - groups,
    how,
    conditions,
    expressions,
    mappedExpressions,
    comments: [...comments.values()].reduce((sum, list) => sum + list.length, 0),
  };
}

/** Counts of several sequences together. */
export function sumCounts(list: readonly ImportCounts[]): ImportCounts {
  const sum = (of: (counts: ImportCounts) => number): number =>
    list.reduce((total, counts) => total + of(counts), 0);
  return {
    groups: sum(({ groups }) => groups),
    steps: sum(({ steps }) => steps),
    how: {
      typed: sum(({ how }) => how.typed),
      equivalent: sum(({ how }) => how.equivalent),
      'built-in': sum(({ how }) => how['built-in']),
      'command-line': sum(({ how }) => how['command-line']),
      unsupported: sum(({ how }) => how.unsupported),
    },
    conditions: sum(({ conditions }) => conditions),
    expressions: sum(({ expressions }) => expressions),
    mappedExpressions: sum(({ mappedExpressions }) => mappedExpressions),
    comments: sum(({ comments }) => comments),
  };
}

/**
 * How many of a hundred, one decimal, rounded down: 100 means all. Nothing of nothing is all of it.
 */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === whole) return '100 %';
  return `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`;
}

/** Steps that do here what they did: by steps of their own, by others, or by the agent itself. */
export function mappedSteps({ how }: ImportCounts): number {
  return how.typed + how.equivalent + how['built-in'];
}

/** A number as people read it: `4,868`. */
export function numberText(value: number): string {
  return value.toLocaleString('en-US');
}

/** So many of something: `1 step`, `4,868 steps`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

/** On how many nodes of a sequence conditions stand. */
export function conditionsText({ conditions }: Pick<ImportCounts, 'conditions'>): string {
  return plural(conditions, 'group or step', 'groups and steps');
}

/** How it is counted, for those who read the numbers. */
export const COUNTED =
  'A step counts as mapped where the step of that name does it here, or other steps do the same, or the agent itself does it. Disabled steps count, groups do not.';

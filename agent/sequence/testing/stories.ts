import * as fc from 'fast-check';
import type { Cut } from './live.ts';
import type { Attempt, Story, WrittenCondition, WrittenNode } from './model.ts';
import { child, group, step } from './play.ts';

/** Steps and groups of one document; the rest of a larger tree is left out. */
const MAX_NODES = 60;
const MAX_DEPTH = 5;

const text = fc.constantFrom('', '1', '2', '10');
const names = ['X', 'Y', '_SMSTSLastActionRetCode', '_SMSTSLastActionSucceeded', '_SMSTSInWinPE'];
const expression: fc.Arbitrary<WrittenCondition> = fc.oneof(
  fc.record({
    kind: fc.constant('variable' as const),
    variable: fc.constantFrom(...names, 'x', 'Gone'),
    operator: fc.constantFrom('equals', 'notEquals', 'greater'),
    value: fc.constantFrom('1', '5', 'true', 'FALSE'),
  }),
  fc.record({
    kind: fc.constant('variable' as const),
    variable: fc.constantFrom(...names),
    operator: fc.constantFrom('exists', 'notExists'),
  }),
);

const { condition } = fc.letrec<{ condition: WrittenCondition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    expression,
    fc.record({ all: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('condition'), { maxLength: 3 }) }),
    fc.record({ none: fc.array(tie('condition'), { maxLength: 3 }) }),
  ),
}));

const often = (of: number) => fc.nat(of).map((number) => number > 0);
const options = fc
  .record({
    disabled: often(8).map((yes) => !yes),
    continueOnError: often(2),
    condition: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: condition },
    ),
  })
  .map(({ condition, ...flags }) => ({
    ...flags,
    ...(condition === undefined ? {} : { condition }),
  }));
const name = fc.constantFrom('A', 'B', 'C');
const leaf = fc
  .tuple(name, options, fc.constantFrom('act', 'act', 'act-once'))
  .map(([name, more, type]) => step(name, { ...more, type }));

function nodes(depth: number): fc.Arbitrary<WrittenNode[]> {
  const inner: fc.Arbitrary<WrittenNode> =
    depth === 1
      ? leaf
      : fc.oneof(
          { weight: 3, arbitrary: leaf },
          {
            weight: 2,
            arbitrary: fc
              .tuple(name, nodes(depth - 1), options, often(3))
              .map(([name, steps, more, plain]) => (plain ? group : child)(name, steps, more)),
          },
        );
  return fc.array(inner, { maxLength: 7, size: 'max' });
}

/** The steps of a document: groups and child sequences of up to five levels. */
const documents: fc.Arbitrary<readonly WrittenNode[]> = nodes(MAX_DEPTH)
  .map((nodes) => pruned(nodes, { left: MAX_NODES }))
  .filter((nodes) => nodes.length > 0);

function pruned(nodes: readonly WrittenNode[], room: { left: number }): WrittenNode[] {
  return nodes.flatMap((node) => {
    if (room.left-- <= 0) return [];
    if (node.steps !== undefined) return { ...node, steps: pruned(node.steps, room) };
    if (node.child === undefined) return node;
    return { ...node, child: { ...node.child, steps: pruned(node.child.steps, room) } };
  });
}

const target = fc.constantFrom('pe', 'disk');
const variables = fc.dictionary(fc.constantFrom('X', 'x', 'Y', 'Z'), text, { maxKeys: 2 });
const requests = fc.constantFrom(
  { SMSTSRebootRequested: 'HD' },
  { SMSTSRebootRequested: 'WinPE' },
  { SMSTSRebootRequested: 'HD', SMSTSRetryRequested: 'true' },
  { SMSTSRebootRequested: 'WinPE', SMSTSRetryRequested: 'true' },
  { SMSTSRetryRequested: 'true' },
);
/** How one attempt ends, the power cut not being among it. */
const ending: fc.Arbitrary<Attempt> = fc.oneof(
  { weight: 2, arbitrary: variables.map((variables) => ({ code: 0, succeeded: true, variables })) },
  fc.record({ code: fc.constantFrom(1, 5), succeeded: fc.boolean(), variables }),
  fc.record({ code: fc.constant(3010), succeeded: fc.boolean(), variables, restart: target }),
  fc.record({ code: fc.constantFrom(0, 7), succeeded: fc.boolean(), variables: requests }),
);

/** What happens to the steps of any document, in their order; a step may also do nothing but succeed. */
function tales(attempts: fc.Arbitrary<readonly Attempt[]>) {
  return fc.record({
    attempts: fc.array(fc.option(attempts, { nil: [], freq: 2 }), {
      maxLength: MAX_NODES,
      size: 'max',
    }),
    variables,
    refusedRestart: fc.constantFrom(0, 0, 0, 1, 2),
  });
}

/** A document, and a story of it. */
export interface Case {
  readonly written: readonly WrittenNode[];
  readonly story: Story;
}
function casesOf(attempts: fc.Arbitrary<readonly Attempt[]>): fc.Arbitrary<Case> {
  return fc.tuple(documents, tales(attempts)).map(([written, { attempts, ...more }]) => {
    const ids = stepIds(written, '');
    return {
      written,
      story: {
        ...more,
        attempts: Object.fromEntries(ids.map((id, index) => [id, attempts[index] ?? []])),
      },
    };
  });
}

function stepIds(nodes: readonly WrittenNode[], path: string): string[] {
  return nodes.flatMap(({ steps, child }, index) => {
    const inner = steps ?? child?.steps;
    return inner === undefined ? `${path}${index}` : stepIds(inner, `${path}${index}/`);
  });
}

const upTo4 = { minLength: 1, maxLength: 4 };
/** Cases in which the power stays, but for cuts that are given beside them. */
export const cases: fc.Arbitrary<Case> = casesOf(fc.array(ending, upTo4));
const power = fc.constant<Attempt>('cut');
/** Cases in which the power goes in the middle of steps, sometimes each time they are tried. */
export const darkCases: fc.Arbitrary<Case> = casesOf(
  fc.oneof(
    { weight: 9, arbitrary: fc.array(fc.oneof(ending, ending, ending, power), upTo4) },
    { weight: 1, arbitrary: fc.array(power, { minLength: 9, maxLength: 11 }) },
  ),
);
/** Power cuts at any fact of a run. */
export const cuts: fc.Arbitrary<readonly Cut[]> = fc.uniqueArray(
  fc.record({ after: fc.integer({ min: 1, max: 120 }), kept: fc.boolean(), astray: fc.boolean() }),
  { selector: ({ after }) => after, maxLength: 8, size: 'max' },
);

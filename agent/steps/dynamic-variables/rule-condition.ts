/** The condition of a rule: a tree as those of steps are, with leaves that only rules have. */
import { z } from 'zod';
import {
  type Tree as ConditionTree,
  MAX_CONDITION_DEPTH,
  MAX_CONDITION_NODES,
  readGroup,
} from '#agent/sequence/condition/tree.ts';
import { VariableExpression, variableOperators } from '#agent/sequence/condition/variable.ts';

/** Texts in one list of a rule. */
const MAX_TEXTS = 1000;

/** YAML reads 0123 as a number, without its zero. */
const wanted = (what: string) => ({
  error: ({ code }: { readonly code: string }) =>
    code === 'invalid_type' ? `is ${what}: put it in quotes, "0123"` : undefined,
});
const Text = z.string(wanted('text')).trim().min(1).max(256);
/** One text, or several of which one must fit. */
const Texts = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(Text, wanted('text, or a list of texts')).min(1).max(MAX_TEXTS),
);

/** Computer: one value of one of the lists is that of this machine. */
const ComputerExpression = z
  .strictObject({
    kind: z.literal('computer'),
    assetTag: Texts.optional(),
    uuid: Texts.optional(),
    serialNumber: Texts.optional(),
    macAddress: Texts.optional(),
  })
  .refine(
    ({ assetTag, uuid, serialNumber, macAddress }) =>
      [assetTag, uuid, serialNumber, macAddress].some((texts) => texts !== undefined),
    'needs assetTag, uuid, serialNumber or macAddress',
  );
export type ComputerExpression = z.output<typeof ComputerExpression>;

/** Location: a default gateway of this machine is one of these. */
const LocationExpression = z.strictObject({
  kind: z.literal('location'),
  defaultGateway: Texts,
});

/** Make and Model: both fit; `*` is any run of characters, `?` one. */
const MakeModelExpression = z.strictObject({
  kind: z.literal('make-model'),
  make: Text,
  model: Text,
});

/** Task Sequence Variable, as in the condition of a step; values are text in the form's schema. */
const RuleVariableExpression = z
  .strictObject({
    kind: z.literal('variable'),
    variable: z.string(),
    operator: z.enum(variableOperators),
    value: z
      .preprocess(
        (value) => (typeof value === 'number' || typeof value === 'boolean' ? `${value}` : value),
        z.string(),
      )
      .optional(),
  })
  .superRefine((expression, context) => {
    for (const { path, message } of VariableExpression.safeParse(expression).error?.issues ?? [])
      context.addIssue({ code: 'custom', path: [...path], message });
  });

const RuleExpression = z.discriminatedUnion('kind', [
  ComputerExpression,
  LocationExpression,
  MakeModelExpression,
  RuleVariableExpression,
]);
export type RuleExpression = z.output<typeof RuleExpression>;

export type RuleCondition = ConditionTree<RuleExpression>;

const Tree: z.ZodType<RuleCondition> = z.lazy(() =>
  z.union([
    RuleExpression,
    z.strictObject({ all: z.array(Tree) }),
    z.strictObject({ any: z.array(Tree) }),
    z.strictObject({ none: z.array(Tree) }),
  ]),
);

/**
 * Reads the condition of a rule. It is walked here first, for faults with their places: those of a
 * union name every branch. What comes through is what the schema of the tree, made for forms, takes.
 */
export const RuleCondition = z.preprocess((value, context) => {
  const walk = { parts: 0, isSound: true };
  for (const issue of faults(value, [], walk)) {
    walk.isSound = false;
    context.addIssue({ code: 'custom', ...issue });
  }
  return walk.isSound ? value : z.NEVER;
}, Tree);

interface Fault {
  readonly path: PropertyKey[];
  readonly message: string;
}

/** Ends at the part that is one too many. */
function* faults(
  value: unknown,
  path: readonly (string | number)[],
  walk: { parts: number },
): Generator<Fault> {
  // Each level adds two to the path: its word and the index.
  if (++walk.parts > MAX_CONDITION_NODES || path.length / 2 >= MAX_CONDITION_DEPTH) {
    if (walk.parts <= MAX_CONDITION_NODES + 1)
      yield {
        path: [...path],
        message: `a condition nests at most ${MAX_CONDITION_DEPTH} deep and has at most ${MAX_CONDITION_NODES} parts`,
      };
    walk.parts = MAX_CONDITION_NODES + 1;
    return;
  }
  const group = readGroup(value);
  if (group === undefined) {
    for (const { path: inner, message } of RuleExpression.safeParse(value).error?.issues ?? [])
      yield { path: [...path, ...inner], message };
    return;
  }
  const { word, list } = group;
  for (const [index, child] of list.entries()) {
    if (walk.parts > MAX_CONDITION_NODES) return;
    yield* faults(child, [...path, word, index], walk);
  }
}

import { z } from 'zod';
import { HIDDEN, type Variable } from './variables.ts';

export const variableOperators = [
  'exists',
  'notExists',
  'equals',
  'notEquals',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
  'like',
  'notLike',
] as const;
export type VariableOperator = (typeof variableOperators)[number];

/** Task Sequence Variable. `exists` and `notExists` take no value. */
interface VariableExpression {
  readonly kind: 'variable';
  readonly variable: string;
  readonly operator: VariableOperator;
  readonly value?: string | undefined;
}

/** A leaf: one thing that is true or false. Other kinds join this union. */
export type Expression = VariableExpression;

/** A tree of expressions. The editor's words: all conditions, any condition, none. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly none: readonly Condition[] }
  | Expression;

/** YAML reads `value: 3010` and `value: true` as number and boolean: both are their text here. */
const ConditionValue = z.union([
  z.string().max(4000),
  z.number().transform(String),
  z.boolean().transform(String),
]);

const VariableExpression = z
  .strictObject({
    kind: z.literal('variable'),
    variable: z.string().trim().min(1).max(256).regex(/^\S+$/, 'a name has no blanks'),
    operator: z.enum(variableOperators),
    value: ConditionValue.optional(),
  })
  .superRefine(({ operator, value }, context) => {
    const takesValue = operator !== 'exists' && operator !== 'notExists';
    if (takesValue && value === undefined)
      context.addIssue({ code: 'custom', path: ['value'], message: `${operator} needs a value` });
    if (!takesValue && value !== undefined)
      context.addIssue({ code: 'custom', path: ['value'], message: `${operator} takes no value` });
  });

/** Reads one leaf of a condition; the tree around it is walked by the reader of the document. */
export const Expression: z.ZodType<Expression> = z.discriminatedUnion('kind', [VariableExpression]);

/** True or false, and the expressions that made it so, for the log. */
export interface Verdict {
  readonly verdict: boolean;
  readonly detail: string;
}

/**
 * Decides a condition on variables. Looks no further than needed: the detail names what was looked at.
 * An empty `all` and an empty `none` are true, an empty `any` is false.
 */
export function evaluateCondition(
  condition: Condition,
  variables: { get(name: string): Variable | undefined },
): Verdict {
  if ('kind' in condition) return evaluateVariable(condition, variables.get(condition.variable));
  const [word, children, stopAt] =
    'all' in condition
      ? (['all', condition.all, false] as const)
      : 'any' in condition
        ? (['any', condition.any, true] as const)
        : (['none', condition.none, true] as const);
  const details: string[] = [];
  for (const child of children) {
    const { verdict, detail } = evaluateCondition(child, variables);
    details.push(detail);
    if (verdict === stopAt) return { verdict: word === 'any', detail: describe(word, details) };
  }
  return { verdict: word !== 'any', detail: describe(word, details) };
}

function describe(word: string, details: readonly string[]): string {
  return details.length === 1 && word === 'all'
    ? details.join('')
    : `${word}(${details.join('; ')})`;
}

function evaluateVariable(
  { variable, operator, value = '' }: VariableExpression,
  found: Variable | undefined,
): Verdict {
  const verdict = comparisons[operator](found?.value ?? '', value);
  const seen = found === undefined ? 'not set' : found.secret ? HIDDEN : `"${found.value}"`;
  const wanted =
    operator === 'exists' || operator === 'notExists'
      ? ''
      : ` "${found?.secret === true ? HIDDEN : value}"`;
  return { verdict, detail: `${variable} ${operator}${wanted}: ${verdict} (is ${seen})` };
}

/** A missing variable compares as the empty text, as empty means deleted. */
const comparisons: Record<VariableOperator, (actual: string, wanted: string) => boolean> = {
  exists: (actual) => actual !== '',
  notExists: (actual) => actual === '',
  equals: (actual, wanted) => order(actual, wanted) === 0,
  notEquals: (actual, wanted) => order(actual, wanted) !== 0,
  less: (actual, wanted) => order(actual, wanted) < 0,
  lessEqual: (actual, wanted) => order(actual, wanted) <= 0,
  greater: (actual, wanted) => order(actual, wanted) > 0,
  greaterEqual: (actual, wanted) => order(actual, wanted) >= 0,
  like: isLike,
  notLike: (actual, wanted) => !isLike(actual, wanted),
};

const NUMBER = /^[+-]?\d+(\.\d+)?$/;

/** Negative, zero or positive. As numbers when both are numbers, else as text without case. */
function order(left: string, right: string): number {
  if (NUMBER.test(left.trim()) && NUMBER.test(right.trim())) return Number(left) - Number(right);
  const [one, other] = [left.toLowerCase(), right.toLowerCase()];
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * `*` is any run of characters, `?` one character; without case. Greedy with one point to return to, so
 * that no pattern takes more than text times pattern steps.
 */
function isLike(text: string, pattern: string): boolean {
  const subject = text.toLowerCase();
  const wanted = pattern.toLowerCase();
  let at = 0;
  let mark = 0;
  let star = -1;
  let starAt = 0;
  while (at < subject.length) {
    if (wanted[mark] === '*') {
      star = mark++;
      starAt = at;
    } else if (mark < wanted.length && (wanted[mark] === '?' || wanted[mark] === subject[at])) {
      mark++;
      at++;
    } else if (star >= 0) {
      mark = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (wanted[mark] === '*') mark++;
  return mark === wanted.length;
}

import { z } from 'zod';
import { HIDDEN, substitute, type Variables } from '../variables.ts';
import { matchesWildcard } from '../wildcard.ts';
import { compareTexts, comparisonOperators, decides } from './comparison.ts';
import { ScalarText } from './fields.ts';
import type { Verdict } from './verdict.ts';

export const variableOperators = [
  'exists',
  'notExists',
  ...comparisonOperators,
  'like',
  'notLike',
] as const;
export type VariableOperator = (typeof variableOperators)[number];

/** Task Sequence Variable. `exists` and `notExists` take no value. */
export const VariableExpression = z
  .strictObject({
    kind: z.literal('variable').meta({ title: 'Task Sequence Variable' }),
    variable: z
      .string()
      .trim()
      .min(1)
      .max(256)
      .regex(/^\S+$/, 'a name has no blanks')
      .meta({ title: 'Variable', description: 'Its name. One that is not there is empty.' }),
    operator: z.enum(variableOperators).meta({ title: 'Operator' }),
    value: ScalarText.optional().meta({
      title: 'Value',
      description:
        'Not for exists and notExists. * and ? stand for characters in like and notLike.',
    }),
  })
  .superRefine(({ operator, value }, context) => {
    const takesValue = operator !== 'exists' && operator !== 'notExists';
    if (takesValue && value === undefined)
      context.addIssue({ code: 'custom', path: ['value'], message: `${operator} needs a value` });
    if (!takesValue && value !== undefined)
      context.addIssue({ code: 'custom', path: ['value'], message: `${operator} takes no value` });
  });
export type VariableExpression = z.output<typeof VariableExpression>;

/** Decides on a variable. A missing one is the empty text, as empty means deleted. */
export function evaluateVariable(
  { variable, operator, value = '' }: VariableExpression,
  variables: Variables,
): Verdict {
  const found = variables.get(variable);
  const wanted = substitute(value, variables).text;
  // Whether it is set is known without its value.
  const actual = found?.withheld === true ? HIDDEN : (found?.value ?? '');
  const verdict = compare[operator](actual, wanted);
  const seen = found === undefined ? 'not set' : found.secret ? HIDDEN : `"${found.value}"`;
  const than =
    operator === 'exists' || operator === 'notExists'
      ? ''
      : ` "${found?.secret === true ? HIDDEN : wanted}"`;
  return { verdict, detail: `${variable} ${operator}${than}: ${verdict} (is ${seen})` };
}

const compare: Record<VariableOperator, (actual: string, wanted: string) => boolean> = {
  exists: (actual) => actual !== '',
  notExists: (actual) => actual === '',
  equals: (actual, wanted) => decides.equals(compareTexts(actual, wanted)),
  notEquals: (actual, wanted) => decides.notEquals(compareTexts(actual, wanted)),
  less: (actual, wanted) => decides.less(compareTexts(actual, wanted)),
  lessEqual: (actual, wanted) => decides.lessEqual(compareTexts(actual, wanted)),
  greater: (actual, wanted) => decides.greater(compareTexts(actual, wanted)),
  greaterEqual: (actual, wanted) => decides.greaterEqual(compareTexts(actual, wanted)),
  like: isLike,
  notLike: (actual, wanted) => !isLike(actual, wanted),
};

/** `*` is any run of characters, `?` one character; without case. */
function isLike(text: string, pattern: string): boolean {
  const marks = Array.from({ length: pattern.length }, (_, index) => {
    const character = pattern.charAt(index).toLowerCase();
    if (character === '*') return 'run' as const;
    return character === '?' ? () => true : (other: string) => other.toLowerCase() === character;
  });
  return matchesWildcard(text, marks);
}

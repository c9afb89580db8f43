import { z } from 'zod';
import { type RegistryFacts, registryTypes } from '../query-capability.ts';
import { QueryError } from '../query-error.ts';
import { compareTexts, comparisonOperators, decides } from './comparison.ts';
import { isOpen, PathText, ScalarText } from './fields.ts';
import type { ConditionGround, MachineAnswer } from './verdict.ts';

const ROOT =
  /^(?:HKLM|HKCU|HKCR|HKU|HKCC|HKEY_(?:LOCAL_MACHINE|CURRENT_USER|CLASSES_ROOT|USERS|CURRENT_CONFIG))(?:\\|$)/i;

/** Registry Setting. No value name, or an empty one: the key itself, or its default value. */
export const RegistryExpression = z
  .strictObject({
    kind: z.literal('registry').meta({ title: 'Registry Setting' }),
    key: PathText.refine(
      (key) => isOpen(key) || ROOT.test(key),
      'begins with a root key: HKLM\\SOFTWARE\\… or HKEY_LOCAL_MACHINE\\SOFTWARE\\…',
    ).meta({ title: 'Key', description: 'Begins with a root key: HKLM\\SOFTWARE\\….' }),
    valueName: z
      .string()
      .max(250)
      .optional()
      .meta({ title: 'Value name', description: 'Without it, the key or its default value.' }),
    type: z
      .enum(registryTypes)
      .optional()
      .meta({ title: 'Value type', description: 'Counts only with exists and notExists.' }),
    /** `nonExists` is another word for `notExists`: the console writes one, its documentation the other. */
    operator: z
      .enum(['exists', 'notExists', 'nonExists', ...comparisonOperators])
      .meta({ title: 'Operator' }),
    data: ScalarText.optional().meta({
      title: 'Data',
      description: 'Not for exists and notExists.',
    }),
  })
  .superRefine(({ operator, data }, context) => {
    const isPresence = isPresenceOperator(operator);
    if (isPresence !== (data === undefined))
      context.addIssue({
        code: 'custom',
        path: ['data'],
        message: `${operator} ${isPresence ? 'takes no' : 'needs'} data`,
      });
  });
export type RegistryExpression = z.output<typeof RegistryExpression>;
type Operator = RegistryExpression['operator'];

function isPresenceOperator(
  operator: Operator,
): operator is Extract<Operator, 'exists' | 'notExists' | 'nonExists'> {
  return operator === 'exists' || operator === 'notExists' || operator === 'nonExists';
}

/** The expression as people say it. */
export function describeRegistry({
  key,
  valueName,
  type,
  operator,
  data,
}: RegistryExpression): string {
  const value = valueName === undefined || valueName === '' ? '' : ` value "${valueName}"`;
  if (!isPresenceOperator(operator)) return `registry ${key}${value} ${operator} "${data}"`;
  const ofType = type === undefined || value === '' ? '' : ` as ${type}`;
  return `registry ${key}${value} ${operator}${ofType}`;
}

/**
 * The type matters only to the presence of a named value; comparisons take the data whatever its type.
 * A value that is not there is not equal to any data, and neither less nor greater.
 * @throws {QueryError} `query.no-registry`
 */
export async function answerRegistry(
  { key, valueName = '', type, operator, data = '' }: RegistryExpression,
  { query: { registry }, signal }: ConditionGround,
): Promise<MachineAnswer> {
  if (registry === undefined)
    throw new QueryError('query.no-registry', 'this system has no registry');
  const facts = await registry({ key, valueName: valueName === '' ? null : valueName }, signal);
  const found = facts?.value ?? null;
  if (!isPresenceOperator(operator)) {
    const verdict =
      found === null ? operator === 'notEquals' : decides[operator](compareData(found, data));
    return { verdict, seen: seen(facts, valueName) };
  }
  const isThere =
    valueName === ''
      ? facts !== null
      : found !== null && (type === undefined || type === found.type);
  return { verdict: isThere === (operator === 'exists'), seen: seen(facts, valueName) };
}

type RegistryValue = NonNullable<RegistryFacts['value']>;

function compareData({ type, data }: RegistryValue, wanted: string): number {
  switch (type) {
    case 'REG_DWORD':
    case 'REG_QWORD':
      return compareTexts(data, decimal(wanted));
    case 'REG_BINARY':
      // As hex, however it is written: `01 0a`, `01,0a`, `010A`.
      return compareTexts(`x${data}`, `x${wanted.replaceAll(/[\s,]/g, '')}`);
    case 'REG_NONE':
    case 'REG_SZ':
    case 'REG_EXPAND_SZ':
    case 'REG_MULTI_SZ':
    case 'other':
  }
  return compareTexts(data, wanted);
}

/** `0x1F`, as registry editors write a number, in decimal. */
function decimal(text: string): string {
  return /^\s*0x[0-9a-f]{1,16}\s*$/i.test(text) ? BigInt(text.trim()).toString() : text;
}

function seen(facts: RegistryFacts | null, valueName: string): string {
  if (facts === null) return valueName === '' ? 'there is no such key' : 'there is no such value';
  if (facts.value === null) return 'the key is there';
  return `is "${facts.value.data}", ${facts.value.type}`;
}

import type { WmiRow, WmiValue } from '../query-capability.ts';
import { QueryError } from '../query-error.ts';
import { matchesWildcard } from '../wildcard.ts';
import type { WqlLiteral, WqlOperator, WqlQuery, WqlTest } from './query.ts';

type Row = ReadonlyMap<string, WmiValue>;

/**
 * Whether a query has at least one of these rows of its class. A property that this row lacks and
 * another has is NULL. NULL is not equal to any value, and neither less nor greater, nor LIKE.
 * @throws {QueryError} `query.property`, `query.type`
 */
export function hasRow({ className, where }: WqlQuery, rows: readonly WmiRow[]): boolean {
  if (where === undefined || rows.length === 0) return rows.length > 0;
  const known = rows.map(
    (row) => new Map(Object.entries(row).map(([key, value]) => [key.toLowerCase(), value])),
  );
  for (const property of propertiesOf(where))
    if (!known.some((row) => row.has(property.toLowerCase())))
      throw new QueryError('query.property', `${className} has no property ${property} here`, {
        hint: 'The inventory of the agent has a part of what WMI has: use a property that it has.',
      });
  return known.some((row) => fits(where, row));
}

function* propertiesOf(test: WqlTest): Generator<string> {
  switch (test.kind) {
    case 'and':
    case 'or':
      for (const inner of test.tests) yield* propertiesOf(inner);
      return;
    case 'not':
      return yield* propertiesOf(test.test);
    case 'null':
    case 'compare':
    case 'like':
      yield test.property;
  }
}

function fits(test: WqlTest, row: Row): boolean {
  switch (test.kind) {
    case 'and':
      return test.tests.every((inner) => fits(inner, row));
    case 'or':
      return test.tests.some((inner) => fits(inner, row));
    case 'not':
      return !fits(test.test, row);
    case 'null':
      return valueOf(row, test.property) === null;
    case 'compare':
      return compares(test, valueOf(row, test.property));
    case 'like':
      return membersOf(valueOf(row, test.property)).some((member) =>
        matchesWildcard(String(member).toLowerCase(), test.marks),
      );
  }
}

function valueOf(row: Row, property: string): WmiValue {
  return row.get(property.toLowerCase()) ?? null;
}

type Scalar = string | number | boolean;

/** A list fits when one of its members does: `ChassisTypes = 10`. NULL has none. */
function membersOf(value: WmiValue): readonly Scalar[] {
  if (value === null) return [];
  return typeof value === 'object' ? value : [value];
}

function compares(
  { property, operator, value }: WqlTest & { readonly kind: 'compare' },
  actual: WmiValue,
): boolean {
  const differences = membersOf(actual).map((member) => {
    const difference = order(member, value);
    if (difference !== undefined) return difference;
    throw new QueryError(
      'query.type',
      `${property} is ${JSON.stringify(member)}, which cannot be compared with ${JSON.stringify(value)}`,
    );
  });
  if (operator === '!=') return !differences.some(decides['=']);
  return differences.some(decides[operator]);
}

const decides: Record<WqlOperator, (difference: number) => boolean> = {
  '=': (difference) => difference === 0,
  '!=': (difference) => difference !== 0,
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
};

/** Negative, zero or positive; the property's type decides how, as in WMI. Undefined: they do not compare. */
function order(found: Scalar, value: WqlLiteral): number | undefined {
  if (typeof found === 'boolean') {
    const wanted = booleanOf(value);
    return wanted === undefined ? undefined : Number(found) - Number(wanted);
  }
  const wanted = numberOf(value);
  if (typeof found === 'number') return wanted === undefined ? undefined : sign(found, wanted);
  if (typeof value === 'number') {
    const asNumber = numberOf(found);
    if (asNumber !== undefined) return sign(asNumber, value);
  }
  return sign(found.toLowerCase(), String(value).toLowerCase());
}

function sign<Value extends string | number>(one: Value, other: Value): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

const NUMBER = /^\s*(?:0x[0-9a-f]+|[+-]?\d+(?:\.\d+)?)\s*$/i;

function numberOf(value: WqlLiteral): number | undefined {
  if (typeof value !== 'string') return Number(value);
  return NUMBER.test(value) ? Number(value) : undefined;
}

function booleanOf(value: WqlLiteral): boolean | undefined {
  if (typeof value === 'string' && /^\s*(?:true|false)\s*$/i.test(value))
    return value.trim().toLowerCase() === 'true';
  const number = numberOf(value);
  return number === undefined ? undefined : number !== 0;
}

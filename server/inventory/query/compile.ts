import { matchesWildcard } from '#agent/sequence/wildcard.ts';
import { parseLike } from '#agent/sequence/wql/like.ts';
import type { WqlLiteral, WqlOperator } from '#agent/sequence/wql/query.ts';
import type { QueryField, QuerySubject, QueryValue } from './field.ts';
import { type Gate, gateOf } from './gate.ts';
import type { Query, QueryLiteral, QueryTest } from './query.ts';

/** Values of one device, text in lower case, each at the place that `QueryCompiler` gave its field. */
export type QueryRow = readonly QueryValue[];
/** Whether a device fits. */
export type QueryPredicate = (row: QueryRow, nowMs: number) => boolean;

/**
 * Compiles queries that are asked of the same devices: each field is read once a device, however many
 * queries ask for it. Times are compared with `nowMs`.
 */
export interface QueryCompiler {
  readonly compile: (query: Query) => QueryPredicate;
  /** What a device must have for the query to fit; null where it is to be asked of all. */
  readonly gateOf: (query: Query) => Gate | null;
  /** Reads of a device what the queries that were compiled ask for. */
  readonly rowOf: (subject: QuerySubject) => QueryRow;
}

/** Makes a compiler without any query yet. */
export function queryCompiler(): QueryCompiler {
  const fields: QueryField[] = [];
  const places = new Map<string, number>();
  const placeOf = (field: QueryField) => {
    const key = field.name.toLowerCase();
    const place = places.get(key) ?? fields.push(field) - 1;
    places.set(key, place);
    return place;
  };
  return {
    compile: ({ test }) => compileTest(test, placeOf),
    gateOf: ({ test }) => gateOf(test, placeOf),
    rowOf: (subject) => fields.map((field) => withoutCase(field.get(subject))),
  };
}

function withoutCase(value: QueryValue): QueryValue {
  if (typeof value === 'string') return value.toLowerCase();
  if (value === null || typeof value !== 'object') return value;
  return value.map((one) => (typeof one === 'string' ? one.toLowerCase() : one));
}

type Scalar = string | number | boolean;

function compileTest(test: QueryTest, placeOf: (field: QueryField) => number): QueryPredicate {
  switch (test.kind) {
    case 'all':
      return () => true;
    case 'and': {
      const tests = test.tests.map((inner) => compileTest(inner, placeOf));
      return (row, nowMs) => {
        for (const inner of tests) if (!inner(row, nowMs)) return false;
        return true;
      };
    }
    case 'or': {
      const tests = test.tests.map((inner) => compileTest(inner, placeOf));
      return (row, nowMs) => {
        for (const inner of tests) if (inner(row, nowMs)) return true;
        return false;
      };
    }
    case 'not': {
      const inner = compileTest(test.test, placeOf);
      return (row, nowMs) => !inner(row, nowMs);
    }
    case 'null': {
      const place = placeOf(test.field);
      return (row) => {
        const value = row[place] ?? null;
        return value === null || (typeof value === 'object' && value.length === 0);
      };
    }
    case 'like': {
      const fits = compilePattern(test.pattern.toLowerCase());
      return member(placeOf(test.field), (value) => fits(String(value)));
    }
    case 'compare':
      return compileCompare(test.operator, test.literal, placeOf(test.field));
  }
}

/** NULL is equal to nothing, neither less nor greater, nor LIKE; what is not equal to a value is `!=`. */
function member(place: number, fits: (value: Scalar, nowMs: number) => boolean): QueryPredicate {
  return (row, nowMs) => {
    const value = row[place] ?? null;
    if (value === null) return false;
    return typeof value === 'object' ? value.some((one) => fits(one, nowMs)) : fits(value, nowMs);
  };
}

function compileCompare(
  operator: WqlOperator,
  literal: QueryLiteral,
  place: number,
): QueryPredicate {
  if (operator === '!=') {
    const equal = compileCompare('=', literal, place);
    return (row, nowMs) => !equal(row, nowMs);
  }
  const decide = decides[operator];
  if (literal.kind === 'value') {
    const { value } = literal;
    if (typeof value === 'string') {
      const wanted = value.toLowerCase();
      if (operator === '=') return member(place, (found) => found === wanted);
      return member(place, (found) => decide(order(String(found), wanted)));
    }
    return member(place, (found) => decide(orderOf(found, value)));
  }
  return member(place, (found, nowMs) => decide(order(Number(found), timeOf(literal, nowMs))));
}

function timeOf(literal: Exclude<QueryLiteral, { kind: 'value' }>, nowMs: number): number {
  return literal.kind === 'time' ? literal.atMs : nowMs - literal.byMs;
}

const decides: Record<Exclude<WqlOperator, '!='>, (difference: number) => boolean> = {
  '=': (difference) => difference === 0,
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
};

/** Text compared with a number is one, where it can be read as one. */
function orderOf(found: Scalar, value: Exclude<WqlLiteral, string>): number {
  if (typeof found !== 'string') return order(Number(found), Number(value));
  const number = typeof value === 'number' && NUMBER.test(found) ? Number(found) : undefined;
  return number === undefined ? order(found, String(value)) : order(number, Number(value));
}
const NUMBER = /^\s*(?:0x[0-9a-f]+|[+-]?\d+(?:\.\d+)?)\s*$/i;

function order<Value extends string | number>(one: Value, other: Value): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** A pattern whose `%` stand at its ends alone needs no matcher: most do, and 100,000 devices are asked. */
function compilePattern(pattern: string): (text: string) => boolean {
  const [, begin = '', inner = '', end = ''] = /^(%?)([^%_[]*)(%?)$/.exec(pattern) ?? [];
  if (inner !== '' && begin + inner + end === pattern) {
    if (begin !== '' && end !== '') return (text) => text.includes(inner);
    if (end !== '') return (text) => text.startsWith(inner);
    if (begin !== '') return (text) => text.endsWith(inner);
    return (text) => text === inner;
  }
  const marks = parseLike(pattern, 0);
  return (text) => matchesWildcard(text, marks);
}

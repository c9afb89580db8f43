import type { WqlLiteral, WqlOperator } from '#agent/sequence/wql/query.ts';
import type { QueryField, QueryNeed } from './field.ts';

/** A value that a field is compared with; a date is a time, or so long before now. */
export type QueryLiteral =
  | { readonly kind: 'value'; readonly value: WqlLiteral }
  | { readonly kind: 'time'; readonly atMs: number }
  | { readonly kind: 'ago'; readonly byMs: number };

/** What a device must be. */
export type QueryTest =
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly tests: readonly QueryTest[] }
  | { readonly kind: 'not'; readonly test: QueryTest }
  | { readonly kind: 'null'; readonly field: QueryField }
  | { readonly kind: 'like'; readonly field: QueryField; readonly pattern: string }
  | {
      readonly kind: 'compare';
      readonly field: QueryField;
      readonly operator: WqlOperator;
      readonly literal: QueryLiteral;
    };

/** A name in a query, as it is written with its dots: the field that it is. */
export type ResolveName = (parts: readonly string[], position: number) => QueryField;

/** A query that was read: of the readable kind, or of WQL. */
export interface Query {
  readonly test: QueryTest;
  /** It asks for the state of devices, and so may find others than known ones. */
  readonly asksState: boolean;
  /** It compares with a time before now, and so finds others as time passes. */
  readonly asksTime: boolean;
  readonly needs: ReadonlySet<QueryNeed>;
}

/** A test as a query, with what it asks for. */
export function toQuery(test: QueryTest): Query {
  const needs = new Set<QueryNeed>();
  let asksState = false;
  let asksTime = false;
  for (const leaf of leavesOf(test)) {
    if (leaf.field.needs !== null) needs.add(leaf.field.needs);
    if (leaf.field.name === 'state') asksState = true;
    if (leaf.kind === 'compare' && leaf.literal.kind === 'ago') asksTime = true;
  }
  return { test, asksState, asksTime, needs };
}

type Leaf = Extract<QueryTest, { field: QueryField }>;

function* leavesOf(test: QueryTest): Generator<Leaf> {
  switch (test.kind) {
    case 'all':
      return;
    case 'and':
    case 'or':
      for (const inner of test.tests) yield* leavesOf(inner);
      return;
    case 'not':
      return yield* leavesOf(test.test);
    case 'null':
    case 'like':
    case 'compare':
      yield test;
  }
}

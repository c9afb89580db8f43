import type { Insertable, Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/**
 * Values for an `in`, the last one again and again up to a power of two: few texts, which stay prepared.
 * None for none.
 */
export function padded<Value>(values: readonly Value[]): Value[] {
  const last = values.at(-1);
  if (last === undefined) return [];
  const count = 2 ** Math.ceil(Math.log2(values.length));
  return [...values, ...Array.from({ length: count - values.length }, () => last)];
}

/** Rows to one statement at most: SQLite takes 32,766 values, and long texts take long to be made. */
const MOST = 64;

/**
 * Inserts rows, many to a statement. Their numbers are powers of two, so that few texts come again and again
 * and stay prepared.
 */
export async function insertRows<Name extends keyof Tables>(
  db: Kysely<Tables>,
  table: Name,
  rows: readonly Insertable<Tables[Name]>[],
): Promise<void> {
  for (let at = 0; at < rows.length; ) {
    const count = Math.min(MOST, 2 ** Math.floor(Math.log2(rows.length - at)));
    await db
      .insertInto(table)
      .values(rows.slice(at, at + count))
      .execute();
    at += count;
  }
}

import { type Insertable, type Kysely, type RawBuilder, sql } from 'kysely';
import { allDone } from './all-done.ts';
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

/** Rows to one statement at most, where they may have long texts: those take long to be made into one. */
const MOST = 64;
/** The same for rows of a few short values: SQLite takes 32,766 of them. */
export const MOST_SHORT = 512;

/** So few rows are one statement: it costs more to ask once more than to keep a few texts more prepared. */
const FEW = 32;

/**
 * Rows as one statement each takes them. Where there are more than a few, their numbers are powers of two, so that
 * few texts come again and again and stay prepared.
 */
export function pieces<Row>(rows: readonly Row[], most = MOST): Row[][] {
  const found: Row[][] = [];
  for (let at = 0; at < rows.length; ) {
    const left = rows.length - at;
    const count = Math.min(most, left <= FEW ? left : 2 ** Math.floor(Math.log2(left)));
    found.push(rows.slice(at, at + count));
    at += count;
  }
  return found;
}

/** Inserts rows, many to a statement. @param most a power of two */
export async function insertRows<Name extends keyof Tables>(
  db: Kysely<Tables>,
  table: Name,
  rows: readonly Insertable<Tables[Name]>[],
  most = MOST,
): Promise<void> {
  await allDone(pieces(rows, most).map((piece) => db.insertInto(table).values(piece).execute()));
}

/** For `on conflict do update set`: what a row that is there already gets of the one that was to be inserted. */
export function excluded<Column extends string>(
  columns: readonly Column[],
): Record<Column, RawBuilder<never>> {
  return Object.fromEntries(
    columns.map((column) => [column, sql<never>`${sql.ref(`excluded.${column}`)}`]),
  ) as Record<Column, RawBuilder<never>>;
}

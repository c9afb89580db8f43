/**
 * How migrations make tables and columns, on SQLite and on PostgreSQL alike: whole numbers are `bigint`
 * (times in ms do not fit less), text is compared byte by byte on both (`collate "C"`, SQLite's own order),
 * bytes are `blob` or `bytea`. Make each table, column and index by these functions, never by a type
 * written out; what a migration then does with rows runs on both as it is, if it keeps to this:
 *
 * - `on conflict` names a unique key; no `insert or replace`, no `rowid`, no JSON operators, no `like`
 *   (it has no case on SQLite and has on PostgreSQL: keep a `_key` column in lower case and compare it).
 * - Every selected column is in `group by` or in an aggregate.
 * - Where a column that may be null is sorted by, say `nulls first` or `nulls last`.
 * - Text and numbers are not compared with each other; truth is 0 or 1, never `true`.
 * - A column added to a table with rows has a default: a server of the version before may still write.
 *
 * `npm run test:interop -- postgres` runs all migrations and the store's tests on a real PostgreSQL.
 */
import {
  type CreateTableBuilder,
  type Expression,
  type Kysely,
  PostgresAdapter,
  sql,
} from 'kysely';
import type { Tables } from '../tables.ts';

/** `?`: may be null. */
export type Column = 'text' | 'text?' | 'int' | 'int?' | 'blob' | 'blob?';

/** Makes a table with the columns it has in `Tables` when this migration is the newest. */
export async function table(
  db: Kysely<Tables>,
  name: keyof Tables,
  columns: Readonly<Record<string, Column>>,
  primaryKey: readonly string[],
): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, kind] of Object.entries(columns))
    builder = builder.addColumn(column, typeOf(db, kind), (made) =>
      kind.endsWith('?') ? made : made.notNull(),
    );
  await builder.addPrimaryKeyConstraint(`${name}_pk`, [...primaryKey]).execute();
}

/** Adds a number column to a table that has rows already. */
export async function numberColumn(
  db: Kysely<Tables>,
  name: keyof Tables,
  column: { readonly name: string; readonly default: number },
): Promise<void> {
  await db.schema
    .alterTable(name)
    .addColumn(column.name, typeOf(db, 'int'), (made) => made.notNull().defaultTo(column.default))
    .execute();
}

/** Adds a text column to a table that has rows already. */
export async function textColumn(
  db: Kysely<Tables>,
  name: keyof Tables,
  column: { readonly name: string; readonly default: string },
): Promise<void> {
  await db.schema
    .alterTable(name)
    .addColumn(column.name, typeOf(db, 'text'), (made) => made.notNull().defaultTo(column.default))
    .execute();
}

/** Adds a column of bytes, null in the rows that are there. */
export async function blobColumn(
  db: Kysely<Tables>,
  name: keyof Tables,
  column: string,
): Promise<void> {
  await db.schema.alterTable(name).addColumn(column, typeOf(db, 'blob')).execute();
}

export async function index(
  db: Kysely<Tables>,
  name: keyof Tables,
  columns: readonly string[],
  options: { readonly unique?: boolean } = {},
): Promise<void> {
  const builder = db.schema
    .createIndex(`${name}_${columns.join('_')}`)
    .on(name)
    .columns([...columns]);
  await (options.unique === true ? builder.unique() : builder).execute();
}

function typeOf(db: Kysely<Tables>, kind: Column): Expression<unknown> {
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  if (kind.startsWith('int')) return sql`bigint`;
  if (kind.startsWith('blob')) return isPostgres ? sql`bytea` : sql`blob`;
  return isPostgres ? sql`text collate "C"` : sql`text`;
}

import type { CreateTableBuilder, Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** `?`: may be null. */
export type Column = 'text' | 'text?' | 'int' | 'int?';

/** Makes a table with the columns it has in `Tables` when this migration is the newest. */
export async function table(
  db: Kysely<Tables>,
  name: keyof Tables,
  columns: Readonly<Record<string, Column>>,
  primaryKey: readonly string[],
): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema.createTable(name);
  for (const [column, kind] of Object.entries(columns))
    builder = builder.addColumn(column, typeOf(kind), (made) =>
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
    .addColumn(column.name, 'bigint', (made) => made.notNull().defaultTo(column.default))
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
    .addColumn(column.name, 'text', (made) => made.notNull().defaultTo(column.default))
    .execute();
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

function typeOf(kind: Column): 'text' | 'bigint' {
  return kind.startsWith('text') ? 'text' : 'bigint';
}

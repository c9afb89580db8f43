import type { Kysely } from 'kysely';
import type { Connection } from './connection.ts';
import { StoreError } from './error.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

const SCHEMA = 'schema-version';

/** One step from a schema to the next. */
export type Migration = (db: Kysely<Tables>) => Promise<void>;

/**
 * Brings the database to the newest version, all of it in one transaction: a power cut leaves it as it was.
 *
 * @param all the migrations in order; others than all there are for tests alone
 * @throws {StoreError} `store.newer`: a newer server has written it
 */
export async function migrate(
  file: Connection,
  all: readonly Migration[] = migrations,
): Promise<void> {
  const version = await readSchemaVersion(file.db);
  assertKnown(version, all.length);
  if (version === all.length) return;
  await file.exec('begin');
  try {
    for (const migration of all.slice(version)) await migration(file.db);
    await file.db
      .insertInto('counters')
      .values({ name: SCHEMA, value: all.length })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: all.length }))
      .execute();
    await file.exec('commit');
  } catch (error) {
    if (file.inTransaction()) await file.exec('rollback');
    throw error;
  }
}

/** @throws {StoreError} `store.newer` */
export function assertKnown(version: number, newest = migrations.length): void {
  if (version > newest)
    throw new StoreError(
      'store.newer',
      `The database has schema ${version}, this server knows ${newest}`,
      { hint: 'Run the newer version of Metalwright, or restore the backup made before it.' },
    );
}

/** Number of the newest migration that a database has had; 0 for an empty one. */
export async function readSchemaVersion(db: Kysely<Tables>): Promise<number> {
  const tables = await db.introspection.getTables();
  if (!tables.some((table) => table.name === 'counters')) return 0;
  const row = await db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', SCHEMA)
    .executeTakeFirst();
  return row?.value ?? 0;
}

/** What would run on a database of a version: number and name of each migration, in order. */
export function pendingMigrations(version: number): readonly { number: number; name: string }[] {
  return migrations
    .map(({ name }, index) => ({
      number: index + 1,
      // `deploymentSettings` is read as deployment settings.
      name: name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    }))
    .slice(version);
}

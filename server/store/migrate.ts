import type { Kysely } from 'kysely';
import type { Connection } from './connection.ts';
import { StoreError } from './error.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

const SCHEMA = 'schema-version';

/**
 * Brings the database to the newest version, each migration in a transaction of its own.
 *
 * @throws {StoreError} `store.newer`: a newer server has written it
 */
export async function migrate(file: Connection): Promise<void> {
  const version = await readSchemaVersion(file.db);
  if (version > migrations.length)
    throw new StoreError(
      'store.newer',
      `The database has schema ${version}, this server knows ${migrations.length}`,
      { hint: 'Run the newer version of Metalwright, or restore the backup made before it.' },
    );
  for (const [index, migration] of migrations.entries()) {
    const number = index + 1;
    if (number <= version) continue;
    await file.exec('begin');
    try {
      await migration(file.db);
      await file.db
        .insertInto('counters')
        .values({ name: SCHEMA, value: number })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: number }))
        .execute();
      await file.exec('commit');
    } catch (error) {
      if (file.inTransaction()) await file.exec('rollback');
      throw error;
    }
  }
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

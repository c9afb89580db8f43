import { stat } from 'node:fs/promises';
import { isPostgresUrl } from './location.ts';
import { pendingMigrations, readSchemaVersion } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { connectPostgres } from './postgres/connection.ts';
import { openSqlite } from './sqlite.ts';
import { findFault, type MigrationRoom, roomForMigration } from './sqlite-copy.ts';

/** How a database stands to this version of the server. */
export interface MigrationCheck {
  /** Schema of the database, 0 for one without tables; greater than `newest` when a newer server has written it. */
  readonly schema: number;
  readonly newest: number;
  /** What the next start would run, in order. */
  readonly pending: readonly { readonly number: number; readonly name: string }[];
  /** What that takes on the disk; null where nothing is pending, and for PostgreSQL, whose disk is not ours. */
  readonly room: MigrationRoom | null;
  /** The first fault of an SQLite file; null when it is whole, and for PostgreSQL, which checks its pages itself. */
  readonly fault: string | null;
}

/**
 * Looks at a database as the next start of the server would, and changes nothing. A server may use it
 * meanwhile. @throws what the drivers throw
 */
export async function checkMigration(location: string): Promise<MigrationCheck> {
  const newest = migrations.length;
  if (isPostgresUrl(location)) {
    const connection = await connectPostgres(location);
    try {
      const schema = await readSchemaVersion(connection.db);
      return { schema, newest, pending: pendingMigrations(schema), room: null, fault: null };
    } finally {
      await connection.close();
    }
  }
  const found = await stat(location).catch(() => undefined);
  if (found === undefined)
    return { schema: 0, newest, pending: pendingMigrations(0), room: null, fault: null };
  const file = openSqlite(location);
  try {
    const schema = await readSchemaVersion(file.db);
    const pending = pendingMigrations(schema);
    const fault = (await findFault(file)) ?? null;
    const room = schema > 0 && pending.length > 0 ? await roomForMigration(location) : null;
    return { schema, newest, pending, room, fault };
  } finally {
    file.close();
  }
}

import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import { blobColumn } from './columns.ts';

/** Chunks of logs by Zstandard; those that are there stay as they are, until they are too old. */
export async function packedLogs(db: Kysely<Tables>): Promise<void> {
  await blobColumn(db, 'logs', 'zstd');
  // What is packed cannot be made smaller: it is not tried.
  if (db.getExecutor().adapter instanceof PostgresAdapter)
    await sql`alter table logs alter column zstd set storage external`.execute(db);
}

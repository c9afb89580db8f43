import { type Kysely, PostgresAdapter, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/**
 * PostgreSQL packs a chunk of log with pglz, which takes longer than all else that is done with it: 64 KiB are
 * kept in 1.5 ms, with lz4 in 0.4 ms. Before version 14, or built without lz4, it stays as it is.
 */
export async function logCompression(db: Kysely<Tables>): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  const { rows } = await sql`
    select 1 from pg_settings where name = 'default_toast_compression' and 'lz4' = any(enumvals)
  `.execute(db);
  if (rows.length > 0)
    await sql`alter table logs alter column "text" set compression lz4`.execute(db);
}

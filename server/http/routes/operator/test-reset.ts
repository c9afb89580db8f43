import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Kysely, SqliteAdapter, sql } from 'kysely';
import { openSqlite } from '../../../store/sqlite.ts';
import type { Tables } from '../../../store/tables.ts';
import type { TestConsole } from './test-console.ts';

type Database = Kysely<Tables>;

/**
 * Notes what a test console has stored; for tests. @returns puts that back: every row of the database, and
 * no content. Its threads go on meanwhile: to start them anew takes twenty times as long.
 */
export async function noteContents(site: TestConsole): Promise<() => Promise<void>> {
  const path = join(site.dataDirectory, 'site.sqlite');
  const tables = await withDatabase(path, async (db) => {
    const names = (await db.introspection.getTables()).map(({ name }) => name);
    for (const name of names)
      await run(db, `create table "noted ${name}" as select * from "${name}"`);
    return names;
  });
  return async () => {
    await withDatabase(path, async (db) => await putBack(db, tables));
    const content = join(site.dataDirectory, 'content');
    for (const folder of await readdir(content))
      if (folder !== 'incoming') await rm(join(content, folder), { recursive: true });
  };
}

async function withDatabase<Value>(
  path: string,
  work: (db: Database) => Promise<Value>,
): Promise<Value> {
  const file = openSqlite(path);
  try {
    return await work(file.db);
  } finally {
    file.close();
  }
}

/** In one transaction, without the checks of references: no order of the tables would satisfy them. */
async function putBack(db: Database, tables: readonly string[]): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
  await run(db, isSqlite ? 'pragma foreign_keys = off' : 'set session_replication_role = replica');
  await run(db, isSqlite ? 'begin immediate' : 'begin');
  for (const name of tables) {
    await run(db, `delete from "${name}"`);
    await run(db, `insert into "${name}" select * from "noted ${name}"`);
  }
  await run(db, 'commit');
}

async function run(db: Database, statement: string): Promise<void> {
  await sql.raw(statement).execute(db);
}

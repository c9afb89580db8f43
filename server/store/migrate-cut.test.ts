import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteAdapter, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate, readSchemaVersion } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { openSqlite } from './sqlite.ts';
import { keepBeforeMigration } from './sqlite-copy.ts';
import { testLocation } from './test-location.ts';

const OLD = 12;
let directory: string;
let path: string;
/** The path, or the database that stands for it. */
let location: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-cut-'));
  path = join(directory, 'store.sqlite');
  location = await testLocation(path, 'empty');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A database as version 12 left it, with a collection in it. */
async function makeOld(): Promise<void> {
  const file = openSqlite(path);
  await migrate(file, migrations.slice(0, OLD));
  await sql`insert into collections (id, name, name_key, limiting_id, built_in, created_ms)
    values ('MW1000FF', 'Bench', 'bench', 'SMS00001', 0, 1)`.execute(file.db);
  file.close();
}

async function look() {
  const file = openSqlite(path);
  try {
    const { db } = file;
    const tables = (await db.introspection.getTables()).map(({ name }) => name);
    const bench = await db
      .selectFrom('collections')
      .select('id')
      .where('name', '=', 'Bench')
      .execute();
    const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter;
    return { version: await readSchemaVersion(db), tables, bench, isSqlite };
  } finally {
    file.close();
  }
}

it('M56 a database whose migration a power cut stopped is as it was, and is brought along by the next start', async () => {
  await makeOld();
  const before = await look();
  for (const after of [OLD + 2, migrations.length]) {
    const child = spawn(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, 'migrate-child.ts'), location, String(after)],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const [, signal] = await once(child, 'exit');
    expect(signal).toBe('SIGKILL');
    expect(await look(), `cut after ${after}`).toEqual(before);
  }
  const file = openSqlite(path);
  await migrate(file);
  file.close();
  const now = await look();
  expect(now.version).toBe(migrations.length);
  expect(now.bench).toEqual(before.bench);
  expect(now.tables.length).toBeGreaterThan(before.tables.length);
  if (!now.isSqlite) return;
  // Each cut one had kept the same copy, of the version it had.
  const copies = (await readdir(directory)).filter((name) => name.includes('before'));
  expect(copies).toEqual(['store.sqlite.before-0012']);
  const copy = openSqlite(join(directory, 'store.sqlite.before-0012'));
  expect(await readSchemaVersion(copy.db)).toBe(OLD);
  copy.close();
}, 60_000);

it('names the version of a database that is newer than this server, and changes nothing', async () => {
  await makeOld();
  const file = openSqlite(path);
  await file.db
    .updateTable('counters')
    .set({ value: 9999 })
    .where('name', '=', 'schema-version')
    .execute();
  await expect(migrate(file)).rejects.toMatchObject({
    code: 'store.newer',
    message: `The database has schema 9999, this server knows ${migrations.length}`,
  });
  await expect(keepBeforeMigration(':memory:', file)).rejects.toMatchObject({
    code: 'store.newer',
  });
  file.close();
  expect((await look()).version).toBe(9999);
});

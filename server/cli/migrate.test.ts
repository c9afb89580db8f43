import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrate } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { openSqlite } from '../store/sqlite.ts';
import { runHere } from './testing/run-here.ts';

let data: string;
let path: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'metalwright-migrate-'));
  path = join(data, 'metalwright.sqlite');
});
afterEach(() => rm(data, { recursive: true, force: true }));

const newest = migrations.length;
const run = (...argv: string[]) => runHere(['migrate', ...argv, '--data', data]);

it('M56 says what a start would do, does it while no server runs, and keeps the database as it was', async () => {
  const old = openSqlite(path);
  await migrate(old, migrations.slice(0, newest - 2));
  const before = await run('--check');
  expect(before).toMatchObject({ code: 0 });
  expect(before.out).toContain(`schema of the database: ${newest - 2}; of this version: ${newest}`);
  expect(before.out.match(/^would run \d+: [a-z ]+$/gm)).toHaveLength(2);
  expect(before.out).toMatch(/room: .* needed at most, .* free/);
  expect(await run()).toMatchObject({ code: 1, err: expect.stringContaining('[backup.in-use]') });
  old.close();

  const done = await run();
  expect(done.out).toContain(`and has ${newest} now`);
  const copy = `metalwright.sqlite.before-${String(newest - 2).padStart(4, '0')}`;
  expect(await readdir(data)).toContain(copy);
  expect((await run('--check')).out).toContain('nothing would run');
});

it('refuses a database of a newer version by its name', async () => {
  const file = openSqlite(path);
  await migrate(file);
  await file.db
    .updateTable('counters')
    .set({ value: 9999 })
    .where('name', '=', 'schema-version')
    .execute();
  file.close();
  const checked = await run('--check');
  expect(checked).toMatchObject({ code: 1, err: expect.stringContaining('[store.newer]') });
  expect(checked.err).toContain('schema 9999');
});

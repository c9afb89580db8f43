import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkSqliteFile } from './sqlite-file.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'metalwright-doctor-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const levels = async (nowMs: number) =>
  (await checkSqliteFile(data, nowMs)).map(({ level, code }) => `${code} ${level}`);

it('tells a database that is whole, newer or damaged, the age of the backup, and keys that others read', async () => {
  expect(await levels(0)).toEqual([]);
  const path = join(data, 'metalwright.sqlite');
  const file = new DatabaseSync(path);
  file.exec(
    "create table counters (name text, value integer); insert into counters values ('schema-version', 1);",
  );
  expect(await levels(0)).toEqual(['doctor.database ok', 'doctor.backup warning']);
  await writeFile(join(data, 'last-backup.json'), '{"atMs": 0, "file": "x"}');
  await writeFile(join(data, 'site-secret'), 'x', { mode: 0o644 });
  expect(await levels(86_400_000)).toEqual([
    'doctor.database ok',
    'doctor.backup ok',
    'doctor.key problem',
  ]);
  expect(await levels(9 * 86_400_000)).toContain('doctor.backup warning');
  file.exec('update counters set value = 9999');
  expect(await levels(0)).toContain('doctor.database problem');
  file.close();
  await truncate(path, 100);
  expect(await levels(0)).toContain('doctor.database problem');
});

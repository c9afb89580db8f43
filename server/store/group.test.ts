import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { audit } from './audit.ts';
import { StoreError } from './error.ts';
import { runGroup } from './group.ts';
import type { StoreCall } from './messages.ts';
import { migrate } from './migrate.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let directory: string;
let file: SqliteFile;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-group-'));
  file = openSqlite(join(directory, 'store.sqlite'));
  await migrate(file);
});
afterEach(async () => {
  file.close();
  await rm(directory, { recursive: true, force: true });
});

const call = (id: number): StoreCall => ({ id, aggregate: '', name: '', args: [] });
const keep = (id: number, size = 1) =>
  audit.add(file.db, String(id), {
    atMs: id,
    who: 'w',
    action: 'x'.repeat(size),
    detail: {},
  });
const kept = async () => (await audit.list(file.db)).map(({ atMs }) => atMs).toReversed();

it('undoes a call that fails, and commits the others of its group', async () => {
  const answers = await runGroup(file, [call(1), call(2), call(3)], {
    perform: async ({ id }) => {
      await keep(id);
      if (id === 2) throw new StoreError('device.not-found', 'no device', { hint: 'look again' });
      return id;
    },
  });
  expect(answers).toEqual([
    { id: 1, ok: true, value: 1 },
    {
      id: 2,
      ok: false,
      error: { type: 'store', code: 'device.not-found', message: 'no device', hint: 'look again' },
    },
    { id: 3, ok: true, value: 3 },
  ]);
  expect(await kept()).toEqual([1, 3]);
});

it('does together what it can, and the rest one by one', async () => {
  const answers = await runGroup(file, [call(1), call(2), call(3)], {
    perform: async ({ id }) => await keep(id),
    together: async () => {
      await keep(4);
      return new Map([[2, { id: 2, ok: true, value: 'together' }]]);
    },
  });
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2, 3]));
  expect(answers).toHaveLength(3);
  expect(answers).toContainEqual({ id: 2, ok: true, value: 'together' });
  expect(await kept()).toEqual([1, 3, 4]);
});

it('undoes what could not be done together, and does it one by one', async () => {
  const answers = await runGroup(file, [call(1), call(2)], {
    perform: async ({ id }) => await keep(id),
    together: async () => {
      await keep(4);
      throw new Error('a row is there already');
    },
  });
  expect(answers.map(({ ok }) => ok)).toEqual([true, true]);
  expect(await kept()).toEqual([1, 2]);
});

it('says that the disk is full, keeps what it had, and goes on when there is space', async () => {
  await runGroup(file, [call(1)], { perform: () => keep(1) });
  file.exec('pragma max_page_count = 60');
  const [full] = await runGroup(file, [call(2)], { perform: () => keep(2, 1_000_000) });
  expect(full).toMatchObject({ id: 2, ok: false, error: { type: 'store', code: 'store.full' } });
  expect(await kept()).toEqual([1]);
  file.exec('pragma max_page_count = 100000');
  const [after] = await runGroup(file, [call(3)], { perform: () => keep(3, 1_000_000) });
  expect(after?.ok).toBe(true);
  expect(await kept()).toEqual([1, 3]);
});

it('answers nobody well when the commit fails', async () => {
  const broken = {
    exec: (sql: string) => {
      if (sql === 'commit') throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
      file.exec(sql);
    },
    inTransaction: () => file.inTransaction(),
  };
  const answers = await runGroup(broken, [call(1), call(2)], {
    perform: ({ id }) => keep(id),
  });
  expect(answers).toMatchObject([
    { id: 1, ok: false, error: { code: 'store.io' } },
    { id: 2, ok: false, error: { code: 'store.io' } },
  ]);
  expect(await kept()).toEqual([]);
});

it('refuses a database that a newer server has written', async () => {
  await file.db.updateTable('counters').set({ value: 9999 }).execute();
  await expect(migrate(file)).rejects.toMatchObject({ code: 'store.newer' });
});

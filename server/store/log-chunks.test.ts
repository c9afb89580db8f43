import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunId } from '#agent/protocol/identity.ts';
import { packChunk, unpackChunk } from './log-chunks.ts';
import { logSearch } from './log-search.ts';
import { logs } from './logs.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { openSqlite } from './sqlite.ts';

const id = RunId.parse('0198a1b2-0000-7000-8000-000000000001');
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-logs-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it.each(['a', 'Größe\u0000\u{10ffff}\r\n', 'line of a log\n'.repeat(10_000)])(
  'gives back what it packed, text %#',
  (text) => {
    const row = packChunk(id, 7, text);
    expect(row).toMatchObject({ run_id: id, start: 7, bytes: Buffer.byteLength(text), text: '' });
    expect(unpackChunk(row).toString()).toBe(text);
  },
);

it('reads and searches a log of which only the end is packed, in parts', async () => {
  const file = openSqlite(join(directory, 'store.sqlite'));
  try {
    const before = migrations.findIndex(({ name }) => name === 'packedLogs');
    await migrate(file, migrations.slice(0, before));
    const old = 'Before: ÄPFEL\n';
    const start = Buffer.byteLength(old);
    const row = { run_id: id, start: 0, bytes: start, text: old };
    await file.db.insertInto('logs').values(row).execute();
    await migrate(file);
    const added = Array.from({ length: 70 }, (_, n) =>
      packChunk(id, start + n * 10, `äpfel ${10 + n}\n`),
    );
    await file.db.insertInto('logs').values(added).execute();

    const first = await logs.read(file.db, id, 8);
    expect(first.text.startsWith('ÄPFEL\näpfel 10\n')).toBe(true);
    const rest = await logs.read(file.db, id, first.next);
    expect(first.text + rest.text).toBe(
      `ÄPFEL\n${added.map((_, n) => `äpfel ${10 + n}\n`).join('')}`,
    );
    const found = async (text: string) => await logSearch.inRun(file.db, id, { text, limit: 100 });
    expect(await found('Äpfel')).toHaveLength(71);
    expect(await found('äpfel 79')).toEqual([
      { kind: 'log', at: start + 69 * 10, line: 'äpfel 79' },
    ]);
  } finally {
    file.close();
  }
});

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { audit } from './audit.ts';
import { checkpoint, startCheckpointer } from './checkpoint.ts';
import { migrate } from './migrate.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let directory: string;
let path: string;
let file: SqliteFile;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-checkpoint-'));
  path = join(directory, 'store.sqlite');
  file = openSqlite(path);
  await migrate(file);
});
afterEach(async () => {
  file.close();
  await rm(directory, { recursive: true, force: true });
});

const keep = (number: number) =>
  audit.add(file.db, String(number), {
    atMs: number,
    who: 'w',
    action: 'x'.repeat(400_000),
    detail: {},
  });
const look = () => checkpoint.read(file.get(checkpoint.look));
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

it('M56 copies the log on another thread while more is written, and begins it anew', async () => {
  const checkpointer = startCheckpointer(path, file, {
    copy: 100,
    restart: 1000,
    few: 250,
    most: 100_000,
  });
  try {
    let longest = 0;
    let hasBegunAnew = false;
    let number = 0;
    while (!hasBegunAnew && number < 500) {
      const before = look().frames;
      await keep(number++);
      checkpointer.look();
      longest = Math.max(longest, before);
      hasBegunAnew = look().frames < before;
      await turn();
    }
    expect(longest).toBeGreaterThan(1000);
    expect(hasBegunAnew).toBe(true);
    expect((await stat(path)).size).toBeGreaterThan(longest * 2048);
    expect(await audit.list(file.db, 1000)).toHaveLength(number);
  } finally {
    await checkpointer.close();
  }
});

import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../store/open.ts';
import { makeBackup } from './make-backup.ts';
import { finishRestore, restoreBackup } from './restore.ts';
import { sealBytes, unsealBytes } from './sealed-file.ts';

let directory: string;
let data: string;
let file: string;
const nowMs = 1_800_000_000_000;
/** A database that is made once: to make one takes a sync of the disk for each migration. */
let template: string;
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'metalwright-backup-'));
  await (await openStore(join(template, 'metalwright.sqlite'))).close();
});
afterAll(() => rm(template, { recursive: true, force: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-backup-'));
  data = join(directory, 'data');
  file = join(directory, 'site.backup');
  await mkdir(data);
  await cp(join(template, 'metalwright.sqlite'), join(data, 'metalwright.sqlite'));
  await writeFile(join(data, 'site-secret'), 'abc');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = () => openStore(join(data, 'metalwright.sqlite'));
const refused = (code: string) => expect.objectContaining({ code });

describe('a backup', () => {
  it('M56 is of one moment while the server writes, and comes back into an empty directory', async () => {
    const store = await open();
    try {
      const first = await store.collections.create({ name: 'Before' }, nowMs);
      const made = await makeBackup({ dataDirectory: data, file, nowMs });
      expect(made.files.map(({ name }) => name)).toEqual(['metalwright.sqlite', 'site-secret']);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await readdir(directory)).sort()).toEqual(['data', 'site.backup']);
      const after = await store.collections.create({ name: 'After' }, nowMs);
      await expect(
        restoreBackup({ file, dataDirectory: data, replace: true, nowMs }),
      ).rejects.toEqual(refused('backup.in-use'));

      const other = join(directory, 'other');
      await restoreBackup({ file, dataDirectory: other, replace: false, nowMs });
      expect(await readFile(join(other, 'site-secret'), 'utf8')).toBe('abc');
      const restored = await openStore(join(other, 'metalwright.sqlite'));
      try {
        const names = (await restored.collections.list()).map(({ name }) => name);
        expect(names).toContain('Before');
        expect(names).not.toContain('After');
        // No id that was given after the backup is given again.
        const next = await restored.collections.create({ name: 'Next' }, nowMs);
        expect([first.id, after.id]).not.toContain(next.id);
      } finally {
        await restored.close();
      }
    } finally {
      await store.close();
    }
  });

  it('keeps what it replaces, and replaces nothing unasked', async () => {
    await makeBackup({ dataDirectory: data, file, nowMs });
    await writeFile(join(data, 'site-secret'), 'changed');
    const request = { file, dataDirectory: data, nowMs };
    await expect(restoreBackup({ ...request, replace: false })).rejects.toEqual(
      refused('backup.not-empty'),
    );
    const { keptIn } = await restoreBackup({ ...request, replace: true });
    expect(await readFile(join(data, 'site-secret'), 'utf8')).toBe('abc');
    expect(await readFile(join(keptIn ?? '', 'site-secret'), 'utf8')).toBe('changed');
    expect(await readdir(data)).not.toContain('restore');
    await (await open()).close();
  });

  it('that is damaged, foreign, of a newer schema or sealed otherwise changes nothing', async () => {
    const passphrase = 'a long passphrase';
    await makeBackup({ dataDirectory: data, file, passphrase, nowMs });
    const sealed = await readFile(file);
    expect(sealed.includes('SQLite format')).toBe(false);
    const before = await contentOf(data);
    const attempt = (bytes: Uint8Array, given?: string) =>
      writeFile(file, bytes).then(() =>
        restoreBackup({ file, dataDirectory: data, passphrase: given, replace: true, nowMs }),
      );
    await expect(attempt(sealed)).rejects.toEqual(refused('backup.passphrase'));
    await expect(attempt(sealed, 'another one')).rejects.toEqual(refused('backup.passphrase'));
    await expect(attempt(sealed.subarray(0, -20), passphrase)).rejects.toMatchObject({
      code: expect.stringMatching(/^backup\./),
    });
    await expect(attempt(Buffer.from('no zip'))).rejects.toEqual(refused('backup.format'));
    await makeBackup({ dataDirectory: data, file, nowMs });
    const plain = await readFile(file);
    const flipped = Buffer.from(plain);
    flipped[300] = (flipped[300] ?? 0) ^ 1;
    await expect(attempt(flipped)).rejects.toEqual(refused('backup.damaged'));

    const newer = join(directory, 'newer');
    await mkdir(newer);
    await cp(join(data, 'metalwright.sqlite'), join(newer, 'metalwright.sqlite'));
    const database = new DatabaseSync(join(newer, 'metalwright.sqlite'));
    database.exec("update counters set value = 9999 where name = 'schema-version'");
    database.close();
    await makeBackup({ dataDirectory: newer, file, nowMs });
    await expect(
      restoreBackup({ file, dataDirectory: data, replace: true, nowMs }),
    ).rejects.toEqual(refused('backup.newer'));
    expect(await contentOf(data)).toEqual(before);
    // What is sealed opens by its passphrase.
    await expect(attempt(sealed, passphrase)).resolves.toMatchObject({ format: 1 });
  });
});

/** Names and texts of the files, but for the database's own, which looking at it changes. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('metalwright.sqlite'));
  const texts = names.map(async (name) => [name, await readFile(join(folder, name), 'latin1')]);
  return Object.fromEntries(await Promise.all(texts));
}

it('M56 goes on with a restore that a power cut stopped, at whichever file', async () => {
  const files = ['metalwright.sqlite', 'site-secret'];
  for (let done = 0; done <= 5; done++) {
    const here = join(directory, `cut-${done}`);
    const staging = join(here, 'restore');
    await mkdir(staging, { recursive: true });
    for (const name of files) {
      await writeFile(join(here, name), 'old');
      await writeFile(join(staging, name), 'new');
    }
    await writeFile(join(here, 'metalwright.sqlite-wal'), 'old wal');
    const kept = join(here, 'before');
    await writeFile(join(staging, 'complete'), JSON.stringify({ files, keepIn: 'before' }));
    await mkdir(kept);
    const moves = [
      [join(here, 'metalwright.sqlite-wal'), join(kept, 'metalwright.sqlite-wal')],
      [join(here, 'metalwright.sqlite'), join(kept, 'metalwright.sqlite')],
      [join(staging, 'metalwright.sqlite'), join(here, 'metalwright.sqlite')],
      [join(here, 'site-secret'), join(kept, 'site-secret')],
      [join(staging, 'site-secret'), join(here, 'site-secret')],
    ] as const;
    for (const [from, to] of moves.slice(0, done)) await rename(from, to);
    await finishRestore(here);
    expect(await contentOf(here).catch(() => null)).toBeNull(); // a folder is left: before
    expect((await readdir(here)).sort()).toEqual(['before', 'metalwright.sqlite', 'site-secret']);
    for (const name of files) {
      expect(await readFile(join(here, name), 'utf8')).toBe('new');
      expect(await readFile(join(kept, name), 'utf8')).toBe('old');
    }
    expect(await readFile(join(kept, 'metalwright.sqlite-wal'), 'utf8')).toBe('old wal');
  }
  // One that was not complete is left alone.
  const early = join(directory, 'early');
  await mkdir(join(early, 'restore'), { recursive: true });
  await writeFile(join(early, 'restore', 'site-secret'), 'new');
  await writeFile(join(early, 'site-secret'), 'old');
  await finishRestore(early);
  expect(await readFile(join(early, 'site-secret'), 'utf8')).toBe('old');
});

it('seals any length, and notices blocks that are missing or in another order', async () => {
  const MiB = 1024 * 1024;
  async function* parts(...sizes: number[]) {
    for (const size of sizes) yield Buffer.alloc(size, size % 251);
  }
  const cost = { memoryKib: 8192, passes: 1 };
  const all = async (source: AsyncIterable<Uint8Array>) => {
    const read: Uint8Array[] = [];
    for await (const part of source) read.push(part);
    return Buffer.concat(read);
  };
  const stream = async function* (bytes: Uint8Array) {
    yield bytes;
  };
  for (const sizes of [[], [1], [MiB], [3, MiB, 2 * MiB]]) {
    const sealed = await all(sealBytes(parts(...sizes), 'passphrase', cost));
    const opened = await all(unsealBytes(stream(sealed), 'passphrase'));
    expect(opened.equals(await all(parts(...sizes))), String(sizes)).toBe(true);
  }
  const sealed = await all(sealBytes(parts(MiB, MiB, MiB), 'passphrase', cost));
  const block = MiB + 16;
  const start = sealed.length - 3 * block;
  const cut = sealed.subarray(0, -block);
  const swapped = Buffer.concat([
    sealed.subarray(0, start + block),
    sealed.subarray(start + 2 * block),
    sealed.subarray(start + block, start + 2 * block),
  ]);
  for (const bytes of [cut, swapped])
    await expect(all(unsealBytes(stream(bytes), 'passphrase'))).rejects.toEqual(
      refused('backup.damaged'),
    );
});

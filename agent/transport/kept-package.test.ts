import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK_BYTES, ContentManifest, type ContentObject } from '../protocol/content.ts';
import { StepError } from '../sequence/step.ts';
import { keepPackage } from './kept-package.ts';

const { signal } = new AbortController();
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const files: Readonly<Record<string, Buffer>> = {
  'setup.cmd': Buffer.from('@echo off\r\n'),
  'drivers/net/e1000.inf': Buffer.from('[Version]\r\n'),
  'drivers/empty': Buffer.alloc(0),
  'big.bin': Buffer.alloc(2 * CHUNK_BYTES + 77, 'metalwright '),
};
const manifestOf = (contents: Readonly<Record<string, Buffer>>, version = 3) =>
  ContentManifest.parse({
    packageId: 'MW100001',
    version,
    name: 'Tools',
    kind: 'package',
    objects: Object.entries(contents).map(([path, bytes]) => ({
      path,
      sizeBytes: bytes.length,
      sha256: sha(bytes),
      chunks: Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_none, index) =>
        sha(bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)),
      ),
    })),
  });
const manifest = manifestOf(files);

let root = '';
let parent = '';
let asked: string[] = [];
/** Called before each chunk that is read. */
let onRead = (_count: number): void => {};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'kept-'));
  parent = join(root, 'In', 'deep');
  asked = [];
  onRead = () => {};
});
afterEach(async () => rm(root, { recursive: true, force: true }));

const keep = async (
  wanted = manifest,
  { free = Number.MAX_SAFE_INTEGER, until = signal, contents = files } = {},
) =>
  keepPackage(
    wanted,
    {
      parent,
      free: async () => free,
      openObject: ({ path, sizeBytes }: ContentObject) => ({
        path,
        sizeBytes,
        async read(offset, length) {
          asked.push(`${path}@${offset}`);
          onRead(asked.length);
          return contents[path]?.subarray(offset, offset + length) ?? Buffer.alloc(0);
        },
      }),
    },
    until,
  );
const isAllThere = async (): Promise<boolean> => {
  const all = Object.entries(files).map(
    async ([path, bytes]) =>
      sha(await readFile(join(parent, 'MW100001', path)).catch(() => Buffer.from('?'))) ===
      sha(bytes),
  );
  return (await Promise.all(all)).every(Boolean);
};

describe('M28 a package that is to stay', () => {
  it('is a folder with its id as its name, and nothing beside it', async () => {
    expect(await keep()).toBe(join(parent, 'MW100001'));
    expect(await isAllThere()).toBe(true);
    expect(await readdir(parent)).toEqual(['MW100001']);
    // What inherits its access has no mode of its own.
    const { mode } = await stat(join(parent, 'MW100001'));
    expect(mode & 0o055).not.toBe(0);
  });

  it('is not fetched again where it is whole', async () => {
    await keep();
    asked = [];
    await keep();
    expect(asked).toEqual([]);
  });

  it.each([
    [
      'a chunk that was changed',
      async (at: string) => writeFile(join(at, 'setup.cmd'), '@echo OFF\r\n'),
    ],
    ['a file that is missing', async (at: string) => rm(join(at, 'drivers/net/e1000.inf'))],
    ['a file too many', async (at: string) => writeFile(join(at, 'drivers/old.inf'), '')],
  ])('is replaced where there is %s', async (_what, spoil) => {
    await spoil(await keep());
    asked = [];
    await keep();
    expect(asked.length).toBeGreaterThan(0);
    expect(await isAllThere()).toBe(true);
    expect(await readdir(join(parent, 'MW100001/drivers'))).toEqual(['empty', 'net']);
    expect(await readdir(parent)).toEqual(['MW100001']);
  });

  it('never has its name while a part of it is missing, and goes on where it was cut off', async () => {
    const chunks = 5;
    for (let at = 1; at <= chunks; at += 1) {
      await rm(parent, { recursive: true, force: true });
      const cut = new AbortController();
      asked = [];
      onRead = (count) => {
        if (count < at) return;
        cut.abort();
        throw new Error('the power is gone');
      };
      await expect(keep(manifest, { until: cut.signal })).rejects.toThrow();
      expect(await readdir(parent)).toEqual([expect.stringMatching(/^\.MW100001\..*\.partial$/)]);
      onRead = () => {};
      const before = asked.slice(0, at - 1);
      asked = [];
      await keep();
      expect(await isAllThere()).toBe(true);
      expect(await readdir(parent)).toEqual(['MW100001']);
      // What was written in full before the cut is not asked for again.
      if (at === chunks) expect(asked.filter((chunk) => before.includes(chunk))).toEqual([]);
    }
  });

  it('is taken up where the power went between its two renames', async () => {
    const folder = await keep();
    const old = join(parent, '.MW100001.replaced');
    await rename(folder, old);
    await keep();
    expect(await isAllThere()).toBe(true);
    expect(await readdir(parent)).toEqual(['MW100001']);
  });

  it('goes on with no part of another version', async () => {
    const other = { ...files, 'old.txt': Buffer.from('old') };
    onRead = (count) => {
      if (count === 5) throw new StepError('content.missing', 'gone');
    };
    await expect(keep(manifestOf(other, 2), { contents: other })).rejects.toMatchObject({
      code: 'content.missing',
    });
    onRead = () => {};
    await keep();
    expect(await readdir(parent)).toEqual(['MW100001']);
    expect(await readdir(join(parent, 'MW100001'))).not.toContain('old.txt');
  });

  it('is refused before a byte is fetched where it has no room', async () => {
    await expect(keep(manifest, { free: CHUNK_BYTES })).rejects.toMatchObject({
      code: 'content.no-space',
      exitCode: 0x80070070,
      message: expect.stringMatching(/needs 8\.0 MiB in .+, 4\.0 MiB are free/),
      hint: expect.stringContaining('another volume'),
    });
    expect(asked).toEqual([]);
  });

  it('leaves nothing of itself on a disk that fills up', async () => {
    onRead = (count) => {
      if (count === 4) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    await expect(keep()).rejects.toMatchObject({ code: 'content.no-space', exitCode: 0x80070070 });
    expect(await readdir(parent)).toEqual([]);
  });

  it('is put into no file', async () => {
    await mkdir(parent, { recursive: true });
    await writeFile(join(parent, 'MW100001'), 'mine');
    await expect(keep()).rejects.toMatchObject({ code: 'content.write' });
    expect(await readFile(join(parent, 'MW100001'), 'utf8')).toBe('mine');
  });
});

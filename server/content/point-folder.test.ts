import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from '#agent/protocol/content.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import { checkObject, folderPath, listObjects, putObject, removeObject } from './point-folder.ts';

const sha = (bytes: Uint8Array) => Sha256.parse(createHash('sha256').update(bytes).digest('hex'));
const bytes = Buffer.alloc(2 * CHUNK_BYTES + 5, 'metalwright ');
const chunks = [0, 1, 2].map((index) =>
  sha(bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)),
);
const object = { sha256: sha(bytes), sizeBytes: bytes.length, chunks };
const { signal } = new AbortController();
const state = (how: 'size' | 'hash' = 'hash') => checkObject(folder, object, how, signal);

let folder = '';
let readFrom: number[] = [];
/** Sends the object from a byte on, and breaks off before `end`. */
const source =
  (end = bytes.length) =>
  async (from: number) => {
    readFrom.push(from);
    return Readable.from([bytes.subarray(from, Math.max(from, end))]);
  };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-point-'));
  readFrom = [];
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

describe('M52 the folder of a distribution point', () => {
  it('has an object under its hash when it is whole, and goes on at a chunk where it broke off', async () => {
    expect(await state()).toBe('missing');
    const cut = putObject(folder, object, source(CHUNK_BYTES + 100), signal);
    await expect(cut).rejects.toMatchObject({ code: 'content.cut' });
    expect(await state()).toBe('missing');
    expect((await listObjects(folder)).objects.size).toBe(0);
    await putObject(folder, object, source(), signal);
    expect(readFrom).toEqual([0, CHUNK_BYTES]);
    expect(await state()).toBe('right');
    expect(await readdir(join(folder, 'content/.incoming'))).toEqual([]);
    expect([...(await listObjects(folder)).objects]).toEqual([[object.sha256, bytes.length]]);
  });

  it('takes nothing over from a partial file that a power cut has spoilt', async () => {
    await expect(putObject(folder, object, source(2 * CHUNK_BYTES), signal)).rejects.toThrow();
    const partial = join(folder, 'content/.incoming', object.sha256);
    const spoilt = await readFile(partial);
    spoilt.fill(0, CHUNK_BYTES + 7, CHUNK_BYTES + 20);
    await writeFile(partial, spoilt);
    await putObject(folder, object, source(), signal);
    expect(readFrom).toEqual([0, CHUNK_BYTES]);
    expect(await state()).toBe('right');
  });

  it('refuses other bytes than the hash says, and keeps what was there', async () => {
    const other = async () => Readable.from([Buffer.alloc(bytes.length, 'x')]);
    const put = putObject(folder, object, other, signal);
    await expect(put).rejects.toMatchObject({ code: 'distribution-point.object' });
    expect(await readdir(join(folder, 'content/.incoming'))).toEqual([]);
  });

  it('finds damage of the same size by reading alone, and puts a right one in its place', async () => {
    await putObject(folder, object, source(), signal);
    const path = folderPath(folder, object.sha256);
    const damaged = await readFile(path);
    damaged[77] = 0;
    await writeFile(path, damaged);
    expect(await state('size')).toBe('right');
    expect(await state()).toBe('damaged');
    await putObject(folder, object, source(), signal);
    expect(await state()).toBe('right');
    await writeFile(path, 'short');
    expect(await state('size')).toBe('damaged');
  });

  it('tells what is no object, and removes objects alone', async () => {
    await putObject(folder, object, source(), signal);
    const strange = ['content/notes.txt', 'content/ab/readme', `content/ab/${object.sha256}`];
    for (const path of strange) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), '');
    }
    if (object.sha256.startsWith('ab')) throw new Error('another object is needed');
    expect([...(await listObjects(folder)).strange].sort()).toEqual(strange.sort());
    await removeObject(folder, '../../notes.txt');
    await removeObject(folder, object.sha256);
    expect((await listObjects(folder)).objects.size).toBe(0);
    expect((await listObjects(folder)).strange.length).toBe(3);
  });

  it('has an empty file, of no chunk', async () => {
    const empty = { sha256: sha(new Uint8Array()), sizeBytes: 0, chunks: [] };
    await putObject(folder, empty, source(), signal);
    expect(await checkObject(folder, empty, 'hash', signal)).toBe('right');
    expect(readFrom).toEqual([]);
  });
});

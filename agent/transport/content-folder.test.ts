import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHUNK_BYTES, ContentManifest } from '../protocol/content.ts';
import { StepError } from '../sequence/step.ts';
import { packageFolders } from './content-folder.ts';
import { downloadRetry } from './download-retry.ts';
import type { FetchChunk } from './fetch-chunk.ts';
import { checkLayout } from './package-layout.ts';
import { runContent } from './run-content.ts';

const { signal } = new AbortController();
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const files: Readonly<Record<string, Uint8Array>> = {
  'setup.sh': Buffer.from('#!/bin/sh\n'),
  'drivers/net/e1000.inf': Buffer.from('[Version]\n'),
  'drivers/empty': new Uint8Array(),
  'big.bin': Buffer.alloc(2 * CHUNK_BYTES + 77, 'metalwright '),
};
const chunksOf = (bytes: Uint8Array): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_none, index) =>
    bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
const manifest = ContentManifest.parse({
  packageId: 'MW100001',
  version: 3,
  name: 'Tools',
  kind: 'package',
  objects: Object.entries(files).map(([path, bytes]) => ({
    path,
    sizeBytes: bytes.length,
    sha256: sha(bytes),
    chunks: chunksOf(bytes).map(sha),
  })),
});
const { packageId } = manifest;

let root = '';
let asked: string[] = [];
/** Fails the request whose number it is and all after it; 0 for none. */
let failAt = 0;
const fetchChunk: FetchChunk = async ({ url, first, last }) => {
  const hash = url.split('/').at(-1) ?? '';
  const [path = '', bytes = new Uint8Array()] =
    Object.entries(files).find(([, each]) => sha(each) === hash) ?? [];
  asked.push(`${path}@${first}`);
  if (failAt > 0 && asked.length >= failAt) throw new StepError('content.missing', 'gone');
  return bytes.subarray(first, last + 1);
};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'content-'));
  asked = [];
  failAt = 0;
});
afterEach(async () => rm(root, { recursive: true, force: true }));

function open(options: { run?: string; free?: number; manifest?: ContentManifest } = {}) {
  const free = options.free ?? Number.MAX_SAFE_INTEGER;
  const folders = packageFolders(join(root, 'content'), options.run ?? 'run-1', async () => free);
  const found = { kind: 'found', manifest: options.manifest ?? manifest } as const;
  const grant = { content: { [packageId]: { ...found, sources: ['http://one'] } } };
  const retry = { count: 0, delayMs: 0 };
  const content = runContent(() => grant, { fetchChunk, folders, retry }, signal);
  return { folders, folder: async () => content.folder(packageId, signal) };
}

/** The chunks that are on the disk as they should be. */
async function chunksThere(): Promise<string[]> {
  const found: string[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(root, 'content/MW100001.3', name);
    const there = await readFile(path).catch(() => new Uint8Array());
    for (const [index, chunk] of chunksOf(bytes).entries()) {
      const at = index * CHUNK_BYTES;
      if (sha(there.subarray(at, at + chunk.length)) === sha(chunk)) found.push(`${name}@${at}`);
    }
  }
  return found;
}

it('M28 M02 what was granted is told as it is now: content and driver packages', () => {
  let latest: Parameters<typeof runContent>[0] extends () => infer Grant ? Grant : never = {
    content: {},
  };
  const content = runContent(() => latest, { fetchChunk, retry: { count: 0, delayMs: 0 } }, signal);
  expect(() => content.manifest(packageId)).toThrow('is not part of what the run was granted');
  expect(content.driverPackages?.()).toEqual([]);
  latest = {
    content: { [packageId]: { kind: 'found', manifest, sources: [] } },
    driverPackages: [packageId],
  };
  expect(content.manifest(packageId)).toBe(manifest);
  expect(content.driverPackages?.()).toEqual([packageId]);
});

describe('M28 a package as files on the machine', () => {
  it('goes to a disk once there is one, is fetched again where that was formatted, and leaves nothing', async () => {
    let place = join(root, 'memory');
    const folders = packageFolders(async () => place, 'run-1');
    const found = { kind: 'found', manifest } as const;
    const grant = { content: { [packageId]: { ...found, sources: ['http://one'] } } };
    const retry = { count: 0, delayMs: 0 };
    const content = runContent(() => grant, { fetchChunk, folders, retry }, signal);
    const first = await content.folder(packageId, signal);
    place = join(root, 'disk');
    expect(await content.folder(packageId, signal)).toBe(first);
    await rm(join(root, 'memory'), { recursive: true });
    const second = await content.folder(packageId, signal);
    expect(second).toBe(join(root, 'disk/MW100001.3'));
    for (const [name, bytes] of Object.entries(files))
      expect(sha(await readFile(join(second, name)))).toBe(sha(bytes));
    await folders[Symbol.asyncDispose]();
    await expect(readdir(join(root, 'disk'))).rejects.toThrow('ENOENT');
    // A start that fetched nothing takes away what an earlier one did.
    await open().folder();
    await packageFolders(join(root, 'content'), 'run-1')[Symbol.asyncDispose]();
    await expect(readdir(join(root, 'content'))).rejects.toThrow('ENOENT');
  });

  it('has every file with its bytes, for root alone, fetched once in a run', async () => {
    const { folder } = open();
    const path = await folder();
    expect(path).toBe(join(root, 'content/MW100001.3'));
    for (const [name, bytes] of Object.entries(files))
      expect(sha(await readFile(join(path, name)))).toBe(sha(bytes));
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, 'setup.sh'))).mode & 0o100).toBe(0o100);
    const before = asked.length;
    expect(before).toBe(5);
    expect(await folder()).toBe(path);
    // The same run, taken up again after a restart.
    expect(await open().folder()).toBe(path);
    expect(asked.length).toBe(before);
  });

  it('goes on after an interruption at each chunk, and fetches none twice', async () => {
    for (let at = 1; at <= 5; at += 1) {
      asked = [];
      failAt = at;
      await rm(join(root, 'content'), { recursive: true, force: true });
      await expect(open().folder()).rejects.toMatchObject({ code: 'content.missing' });
      expect(await readdir(join(root, 'content'))).not.toContain('MW100001.3.complete');
      const there = await chunksThere();
      asked = [];
      failAt = 0;
      const path = await open().folder();
      for (const [name, bytes] of Object.entries(files))
        expect(sha(await readFile(join(path, name)))).toBe(sha(bytes));
      expect(there.length).toBe(at - 1);
      expect(asked.filter((chunk) => there.includes(chunk))).toEqual([]);
    }
  });

  it('fetches again what a power cut spoilt before the marker was written', async () => {
    const path = await open().folder();
    const bytes = await readFile(join(path, 'big.bin'));
    bytes.fill(0, CHUNK_BYTES, CHUNK_BYTES + 10);
    await writeFile(join(path, 'big.bin'), bytes);
    await rm(`${path}.complete`);
    asked = [];
    await open().folder();
    expect(sha(await readFile(join(path, 'big.bin')))).toBe(sha(files['big.bin'] ?? bytes));
    expect(asked[0]).toBe(`big.bin@${CHUNK_BYTES}`);
  });

  it('starts over when the version has other files than those that are there', async () => {
    const path = await open().folder();
    const other = ContentManifest.parse({ ...manifest, objects: manifest.objects.slice(0, 1) });
    expect(await open({ manifest: other }).folder()).toBe(path);
    expect(await readdir(path)).toEqual(['setup.sh']);
  });

  it('removes what another run left, and its own at the end', async () => {
    await open({ run: 'run-0' }).folder();
    await mkdir(join(root, 'content/MW100009.1'));
    const before = asked.length;
    const { folder, folders } = open();
    await folder();
    expect(asked.length).toBe(2 * before);
    expect(await readdir(join(root, 'content'))).not.toContain('MW100009.1');
    await folders[Symbol.asyncDispose]();
    expect(await readdir(root)).toEqual([]);
  });

  it('is refused before a byte is fetched where it has no room, with both sizes', async () => {
    await expect(open({ free: 4 * CHUNK_BYTES }).folder()).resolves.toContain('MW100001.3');
    asked = [];
    const full = open({ free: CHUNK_BYTES, run: 'run-2' }).folder();
    await expect(full).rejects.toMatchObject({
      code: 'content.no-space',
      exitCode: 0x80070070,
      message: expect.stringMatching(/needs 8\.0 MiB in .+, 4\.0 MiB are free/),
    });
    expect(asked).toEqual([]);
  });

  it('writes through no link that lies where a file goes', async () => {
    await writeFile(join(root, 'victim'), 'as it was');
    failAt = 1;
    await expect(open().folder()).rejects.toThrow();
    failAt = 0;
    await rm(join(root, 'content/MW100001.3/setup.sh'), { force: true });
    await symlink(join(root, 'victim'), join(root, 'content/MW100001.3/setup.sh'));
    await expect(open().folder()).rejects.toMatchObject({ code: 'content.write' });
    expect(await readFile(join(root, 'victim'), 'utf8')).toBe('as it was');
  });

  it.each([
    '../x',
    '/etc/passwd',
    'a/../../x',
    'a//b',
    'a/',
    '.',
    'a\\..\\b',
    'a\nb',
    'n'.repeat(256),
    'setup.sh/inside',
    'big.bin',
  ])('refuses a file %j', (path) => {
    const [first] = manifest.objects;
    const changed = { ...manifest, objects: [...manifest.objects, { ...first, path }] };
    expect(() => checkLayout(changed as ContentManifest)).toThrow(
      expect.objectContaining({ code: 'content.manifest' }),
    );
  });

  it('lays out nothing outside of its folder, whatever a path says', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', '\0') }), (path) => {
        const object = { ...manifest.objects[0], path };
        try {
          checkLayout({ ...manifest, objects: [object] } as ContentManifest);
        } catch {
          return;
        }
        expect(join('/root', path)).toBe(`/root/${path}`);
      }),
    );
  });
});

describe('M28 how often a download is tried', () => {
  const variable = (name: string, value: string) => ({ name, value, secret: false });
  it('is what the variables say, counted as retries', async () => {
    expect(downloadRetry([])).toBeUndefined();
    expect(downloadRetry([variable('smstsdownloadretrycount', '5')])).toEqual({
      count: 5,
      delayMs: 15_000,
    });
    expect(downloadRetry([variable('SMSTSDownloadRetryDelay', 'soon')])).toBeUndefined();
    let tries = 0;
    const away: FetchChunk = async () => {
      tries += 1;
      throw new StepError('content.unreachable', 'away');
    };
    const folders = packageFolders(join(root, 'content'), 'run-1');
    const found = { kind: 'found', manifest } as const;
    const grant = { content: { [packageId]: { ...found, sources: ['http://one'] } } };
    const retry = { count: 2, delayMs: 1 };
    const content = runContent(() => grant, { fetchChunk: away, folders, retry }, signal);
    const object = await content.open(packageId, 'setup.sh');
    await expect(object.read(0, 1, signal)).rejects.toMatchObject({ code: 'content.unreachable' });
    expect(tries).toBe(3);
  });
});

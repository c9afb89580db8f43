import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentManifest } from '../protocol/content.ts';
import { RunGrant } from '../protocol/policy.ts';
import { cacheLimits, clientCache } from './client-cache.ts';
import { packageFolders } from './content-folder.ts';
import type { FetchChunk } from './fetch-chunk.ts';
import { preserveContent } from './preserve-content.ts';
import { runContent } from './run-content.ts';

const MIB = 1024 * 1024;
const { signal } = new AbortController();
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const fileOf = (digit: number) => Buffer.alloc(MIB, `package ${digit} `);
const manifestOf = (digit: number, version = 1) => {
  const bytes = fileOf(digit);
  return ContentManifest.parse({
    packageId: `MW10000${digit}`,
    version,
    name: `Package ${digit}`,
    kind: 'package',
    objects: [
      { path: 'file.bin', sizeBytes: bytes.length, sha256: sha(bytes), chunks: [sha(bytes)] },
    ],
  });
};

let root = '';
let asked: string[] = [];
let nowMs = 0;
let logged: string[] = [];
const fetchChunk: FetchChunk = async ({ url, first, last }) => {
  const digit = [1, 2, 3, 4].find((each) => url.endsWith(sha(fileOf(each)))) ?? 0;
  asked.push(`${digit}`);
  return fileOf(digit).subarray(first, last + 1);
};
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'client-cache-'));
  asked = [];
  logged = [];
  nowMs = 0;
});
afterEach(async () => rm(root, { recursive: true, force: true }));

/** One run in an installed system: its content and its cache of so many MiB. */
function startRun(options: { mib?: number; keepNothing?: boolean; diskMib?: number } = {}) {
  const { mib = 3, keepNothing = false, diskMib = 1000 } = options;
  const cache = clientCache(
    join(root, 'ccmcache'),
    { sizeBytes: mib * MIB, percentOfDisk: 20 },
    {
      now: () => ++nowMs,
      log: (message) => logged.push(message),
      diskBytes: async () => diskMib * MIB,
    },
  );
  const manifests = [1, 2, 3, 4].map((digit) => manifestOf(digit));
  const grant = RunGrant.pick({ content: true }).parse({
    content: Object.fromEntries(
      manifests.map((manifest) => [
        manifest.packageId,
        { kind: 'found', manifest, sources: ['http://dp'] },
      ]),
    ),
  });
  const folders = packageFolders(join(root, 'Packages'), 'run-1');
  const content = runContent(() => grant, { fetchChunk, folders, cache, keepNothing }, signal);
  return { cache, content, folders, grant, ids: manifests.map(({ packageId }) => packageId) };
}
const inCache = async () =>
  (await readdir(join(root, 'ccmcache'))).filter((name) => name.startsWith('MW')).sort();
type Run = ReturnType<typeof startRun>;
const download = async ({ content }: Run, ids: readonly (Run['ids'][number] | undefined)[]) =>
  content.downloadAll?.(
    ids.filter((id) => id !== undefined),
    () => {},
    signal,
  );

describe('M27 the cache of the client', () => {
  it('has all content before the first step; then nothing is fetched any more', async () => {
    const run = startRun();
    await download(run, run.ids.slice(0, 3));
    expect(asked).toEqual(['1', '2', '3']);
    const [one, two] = run.ids;
    if (one === undefined || two === undefined) throw new Error('no packages');
    expect(await run.content.folder(one, signal)).toBe(join(root, 'ccmcache/MW100001'));
    const image = await run.content.open(two);
    expect(Buffer.from(await image.read(5, 20, signal))).toEqual(fileOf(2).subarray(5, 25));
    // Another run, and a machine that has no network.
    const later = startRun();
    await download(later, later.ids.slice(0, 3));
    expect(await later.content.whyUnreachable?.(one, signal)).toBeUndefined();
    expect(asked).toEqual(['1', '2', '3']);
  });

  it('fails the run before a byte is fetched where it is too small, with both sizes', async () => {
    const run = startRun();
    await expect(download(run, run.ids)).rejects.toMatchObject({
      code: 'content.cache-too-small',
      exitCode: 0x87d01202,
      message: '4 packages of 4.0 MiB cannot be in the cache at once: it may hold 3.0 MiB',
    });
    const small = startRun({ mib: 5120, diskMib: 10 });
    await expect(download(small, small.ids.slice(0, 3))).rejects.toThrow('it may hold 2.0 MiB');
    expect(asked).toEqual([]);
  });

  it('takes away what was not used for longest, and nothing that this run uses', async () => {
    const first = startRun();
    await download(first, first.ids.slice(0, 3));
    const second = startRun();
    await download(second, [second.ids[0]]);
    await download(second, [second.ids[3]]);
    expect(await inCache()).toEqual(['MW100001', 'MW100003', 'MW100004']);
    expect(logged[0]).toContain('MW100002 is taken out of the cache');
    await download(second, [second.ids[2]]);
    await expect(download(second, [second.ids[1]])).rejects.toMatchObject({
      code: 'content.cache-too-small',
      exitCode: 0x87d01201,
      message: expect.stringContaining('3.0 MiB of that are in use by this run'),
    });
  });

  it('is gone on with although its index is lost, and fetches what is damaged there again', async () => {
    const first = startRun();
    await download(first, first.ids.slice(0, 2));
    await writeFile(join(root, 'ccmcache/.cache.json'), '{"MW10');
    await writeFile(join(root, 'ccmcache/MW100002/file.bin'), fileOf(3));
    const second = startRun();
    asked = [];
    await download(second, second.ids.slice(0, 3));
    expect(asked).toEqual(['2', '3']);
    const third = startRun();
    await writeFile(join(root, 'ccmcache/MW100003/file.bin'), fileOf(1));
    asked = [];
    const image = await third.content.open(third.ids[2] ?? manifestOf(3).packageId);
    expect(Buffer.from(await image.read(0, 9, signal)).toString()).toBe('package 3');
    expect(asked).toEqual(['3']);
  });

  it('counts folders of before its index, as never used', async () => {
    await mkdir(join(root, 'ccmcache/OLD00001'), { recursive: true });
    await writeFile(join(root, 'ccmcache/OLD00001/data'), Buffer.alloc(MIB));
    const run = startRun();
    await download(run, run.ids.slice(0, 3));
    expect(await inCache()).toEqual(['MW100001', 'MW100002', 'MW100003']);
  });

  it('has its limits from variables, else those of Configuration Manager', () => {
    expect(cacheLimits([])).toEqual({ sizeBytes: 5120 * MIB, percentOfDisk: 20 });
    const variable = (name: string, value: string) => ({ name, value, secret: false });
    const set = [
      variable('metalwrightcachesizemb', '10'),
      variable('MetalwrightCachePercent', '7'),
    ];
    expect(cacheLimits(set)).toEqual({ sizeBytes: 10 * MIB, percentOfDisk: 7 });
    expect(cacheLimits([variable('MetalwrightCacheSizeMB', 'much')]).sizeBytes).toBe(5120 * MIB);
  });

  it('gets what the run has fetched where SMSTSPreserveContent says so, without fetching', async () => {
    const run = startRun({ mib: 1 });
    for (const id of run.ids.slice(0, 2)) await run.content.folder(id, signal);
    asked = [];
    const log = (message: string) => logged.push(message);
    await preserveContent(run.grant, { ...run, log }, signal);
    expect(await inCache()).toEqual(['MW100001']);
    expect(logged).toEqual([
      expect.stringMatching(/^MW100001 version 1 stays in .*ccmcache.MW100001$/),
      expect.stringMatching(/^MW100002 version 1 does not stay: .* 1\.0 MiB of that are in use/),
    ]);
    expect(asked).toEqual([]);
    const kept = join(root, 'ccmcache/MW100001/file.bin');
    expect(sha(await readFile(kept))).toBe(sha(fileOf(1)));
  });
});

describe('M29 content that is read from the distribution point', () => {
  it('is there for one step alone, unless a step has put it there to stay', async () => {
    const { content, ids } = startRun({ keepNothing: true });
    const [one, two] = ids;
    if (one === undefined || two === undefined) throw new Error('no packages');
    const used = await content.folder(one, signal);
    const downloaded = await content.folder(two, signal, true);
    await content.stepEnded?.();
    await expect(stat(used)).rejects.toThrow('ENOENT');
    expect((await stat(downloaded)).isDirectory()).toBe(true);
    asked = [];
    expect(await content.folder(one, signal)).toBe(used);
    expect(asked).toEqual(['1']);
  });

  it('M28 is kept for the steps that follow where it is downloaded when needed', async () => {
    const { content, ids } = startRun();
    const [one] = ids;
    if (one === undefined) throw new Error('no packages');
    const used = await content.folder(one, signal);
    await content.stepEnded?.();
    expect((await stat(used)).isDirectory()).toBe(true);
  });
});

import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentManifest } from '../protocol/content.ts';
import { objectSeal, SEALED_PLAIN_BYTES, sealedChunkCount } from '../protocol/sealed-object.ts';
import { StepError } from '../sequence/step.ts';
import { clientCache } from './client-cache.ts';
import { packageFolders } from './content-folder.ts';
import { runContent } from './run-content.ts';

const { signal } = new AbortController();
const key = Buffer.alloc(32, 7);
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const plain: Readonly<Record<string, Buffer>> = {
  'unattend.xml': Buffer.from('<Password>correct-horse</Password>'),
  empty: Buffer.alloc(0),
  'big.bin': Buffer.alloc(2 * SEALED_PLAIN_BYTES + 77, 'correct-horse '),
};
function sealedChunks(path: string, bytes: Buffer): Uint8Array[] {
  const count = sealedChunkCount(bytes.length);
  const seal = objectSeal(key, path);
  return Array.from({ length: count }, (_none, index) => {
    const part = bytes.subarray(index * SEALED_PLAIN_BYTES, (index + 1) * SEALED_PLAIN_BYTES);
    return seal.seal(index, index === count - 1, part);
  });
}
const sealed = Object.entries(plain).map(([path, bytes]) => ({
  path,
  chunks: sealedChunks(path, bytes),
}));
const manifest = ContentManifest.parse({
  packageId: 'MW100009',
  version: 2,
  name: 'Secrets',
  kind: 'package',
  sealed: 1,
  objects: sealed.map(({ path, chunks }) => {
    const whole = Buffer.concat(chunks);
    return { path, sizeBytes: whole.length, sha256: sha(whole), chunks: chunks.map(sha) };
  }),
});
const { packageId } = manifest;

let root = '';
let fetched: string[];
let keysAsked: number;
/** Every byte from the network with this one changed. */
let damage: boolean;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sealed-'));
  fetched = [];
  keysAsked = 0;
  damage = false;
});
afterEach(async () => rm(root, { recursive: true, force: true }));

/** The content of a run, its step begun, as one start of the agent has it. */
function begin(
  options: { given?: Uint8Array; cached?: boolean; step?: boolean; failAt?: number } = {},
) {
  const { given = key, cached = false, step = true, failAt = Number.POSITIVE_INFINITY } = options;
  const folders = packageFolders(join(root, 'run'), 'run-1');
  const content = runContent(
    () => ({
      content: { [packageId]: { kind: 'found' as const, manifest, sources: ['http://dp'] } },
    }),
    {
      firstWaitMs: 0.1,
      folders,
      fetchChunk: async ({ url, first, last }) => {
        const hash = url.split('/').at(-1) ?? '';
        const at = manifest.objects.findIndex(({ sha256 }) => sha256 === hash);
        const one = sealed[at];
        if (one === undefined) throw new StepError('content.missing', url);
        fetched.push(`${one.path}@${first}`);
        if (fetched.length > failAt) throw new StepError('content.missing', 'gone');
        const bytes = Buffer.from(Buffer.concat(one.chunks).subarray(first, last + 1));
        if (damage) bytes[0] = (bytes[0] ?? 0) ^ 1;
        return bytes;
      },
      cache: cached
        ? clientCache(
            join(root, 'cache'),
            { sizeBytes: 1 << 30, percentOfDisk: 100 },
            { now: () => 1, log() {} },
          )
        : undefined,
    },
    signal,
  );
  if (step)
    content.stepStarted?.(async () => {
      keysAsked += 1;
      return given;
    });
  return content;
}

/** Whether any file below a folder has the text of the secret. */
async function isOpenIn(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries)
    if (
      entry.isFile() &&
      (await readFile(join(entry.parentPath, entry.name))).includes('correct-horse')
    )
      return true;
  return false;
}

describe('M39 a secret package on a machine', () => {
  it('is opened for the step that needs it, asks for the key once, and is gone after it', async () => {
    const content = begin();
    const folder = await content.folder(packageId, signal);
    for (const [path, bytes] of Object.entries(plain))
      expect((await readFile(join(folder, path))).equals(bytes)).toBe(true);
    const object = await content.open(packageId, 'big.bin');
    expect(object.sizeBytes).toBe(plain['big.bin']?.length);
    const at = SEALED_PLAIN_BYTES - 5;
    expect(Buffer.from(await object.read(at, 10, signal))).toEqual(
      plain['big.bin']?.subarray(at, at + 10),
    );
    expect(await content.folder(packageId, signal)).toBe(folder);
    expect(keysAsked).toBe(1);
    await content.stepEnded?.();
    expect(await isOpenIn(root)).toBe(false);
    await expect(content.folder(packageId, signal)).rejects.toMatchObject({
      code: 'content.sealed',
    });
  });

  it('goes on where an interrupted fetch left off', async () => {
    await expect(begin({ failAt: 3 }).folder(packageId, signal)).rejects.toThrow();
    fetched = [];
    const folder = await begin().folder(packageId, signal);
    expect(
      (await readFile(join(folder, 'big.bin'))).equals(plain['big.bin'] ?? Buffer.alloc(0)),
    ).toBe(true);
    expect(fetched.length).toBeLessThan(5);
    expect(fetched.filter((one) => one.startsWith('unattend'))).toEqual([]);
  });

  it('with a changed byte is damaged before it is opened; with another key it says so', async () => {
    damage = true;
    await expect(begin().folder(packageId, signal)).rejects.toMatchObject({
      code: 'content.damaged',
    });
    damage = false;
    const other = begin({ given: Buffer.alloc(32, 8) });
    await expect(other.folder(packageId, signal)).rejects.toMatchObject({
      code: 'content.sealed',
      message: expect.stringMatching(/Chunk 0 of (unattend\.xml|empty|big\.bin)/),
    });
    expect(await isOpenIn(root)).toBe(false);
  });

  it('lies sealed in the cache of the client, without a key, and is read from there', async () => {
    const first = begin({ cached: true, step: false });
    await first.downloadAll?.([packageId], () => {}, signal);
    expect(await isOpenIn(join(root, 'cache'))).toBe(false);
    fetched = [];
    const content = begin({ cached: true });
    const folder = await content.folder(packageId, signal);
    expect(folder.startsWith(join(root, 'run'))).toBe(true);
    expect(
      (await readFile(join(folder, 'unattend.xml'))).equals(
        plain['unattend.xml'] ?? Buffer.alloc(0),
      ),
    ).toBe(true);
    expect(fetched).toEqual([]);
    await expect(content.keep(packageId, join(root, 'cache'), signal)).rejects.toMatchObject({
      code: 'content.sealed',
    });
  });

  it('kept at a path of the sequence is open there, and known again', async () => {
    const kept = await begin().keep(packageId, join(root, 'kept'), signal);
    expect(
      (await readFile(join(kept, 'unattend.xml'))).equals(plain['unattend.xml'] ?? Buffer.alloc(0)),
    ).toBe(true);
    fetched = [];
    expect(await begin().keep(packageId, join(root, 'kept'), signal)).toBe(kept);
    expect(fetched).toEqual([]);
    await writeFile(join(kept, 'unattend.xml'), 'changed');
    await begin().keep(packageId, join(root, 'kept'), signal);
    expect(fetched).not.toEqual([]);
  });
});

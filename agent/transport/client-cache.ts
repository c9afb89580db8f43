/**
 * The cache of the client in an installed system: packages that outlive a run, each in `<folder>/<package id>`.
 * It has a limit, and takes away what was not used for longest when another needs the room. What is there of
 * which version is told by `.cache.json` beside them; every byte is held against its manifest when it is used,
 * so that file may lie, or be lost: then something is fetched again.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ContentManifest, ContentObject } from '../protocol/content.ts';
import { PackageId } from '../protocol/identity.ts';
import type { VariableChange } from '../protocol/run-event.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { StepError } from '../sequence/step.ts';
import { keepPackage } from './kept-package.ts';
import { writeSynced } from './package-files.ts';

/** How much the cache may hold: what is less of the two. */
export interface CacheLimits {
  readonly sizeBytes: number;
  readonly percentOfDisk: number;
}

export interface ClientCache {
  readonly folder: string;
  /** Bytes that it may hold. */
  limitBytes(): Promise<number>;
  /** Refuses packages that it cannot hold together. @throws {StepError} `content.cache-too-small` */
  assertFits(manifests: readonly ContentManifest[]): Promise<void>;
  /** Whether this very version is said to be there. */
  has(manifest: ContentManifest): Promise<boolean>;
  /** Bytes of an object of a version that is there, as they lie there; undefined where it is not, or too short. */
  read(
    manifest: ContentManifest,
    object: ContentObject,
    range: { readonly first: number; readonly last: number },
  ): Promise<Uint8Array | undefined>;
  /** Puts a package there, or finds it whole there, and returns its folder. @throws {StepError} as `keepPackage`, and `content.cache-too-small` */
  keep(
    manifest: ContentManifest,
    openObject: (object: ContentObject) => VerifiedObject,
    signal: AbortSignal,
  ): Promise<string>;
}

const DEFAULT_SIZE_MIB = 5120;
const DEFAULT_PERCENT = 20;
const MIB = 1024 * 1024;
const INDEX = '.cache.json';
/** HRESULTs of Configuration Manager: the cache is smaller than the content; it has no room for it. */
const CACHE_SMALLER_CODE = 0x87d01202;
const CACHE_FULL_CODE = 0x87d01201;

const Entry = z.object({
  digest: z.string(),
  sizeBytes: z.number().nonnegative(),
  usedMs: z.number(),
});
type Entry = z.infer<typeof Entry>;
const Index = z.record(PackageId, Entry);

/** `MetalwrightCacheSizeMB` and `MetalwrightCachePercent` among the variables that a run begins with. */
export function cacheLimits(variables: readonly VariableChange[]): CacheLimits {
  const number = (name: string): number | undefined => {
    const value = variables.findLast((each) => each.name.toLowerCase() === name)?.value.trim();
    return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
  };
  return {
    sizeBytes: (number('metalwrightcachesizemb') ?? DEFAULT_SIZE_MIB) * MIB,
    percentOfDisk: Math.min(100, number('metalwrightcachepercent') ?? DEFAULT_PERCENT),
  };
}

/** @param options `diskBytes`: size of the disk that a folder is on, for tests */
export function clientCache(
  folder: string,
  limits: CacheLimits,
  options: {
    readonly now: () => number;
    readonly log: (message: string) => void;
    readonly diskBytes?: (folder: string) => Promise<number>;
  },
): ClientCache {
  const { now, log, diskBytes = sizeOfDisk } = options;
  /** What this run makes use of is not taken away. */
  const used = new Set<PackageId>();
  let known: Map<PackageId, Entry> | undefined;
  let busy: Promise<unknown> = Promise.resolve();
  /** One after the other: two that make room at once would take away what the other counts on. */
  const alone = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    const next = busy.then(work, work);
    busy = next.catch(() => {});
    return next;
  };
  const entries = async (): Promise<Map<PackageId, Entry>> => (known ??= await readIndex(folder));
  const limitBytes = async (): Promise<number> =>
    Math.min(limits.sizeBytes, ((await diskBytes(folder)) * limits.percentOfDisk) / 100);

  const makeRoom = async (manifest: ContentManifest): Promise<void> => {
    const all = await entries();
    const limit = await limitBytes();
    const needed = sizeOf(manifest);
    if (needed > limit) throw tooSmall([manifest], limit);
    const others = [...all].filter(([id]) => id !== manifest.packageId);
    let held = others.reduce((sum, [, { sizeBytes }]) => sum + sizeBytes, 0);
    const oldest = others.sort(([, one], [, other]) => one.usedMs - other.usedMs);
    for (const [id, { sizeBytes }] of oldest) {
      if (held + needed <= limit) return;
      if (used.has(id)) continue;
      log(`${id} is taken out of the cache: ${mib(sizeBytes)} are needed for another package`);
      await rm(join(folder, id), { recursive: true, force: true });
      all.delete(id);
      held -= sizeBytes;
      await writeIndex(folder, all);
    }
    if (held + needed <= limit) return;
    throw new StepError(
      'content.cache-too-small',
      `Package ${manifest.packageId} version ${manifest.version} needs ${mib(needed)}; the cache ${folder} may hold ${mib(limit)}, and ${mib(held)} of that are in use by this run`,
      { exitCode: CACHE_FULL_CODE, hint: LIMIT_HINT },
    );
  };

  return {
    folder,
    limitBytes,
    async assertFits(manifests) {
      const limit = await limitBytes();
      if (manifests.reduce((sum, each) => sum + sizeOf(each), 0) > limit)
        throw tooSmall(manifests, limit);
    },
    has: async (manifest) =>
      (await entries()).get(manifest.packageId)?.digest === digestOf(manifest),
    async read(manifest, object, { first, last }) {
      const entry = (await entries()).get(manifest.packageId);
      if (entry?.digest !== digestOf(manifest)) return undefined;
      used.add(manifest.packageId);
      return readPart(join(folder, manifest.packageId, object.path), first, last);
    },
    keep: async (manifest, openObject, signal) =>
      alone(async () => {
        const { packageId } = manifest;
        const all = await entries();
        used.add(packageId);
        if (all.get(packageId)?.digest !== digestOf(manifest)) await makeRoom(manifest);
        const kept = await keepPackage(manifest, { parent: folder, openObject }, signal);
        const entry = { digest: digestOf(manifest), sizeBytes: sizeOf(manifest), usedMs: now() };
        all.set(packageId, entry);
        await writeIndex(folder, all);
        return kept;
      }),
  };
}

const LIMIT_HINT =
  'Let it hold more (MetalwrightCacheSizeMB, MetalwrightCachePercent), or download content when it is needed.';

function tooSmall(manifests: readonly ContentManifest[], limit: number): StepError {
  const needed = manifests.reduce((sum, each) => sum + sizeOf(each), 0);
  const what =
    manifests.length === 1 ? `Package ${manifests[0]?.packageId}` : `${manifests.length} packages`;
  return new StepError(
    'content.cache-too-small',
    `${what} of ${mib(needed)} cannot be in the cache at once: it may hold ${mib(limit)}`,
    { exitCode: CACHE_SMALLER_CODE, hint: LIMIT_HINT },
  );
}

/** What is there: by the index, and folders that it does not know, as never used. */
async function readIndex(folder: string): Promise<Map<PackageId, Entry>> {
  const text = await readFile(join(folder, INDEX), 'utf8').catch(() => '{}');
  let said: z.infer<typeof Index> = {};
  try {
    said = Index.parse(JSON.parse(text));
  } catch {
    // What is there is found by its names.
  }
  const found = new Map<PackageId, Entry>();
  for (const name of await readdir(folder).catch(() => [])) {
    const { data: id } = PackageId.safeParse(name);
    const isFolder = (await lstat(join(folder, name)).catch(() => undefined))?.isDirectory();
    if (id === undefined || isFolder !== true) continue;
    const entry = Object.entries(said).find(([known]) => known === name)?.[1];
    found.set(
      id,
      entry ?? { digest: '', sizeBytes: await sizeBelow(join(folder, name)), usedMs: 0 },
    );
  }
  return found;
}

async function writeIndex(folder: string, all: ReadonlyMap<PackageId, Entry>): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeSynced(join(folder, INDEX), JSON.stringify(Object.fromEntries(all)));
}

async function sizeBelow(folder: string): Promise<number> {
  let size = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) size += (await lstat(join(entry.parentPath, entry.name))).size;
  return size;
}

async function readPart(path: string, first: number, last: number) {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const bytes = new Uint8Array(last - first + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, first);
    return bytesRead === bytes.length ? bytes : undefined;
  } catch {
    // A disk that fails is no reason to fail: the network has it.
    return undefined;
  } finally {
    await file.close();
  }
}

/** Of the volume that the folder is on, or will be on. */
async function sizeOfDisk(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const { blocks, bsize } = await statfs(folder);
  return blocks * bsize;
}

function digestOf(manifest: ContentManifest): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
}

function sizeOf({ objects }: ContentManifest): number {
  return objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}

/**
 * The packages of a run as files on this machine: `<parent>/<package>.<version>/…`, each fetched once.
 * What an agent before this one left of the same run is gone on with: a chunk on the disk that has the
 * manifest's hash is not fetched again. A marker beside the folder says that all of it is there and
 * synced. What is left of another run is removed.
 */
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentManifest, ContentObject } from '../protocol/content.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { freeBytes } from './free-space.ts';
import { fetchFiles, writeSynced } from './package-files.ts';
import { checkLayout } from './package-layout.ts';
import { assertRoom, writeFailure } from './package-space.ts';

const ROOM_HINT =
  'Windows PE and Linux PE keep packages in memory: give the machine more, or make the package smaller.';

/** Makes folders of packages; all are removed when it is disposed, at the end of the run. */
export interface PackageFolders extends AsyncDisposable {
  /** @throws {StepError} `content.no-space`, `content.write`, `content.manifest`, what `openObject` throws */
  folder(
    manifest: ContentManifest,
    openObject: (object: ContentObject) => VerifiedObject,
    signal: AbortSignal,
    options?: {
      /** Of a manifest with some of the package's objects: which, as a word. */
      readonly part?: string | undefined;
      /** Of a secret package. */
      readonly key?: Uint8Array | undefined;
    },
  ): Promise<string>;
  /** Keeps a folder over `release`. */
  hold(folder: string): void;
  /** Takes away the folders of this start that are not held, or those of some packages alone. */
  release(only?: ReadonlySet<string>): Promise<void>;
  /** The folder of a package of this run that is there whole, also where an agent before this one fetched it. */
  find(manifest: ContentManifest): Promise<string | undefined>;
}

/**
 * @param place where packages that are not there yet go: a folder of these alone. It may be another later on,
 * when there is a disk; @param free tells the room that is left, for tests
 */
export function packageFolders(
  place: string | (() => Promise<string>),
  runId: string,
  free: (folder: string) => Promise<number> = freeBytes,
): PackageFolders {
  const ready = new Map<string, string>();
  const parents = new Set<string>();
  const held = new Set<string>();
  const placeNow = async (): Promise<string> => (typeof place === 'string' ? place : place());
  return {
    async folder(manifest, openObject, signal, { part, key } = {}) {
      const whole = `${manifest.packageId}.${manifest.version}`;
      const name = part === undefined ? whole : `${whole}.${part}`;
      const known = ready.get(name);
      // The disk that it was on may have been formatted since.
      if (known !== undefined && (await isThere(`${known}.complete`))) return known;
      checkLayout(manifest);
      const parent = await placeNow();
      parents.add(parent);
      const folder = join(parent, name);
      try {
        await prepare(parent, runId);
        const digest = digestOf(manifest);
        const marker = `${folder}.complete`;
        const marked = await readFile(marker, 'utf8').catch(() => '');
        if (marked !== digest) {
          // Whole, but of another manifest: its files are none of this one's.
          if (marked !== '') await rm(folder, { recursive: true, force: true });
          await rm(marker, { force: true });
          await assertRoom(manifest, { folder, free, hint: ROOM_HINT });
          await fetchFiles(manifest.objects, { folder, openObject, key }, signal);
          await writeSynced(marker, digest);
        }
      } catch (error) {
        signal.throwIfAborted();
        throw writeFailure(manifest, folder, error);
      }
      ready.set(name, folder);
      return folder;
    },
    hold: (folder) => void held.add(folder),
    async release(only) {
      for (const [name, folder] of ready) {
        if (held.has(folder)) continue;
        if (only !== undefined && !only.has(name.split('.')[0] ?? '')) continue;
        await rm(`${folder}.complete`, { force: true });
        await rm(folder, { recursive: true, force: true });
        ready.delete(name);
      }
    },
    async find(manifest) {
      const name = `${manifest.packageId}.${manifest.version}`;
      const folder = ready.get(name) ?? join(await placeNow(), name);
      const marked = await readFile(`${folder}.complete`, 'utf8').catch(() => '');
      return marked === digestOf(manifest) ? folder : undefined;
    },
    async [Symbol.asyncDispose]() {
      // What an earlier start fetched, too.
      parents.add(await placeNow());
      for (const parent of parents)
        await rm(parent, { recursive: true, force: true }).catch(() => {});
    },
  };
}

function digestOf(manifest: ContentManifest): string {
  return createHash('sha256').update(JSON.stringify(manifest)).digest('hex');
}

async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** The folder that holds them all, and the run that they are of. */
async function prepare(parent: string, runId: string): Promise<void> {
  const owner = join(parent, 'run');
  if ((await readFile(owner, 'utf8').catch(() => '')) === runId) return;
  await rm(parent, { recursive: true, force: true });
  await mkdir(parent, { recursive: true });
  // Another account that a program runs as passes through, and cannot list.
  await chmod(parent, 0o711);
  await writeSynced(owner, runId);
}

/**
 * A package as a folder that outlives the run, `<parent>/<package>`. It is fetched beside it, flushed, and renamed
 * when all of it is there: whatever has the name of the package is whole, also after a power cut. What an
 * interrupted fetch left is gone on with: a chunk that has the manifest's hash is not fetched again.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ContentManifest, ContentObject } from '../protocol/content.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { StepError } from '../sequence/step.ts';
import { freeBytes } from './free-space.ts';
import { fetchFiles, isFetched, syncFolder } from './package-files.ts';
import { checkLayout } from './package-layout.ts';
import { assertRoom, writeFailure } from './package-space.ts';
import { fileLayout } from './sealed-files.ts';

const ROOM_HINT = 'Make room there, or name a path on another volume.';

/**
 * Returns the folder. One that is there and has every file of the package as it should be, and no other, stays;
 * any other is replaced. @throws {StepError} `content.no-space`, `content.write`, `content.manifest`, what
 * `openObject` throws
 */
export async function keepPackage(
  manifest: ContentManifest,
  {
    parent,
    openObject,
    free = freeBytes,
    key,
  }: {
    /** Made where it is missing. */
    readonly parent: string;
    readonly openObject: (object: ContentObject) => VerifiedObject;
    readonly free?: (folder: string) => Promise<number>;
    /** Of a secret package, which is kept in the clear. */
    readonly key?: Uint8Array | undefined;
  },
  signal: AbortSignal,
): Promise<string> {
  checkLayout(manifest);
  const { packageId, objects } = manifest;
  const folder = join(parent, packageId);
  const digest = createHash('sha256').update(JSON.stringify(manifest)).digest('hex').slice(0, 12);
  const partial = join(parent, `.${packageId}.${digest}.partial`);
  const replaced = join(parent, `.${packageId}.replaced`);
  try {
    // The root of a drive cannot be made, also where it is there.
    if ((await lstat(parent).catch(() => undefined)) === undefined)
      await mkdir(parent, { recursive: true });
    const whole = await isWhole(objects, folder, { key, signal });
    await removeRests(parent, packageId, whole ? undefined : partial);
    if (whole) return folder;
    await assertRoom(manifest, { folder: partial, free, hint: ROOM_HINT });
    await fetchFiles(objects, { folder: partial, openObject, access: 'inherited', key }, signal);
    if ((await lstat(folder).catch(() => undefined)) !== undefined) await rename(folder, replaced);
    await rename(partial, folder);
    await syncFolder(parent);
    await assertThere(objects, folder, key);
    await rm(replaced, { recursive: true, force: true });
    return folder;
  } catch (error) {
    signal.throwIfAborted();
    const failure = writeFailure(manifest, folder, error);
    // Nobody goes on with what a full disk cannot take, and others need its room.
    if (failure.code === 'content.no-space')
      await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw failure;
  }
}

/** Looks once more: a file system may have lost what was renamed. @throws {StepError} `content.write` */
async function assertThere(
  objects: readonly ContentObject[],
  folder: string,
  key: Uint8Array | undefined,
): Promise<void> {
  for (const object of objects) {
    const { path } = object;
    const { sizeBytes } = fileLayout(object, key);
    const size = (await lstat(join(folder, path)).catch(() => undefined))?.size;
    if (size === sizeBytes) continue;
    throw new StepError(
      'content.write',
      `${join(folder, path)} was written with ${sizeBytes} bytes, and has ${size ?? 'none'} now`,
      { hint: 'The file system may be damaged: check it, or name a path on another volume.' },
    );
  }
}

/** What other attempts left of this package, but for `kept`. */
async function removeRests(
  parent: string,
  packageId: string,
  kept: string | undefined,
): Promise<void> {
  for (const name of await readdir(parent)) {
    const isRest =
      name.startsWith(`.${packageId}.`) &&
      (name.endsWith('.partial') || name.endsWith('.replaced'));
    const path = join(parent, name);
    if (isRest && path !== kept) await rm(path, { recursive: true, force: true });
  }
}

/** Whether a folder has these files, all of their chunks right, and no others. */
async function isWhole(
  objects: readonly ContentObject[],
  folder: string,
  options: { readonly key: Uint8Array | undefined; readonly signal: AbortSignal },
): Promise<boolean> {
  const top = await lstat(folder).catch(() => undefined);
  if (top === undefined) return false;
  if (!top.isDirectory())
    throw new StepError('content.write', `${folder} is there, and is no folder`, {
      hint: 'Take it away, or name another path.',
    });
  const wanted = new Set(objects.map(({ path }) => path));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/');
    if (!entry.isDirectory() && !(entry.isFile() && wanted.has(path))) return false;
  }
  for (const object of objects)
    if (!(await isFetched(object, join(folder, object.path), options))) return false;
  return true;
}

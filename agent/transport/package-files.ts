import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeAll } from '../journal/write-all.ts';
import { CHUNK_BYTES, type ContentObject } from '../protocol/content.ts';
import type { VerifiedObject } from '../sequence/platform.ts';
import { type FilePart, fileLayout } from './sealed-files.ts';

/** Small files at once: each costs a round trip and a flush. Big ones come one by one, read ahead. */
const SMALL_AT_ONCE = 8;

/** Where the files of a package go, and how one is read. */
export interface Target {
  readonly folder: string;
  readonly openObject: (object: ContentObject) => VerifiedObject;
  /** Who reads it: root alone, or whoever reads the folder that it is in. @default 'root' */
  readonly access?: 'root' | 'inherited';
  /** Of a secret package: `openObject` opens with it, and what is written is known again by it. */
  readonly key?: Uint8Array | undefined;
}

/**
 * Fetches files below a folder, and syncs them and their names. When one fails, the
 * others have ended before that is thrown.
 */
export async function fetchFiles(
  objects: readonly ContentObject[],
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  const { folder, access = 'root' } = target;
  await mkdir(folder, { recursive: true });
  // On NTFS this would put an access list of its own in the place of the inherited one.
  if (access === 'root') await chmod(folder, 0o700);
  const folders = new Set([folder]);
  for (const { path } of objects)
    for (let each = dirname(path); each !== '.'; each = dirname(each))
      folders.add(join(folder, each));
  for (const each of folders) await mkdir(each, { recursive: true });

  const small = objects.filter(({ sizeBytes }) => sizeBytes <= CHUNK_BYTES).values();
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const worker = async (): Promise<void> => {
    for (const object of small) await fetchObject(object, target, either);
  };
  const workers = Array.from({ length: SMALL_AT_ONCE }, async () =>
    worker().catch((error: unknown) => failed.abort(error)),
  );
  await Promise.all(workers);
  either.throwIfAborted();
  for (const object of objects)
    if (object.sizeBytes > CHUNK_BYTES) await fetchObject(object, target, signal);

  // Names are on the disk when the folder that holds them is: the innermost first.
  for (const each of [...folders].sort((one, other) => other.length - one.length))
    await syncFolder(each);
}

/** Writes one file, but for the chunks that are there and right, and syncs it. */
async function fetchObject(
  object: ContentObject,
  { folder, openObject, key }: Target,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  const file = await open(join(folder, object.path), O_RDWR | O_CREAT | O_NOFOLLOW, 0o755);
  try {
    const { size } = await file.stat();
    const { sizeBytes, parts } = fileLayout(object, key);
    // Not made longer beforehand: a user-space FAT (fusefat) cannot.
    if (size > sizeBytes) await file.truncate(sizeBytes);
    const source = openObject(object);
    for (const part of parts) {
      const { offset, length } = part;
      // What an interrupted fetch left may have holes.
      if (offset + length <= size && (await isRight(file, part))) continue;
      await writeAll(file, await source.read(offset, length, signal), offset);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whether a file is there as it should be: its size, and every chunk. */
export async function isFetched(
  object: ContentObject,
  path: string,
  { key, signal }: { readonly key?: Uint8Array | undefined; readonly signal: AbortSignal },
): Promise<boolean> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const found = await file.stat();
    const { sizeBytes, parts } = fileLayout(object, key);
    if (!found.isFile() || found.size !== sizeBytes) return false;
    for (const part of parts) {
      signal.throwIfAborted();
      if (!(await isRight(file, part))) return false;
    }
    return true;
  } finally {
    await file.close();
  }
}

async function isRight(file: FileHandle, part: FilePart): Promise<boolean> {
  const bytes = new Uint8Array(part.length);
  const { bytesRead } = await file.read(bytes, 0, part.length, part.offset);
  return bytesRead === part.length && part.isRight(bytes);
}

/** Writes a small file, whole or not at all, also after a power cut. */
export async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** Windows flushes no folder, and refuses to; NTFS keeps a rename whole by its own log. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

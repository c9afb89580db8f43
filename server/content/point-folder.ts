/**
 * The folder of a distribution point: objects below `content/ab/<sha256>`, as any web server hands them out. A
 * file has its name only when it is whole, right and synced: it grows as `content/.incoming/<sha256>`, goes on
 * there after an interruption at the first chunk that is not right, and is renamed.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CHUNK_BYTES, type ContentObject } from '#agent/protocol/content.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import { ContentError } from './error.ts';

type StoredObject = Omit<ContentObject, 'path'>;

/** What is in the folder, by its names alone. */
export interface FolderListing {
  /** Bytes of each object. */
  readonly objects: ReadonlyMap<string, number>;
  /** Paths below the folder that are no object. */
  readonly strange: readonly string[];
}

const INCOMING = '.incoming';

/** Path of an object below the folder. */
export function folderPath(folder: string, sha256: string): string {
  return join(folder, 'content', sha256.slice(0, 2), sha256);
}

/** Whether an object is there: `size` looks at its size alone, `hash` reads it. */
export async function checkObject(
  folder: string,
  { sha256, sizeBytes }: Pick<StoredObject, 'sha256' | 'sizeBytes'>,
  how: 'size' | 'hash',
  signal: AbortSignal,
): Promise<'right' | 'missing' | 'damaged'> {
  const path = folderPath(folder, sha256);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 'missing';
  if (!found.isFile() || found.size !== sizeBytes) return 'damaged';
  if (how === 'size') return 'right';
  const hash = createHash('sha256');
  try {
    await using file = await open(path, 'r');
    for await (const { bytes } of chunksOf(file, sizeBytes)) {
      signal.throwIfAborted();
      hash.update(bytes);
    }
  } catch (error) {
    signal.throwIfAborted();
    // A bad sector is damage as well.
    if (error instanceof Error && Reflect.get(error, 'code') === 'EIO') return 'damaged';
    throw error;
  }
  return hash.digest('hex') === sha256 ? 'right' : 'damaged';
}

/**
 * Puts an object there, in the place of a damaged one too. @param read the object from a byte on
 * @throws {ContentError} `content.cut`, `distribution-point.object`; system errors of the folder
 */
export async function putObject(
  folder: string,
  object: StoredObject,
  read: (from: number) => Promise<Readable>,
  signal: AbortSignal,
): Promise<void> {
  const { sha256, sizeBytes } = object;
  const path = folderPath(folder, sha256);
  const incoming = join(folder, 'content', INCOMING);
  const partial = join(incoming, sha256);
  await mkdir(incoming, { recursive: true });
  const parent = join(folder, 'content', sha256.slice(0, 2));
  await mkdir(parent, { recursive: true });
  const hash = createHash('sha256');
  {
    await using file = await open(partial, 'a+', 0o644);
    let at = 0;
    for await (const { bytes, index } of chunksOf(file, sizeBytes)) {
      signal.throwIfAborted();
      if (createHash('sha256').update(bytes).digest('hex') !== object.chunks[index]) break;
      hash.update(bytes);
      at += bytes.length;
    }
    await file.truncate(at);
    if (at < sizeBytes) at += await append(file, await read(at), { hash, most: sizeBytes - at });
    if (at !== sizeBytes)
      throw new ContentError(
        'content.cut',
        `${sha256} broke off after ${at} of ${sizeBytes} bytes`,
        {
          hint: 'Begin again: it goes on where it broke off.',
        },
      );
    await file.sync();
  }
  if (hash.digest('hex') !== sha256) {
    await rm(partial, { force: true });
    throw new ContentError(
      'distribution-point.object',
      `The server has other bytes for ${sha256}`,
      {
        hint: 'The object is damaged there: add the package again, or restore it from a backup.',
      },
    );
  }
  await rename(partial, path);
  await using names = await open(parent, 'r');
  await names.sync();
}

/** What is in the folder. A folder that is not there is empty. */
export async function listObjects(folder: string): Promise<FolderListing> {
  const objects = new Map<string, number>();
  const strange: string[] = [];
  const top = join(folder, 'content');
  for (const prefix of await readdir(top).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(prefix)) {
      if (prefix !== INCOMING) strange.push(join('content', prefix));
      continue;
    }
    for (const name of await readdir(join(top, prefix)).catch(() => [])) {
      const found = await stat(join(top, prefix, name)).catch(() => undefined);
      if (Sha256.safeParse(name).success && name.startsWith(prefix) && found?.isFile() === true)
        objects.set(name, found.size);
      else strange.push(join('content', prefix, name));
    }
  }
  return { objects, strange };
}

/** Takes an object away, and what came of it. */
export async function removeObject(folder: string, sha256: string): Promise<void> {
  if (!Sha256.safeParse(sha256).success) return;
  await rm(folderPath(folder, sha256), { force: true });
  await rm(join(folder, 'content', INCOMING, sha256), { force: true });
}

async function append(
  file: FileHandle,
  stream: Readable,
  { hash, most }: { readonly hash: { update(bytes: Uint8Array): unknown }; readonly most: number },
): Promise<number> {
  let added = 0;
  for await (const piece of stream) {
    if (!(piece instanceof Uint8Array)) throw new TypeError('a stream of bytes is needed');
    const bytes = piece.subarray(0, most - added);
    hash.update(bytes);
    for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten;
    added += bytes.length;
    if (bytes.length < piece.length) break;
  }
  return added;
}

async function* chunksOf(
  file: FileHandle,
  sizeBytes: number,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly index: number }> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes));
  for (let at = 0, index = 0; at < sizeBytes; at += CHUNK_BYTES, index += 1) {
    const length = Math.min(CHUNK_BYTES, sizeBytes - at);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(buffer, filled, length - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled < length) return;
    yield { bytes: buffer.subarray(0, length), index };
  }
}

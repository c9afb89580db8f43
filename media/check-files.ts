import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type MediaFile, mediaPaths, parseMediaManifest } from './manifest.ts';
import { MediaError } from './media-error.ts';
import { readAhead } from './read-ahead.ts';
import { verifySignify } from './signify.ts';

const AGAIN = 'The media are damaged, or were changed after they were made. Make them again.';

/** How far a check is. */
export interface MediaCheckProgress {
  readonly path: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/**
 * Reads the manifest of media that lie in a folder, and checks who signed it.
 * @throws {MediaError} `media.signature`, `media.other-site`, `media.manifest`, `media.missing-file`
 */
export async function readMediaManifest(
  folder: string,
  publicKey: string,
): Promise<readonly MediaFile[]> {
  const manifest = await readOr(join(folder, mediaPaths.manifest), mediaPaths.manifest);
  const signature = await readOr(join(folder, mediaPaths.signature), mediaPaths.signature);
  const keys = { publicKey, signature: signature.toString('latin1') };
  verifySignify(keys, manifest, mediaPaths.manifest);
  return parseMediaManifest(manifest.toString('utf8'));
}

/**
 * Reads every byte of the media and holds it against the manifest: one that is another is found here, before
 * anything is done with it. @throws {MediaError} `media.damaged`, `media.missing-file`, `media.unreadable`
 */
export async function* checkMediaFiles(
  folder: string,
  files: readonly MediaFile[],
  signal: AbortSignal,
): AsyncGenerator<MediaCheckProgress> {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  for (const { path, sizeBytes, sha256 } of files) {
    const full = join(folder, path);
    const found = await stat(full).catch(() => undefined);
    if (found?.isFile() !== true) throw missing(path);
    if (found.size !== sizeBytes)
      throw new MediaError(
        'media.damaged',
        `${path} has ${found.size} bytes, it was made with ${sizeBytes}`,
        { hint: AGAIN },
      );
    const hash = createHash('sha256');
    try {
      await using file = await open(full);
      let offset = 0;
      for await (const part of readAhead(file, { signal })) {
        hash.update(path === mediaPaths.biosImage ? withoutBootInfo(part, offset) : part);
        offset += part.length;
        doneBytes += part.length;
        yield { path, doneBytes, totalBytes };
      }
    } catch (error) {
      signal.throwIfAborted();
      throw new MediaError('media.unreadable', `${path} cannot be read: ${String(error)}`, {
        hint: 'Is the stick or the disc still in the machine? Otherwise it is worn out: make another one.',
        cause: error,
      });
    }
    if (hash.digest('hex') !== sha256)
      throw new MediaError('media.damaged', `${path} is not what was put on the media`, {
        hint: AGAIN,
      });
  }
}

/** Where the maker of the image writes into the loader for BIOS, where on the disc it lies (El Torito, GRUB 2). */
const bootInfo = [
  { from: 8, to: 64 },
  { from: 2548, to: 2556 },
] as const;

/** The loader for BIOS without what is only known when the disc is made: so its hash can be signed before. */
export function withoutBootInfo(bytes: Uint8Array, offset = 0): Uint8Array {
  const plain = Uint8Array.from(bytes);
  for (const { from, to } of bootInfo)
    plain.fill(0, Math.max(0, from - offset), Math.max(0, to - offset));
  return plain;
}

async function readOr(path: string, name: string): Promise<Buffer> {
  return readFile(path).catch((error: unknown) => {
    throw missing(name, error);
  });
}

function missing(path: string, cause?: unknown): MediaError {
  return new MediaError('media.missing-file', `${path} is not on the media`, {
    hint: AGAIN,
    cause,
  });
}

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { objectPieces, PIECE_BYTES } from '#media/manifest.ts';
import { Sha256 } from '../protocol/identity.ts';
import { StepError } from '../sequence/step.ts';
import type { FetchChunk } from './fetch-chunk.ts';

/** Where media are mounted. @throws {StepError} `content.unreachable` where they are not plugged in */
export type MediaFolder = (signal: AbortSignal) => Promise<string>;

/**
 * Reads chunks of objects from stand-alone media: an object is one file there, or several where it is large. A chunk
 * lies in one of them, as the size of a piece is a multiple of that of a chunk.
 *
 * @throws {StepError} `content.missing`, `content.unreachable`
 */
export function mediaChunks(folder: MediaFolder): FetchChunk {
  return async ({ url, first, last, into }, signal) => {
    signal.throwIfAborted();
    const sha256 = Sha256.parse(url.slice(url.lastIndexOf('/') + 1));
    const number = Math.floor(first / PIECE_BYTES);
    const wanted = last - first + 1;
    try {
      await using file = await openPiece(await folder(signal), sha256, number);
      const bytes = into !== undefined && into.length >= wanted ? into : new Uint8Array(wanted);
      const at = first - number * PIECE_BYTES;
      const { bytesRead } = await file.read(bytes, 0, wanted, at);
      if (bytesRead === wanted) return bytes.subarray(0, wanted);
      throw new StepError('content.damaged', `${sha256} on the media ends too early`);
    } catch (error) {
      if (error instanceof StepError) throw error;
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      throw new StepError(
        isMissing ? 'content.missing' : 'content.unreachable',
        `${sha256} cannot be read from the media: ${String(error)}`,
        { hint: 'Are the stick or the disc still in the machine?', cause: error },
      );
    }
  };
}

async function openPiece(folder: string, sha256: string, number: number) {
  const [whole, pieces] = [
    objectPieces(sha256, 0),
    objectPieces(sha256, (number + 1) * PIECE_BYTES + 1),
  ];
  const paths = [pieces[number]?.path, ...(number === 0 ? [whole[0]?.path] : [])];
  let failure: unknown;
  for (const path of paths)
    try {
      return await open(join(folder, path ?? ''));
    } catch (error) {
      failure = error;
    }
  throw failure;
}

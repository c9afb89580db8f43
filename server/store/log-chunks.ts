import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Tables } from './tables.ts';

/** The fastest: of a log it leaves a tenth in 0.2 ms for 64 KiB, and slower levels hardly less. */
const params = { [constants.ZSTD_c_compressionLevel]: 1 };

/**
 * A chunk of a run's log as its row has it: by Zstandard (RFC 8878), since a tenth of the bytes is written,
 * synced and copied, and an order of magnitude more runs fit on the disk.
 *
 * @param start where in the log it begins, in bytes
 */
export function packChunk(run_id: string, start: number, text: string): Tables['logs'] {
  const plain = Buffer.from(text);
  return {
    run_id,
    start,
    bytes: plain.length,
    text: '',
    zstd: zstdCompressSync(plain, { params }),
  };
}

/** A chunk's bytes in UTF-8. */
export function unpackChunk({
  zstd,
  text,
  bytes,
}: Pick<Tables['logs'], 'zstd' | 'text' | 'bytes'>): Buffer {
  // Rows from before schema 32 have their text as it is.
  if (zstd === null) return Buffer.from(text);
  return zstdDecompressSync(zstd, { maxOutputLength: bytes, chunkSize: Math.max(64, bytes) });
}

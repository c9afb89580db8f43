import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Sha256 } from '#agent/protocol/identity.ts';
import { ArchiveError } from './archive-error.ts';

/** What bytes must be. */
export interface Expected {
  /** What they are called in an error. */
  readonly what: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/**
 * The bytes as they pass, with an error instead of the last piece when they are not those that were meant:
 * whoever takes them never has all of something wrong. Throws `archive.hash` to its reader.
 */
export function checkHash(bytes: AsyncIterable<unknown>, expected: Expected): Readable {
  return Readable.from(checked(bytes, expected), { objectMode: false });
}

async function* checked(
  bytes: AsyncIterable<unknown>,
  { what, sizeBytes, sha256 }: Expected,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let length = 0;
  let last: Uint8Array | undefined;
  for await (const piece of bytes) {
    if (!(piece instanceof Uint8Array) || piece.length === 0) continue;
    if (last !== undefined) yield last;
    last = piece;
    length += piece.length;
    hash.update(piece);
    if (length > sizeBytes) break;
  }
  const found = hash.digest('hex');
  if (length !== sizeBytes || found !== sha256)
    throw wrongHash({ what, sizeBytes, sha256 }, length);
  if (last !== undefined) yield last;
}

/** Refuses bytes that are not those that were meant. @throws {ArchiveError} `archive.hash` */
export function assertHash(bytes: Uint8Array, expected: Expected): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected.sha256 || bytes.length !== expected.sizeBytes)
    throw wrongHash(expected, bytes.length);
}

function wrongHash({ what, sizeBytes, sha256 }: Expected, length: number): ArchiveError {
  const message =
    length === sizeBytes
      ? `${what} does not have the SHA-256 ${sha256}`
      : `${what} has ${length} bytes or more, and is to have ${sizeBytes}`;
  return new ArchiveError('archive.hash', message, { hint: 'Make or fetch the archive again.' });
}

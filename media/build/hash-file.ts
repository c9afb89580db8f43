import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { readAhead } from '../read-ahead.ts';

/** SHA-256 of a file or a part of it, as hex. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  part?: { readonly offset: number; readonly sizeBytes: number },
): Promise<string> {
  await using file = await open(path);
  const hash = createHash('sha256');
  const range = part && { first: part.offset, end: part.offset + part.sizeBytes };
  for await (const piece of readAhead(file, { ...range, signal })) hash.update(piece);
  return hash.digest('hex');
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of a file or a part of it, as hex. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  part?: { readonly offset: number; readonly sizeBytes: number },
): Promise<string> {
  const range = part && { start: part.offset, end: part.offset + part.sizeBytes - 1 };
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { ...range, signal, highWaterMark: 1024 ** 2 }))
    hash.update(chunk);
  return hash.digest('hex');
}

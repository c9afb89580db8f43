import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const BUFFER_BYTES = 4 * 1024 * 1024;

/** SHA-256 of a file or a part of it, as hex. While one piece is hashed the next one is read. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  part?: { readonly offset: number; readonly sizeBytes: number },
): Promise<string> {
  await using file = await open(path);
  const end = part === undefined ? Number.POSITIVE_INFINITY : part.offset + part.sizeBytes;
  const hash = createHash('sha256');
  let position = part?.offset ?? 0;
  let [free, other] = [Buffer.alloc(BUFFER_BYTES), Buffer.alloc(BUFFER_BYTES)];
  const read = async (into: Buffer) =>
    file.read(into, 0, Math.min(into.length, end - position), position);
  let reading = read(free);
  for (;;) {
    const { bytesRead } = await reading;
    signal.throwIfAborted();
    if (bytesRead === 0) return hash.digest('hex');
    position += bytesRead;
    [free, other] = [other, free];
    reading = read(free);
    // It may fail while this one is hashed: that is told when it is waited for.
    reading.catch(() => {});
    hash.update(other.subarray(0, bytesRead));
  }
}

import type { FileHandle } from 'node:fs/promises';

const PIECE_BYTES = 1024 * 1024;

/** Which bytes of a file, and when to stop. */
interface Wanted {
  readonly first?: number;
  /** Behind the last one; the end of the file when absent. */
  readonly end?: number;
  readonly signal: AbortSignal;
}

/** Reads a file in pieces: while one is worked on the next one is read. A piece holds until the next one is asked for. */
export async function* readAhead(
  file: FileHandle,
  { first = 0, end = Number.POSITIVE_INFINITY, signal }: Wanted,
): AsyncGenerator<Uint8Array> {
  const pieceBytes = Math.min(PIECE_BYTES, Math.max(1, (await file.stat()).size - first));
  let [now, later] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)];
  let position = first;
  const read = async (into: Buffer) =>
    file.read(into, 0, Math.min(into.length, end - position), position);
  let reading = read(now);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await reading;
    if (bytesRead === 0) return;
    position += bytesRead;
    const piece = now.subarray(0, bytesRead);
    [now, later] = [later, now];
    reading = read(now);
    // It may fail while this piece is worked on, or nobody may ask for it: it is told when it is waited for.
    reading.catch(() => {});
    yield piece;
  }
}

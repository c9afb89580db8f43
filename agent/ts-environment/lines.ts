const NEWLINE = 0x0a;

/**
 * Splits what comes in pieces into lines of at most `maxBytes`; a carriage return at their end is dropped.
 * Gives undefined for a line that is too long, and ends there. A last line without its end counts.
 */
export async function* linesOf(
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string | undefined, void> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    let from = 0;
    while (from < piece.length) {
      const at = piece.indexOf(NEWLINE, from);
      const part = piece.subarray(from, at < 0 ? undefined : at);
      size += part.length;
      if (size > maxBytes) return yield undefined;
      parts.push(part);
      from = at < 0 ? piece.length : at + 1;
      if (at < 0) continue;
      yield textOf(parts);
      parts = [];
      size = 0;
    }
  }
  if (size > 0) yield textOf(parts);
}

function textOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
}

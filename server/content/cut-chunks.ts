/** Cuts a stream into chunks of exactly `size` bytes but the last; each has a buffer of its own. */
export async function* cutChunks(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(size);
  let filled = 0;
  for await (const piece of stream) {
    for (let done = 0; done < piece.length; ) {
      const part = piece.subarray(done, done + size - filled);
      chunk.set(part, filled);
      filled += part.length;
      done += part.length;
      if (filled < size) continue;
      yield chunk;
      chunk = new Uint8Array(size);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.slice(0, filled);
}

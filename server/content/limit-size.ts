import { Readable } from 'node:stream';
import { ContentError } from './error.ts';

/**
 * The stream, which fails when it has more bytes than it was said to have: a sender without end would fill
 * the disk. Throws `content.too-long` to its reader.
 */
export function limitSize(stream: Readable, sizeBytes: number): Readable {
  return Readable.from(limited(stream, sizeBytes), { objectMode: false });
}

async function* limited(stream: Readable, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  for await (const part of stream) {
    if (!(part instanceof Uint8Array)) throw new TypeError('a stream of bytes');
    left -= part.length;
    if (left < 0)
      throw new ContentError(
        'content.too-long',
        `More came than the ${sizeBytes} bytes that were said`,
        { hint: 'Send the package again: the file has changed meanwhile.' },
      );
    yield part;
  }
}

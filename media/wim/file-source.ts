import type { WimSource } from './header.ts';

/** A file that is open, as Node has them. */
interface OpenFile {
  read(
    into: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** A WIM in a file that is open. */
export function wimInFile(file: OpenFile, sizeBytes: number): WimSource {
  return {
    sizeBytes,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
  };
}

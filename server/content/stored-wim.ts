import { open } from 'node:fs/promises';
import type { WimSource } from '#media/wim/header.ts';

/** Reads a WIM where it lies, for as long as `use` takes. */
export async function withStoredWim<Value>(
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
  use: (source: WimSource) => Promise<Value>,
): Promise<Value> {
  await using file = await open(path, 'r');
  return await use({
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
  });
}

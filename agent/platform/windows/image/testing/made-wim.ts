import { madeWimBytes } from '#media/wim/made-wim.testing.ts';
import type { VerifiedObject } from '../../../../sequence/platform.ts';

/** A WIM with header and metadata of one image, for readers of these: its files are not in it. */
export function madeWim(imageXml: string, path = 'sources/install.wim'): VerifiedObject {
  const bytes = madeWimBytes(imageXml, Buffer.alloc(9 * 1024 * 1024, 7));
  return {
    path,
    sizeBytes: bytes.length,
    read: async (offset, length, signal) => {
      signal.throwIfAborted();
      return bytes.subarray(offset, offset + length);
    },
  };
}

import { statfs } from 'node:fs/promises';
import type { DiskCapability, VolumeId } from '../sequence/platform.ts';

/**
 * Bytes that are free in the file system of a volume, or of the system that runs; null where it cannot be
 * read. What is reserved for root or used up by a quota does not count.
 * @param systemFolder in the system that runs: `/`, `C:\Windows`
 */
export async function volumeSpace(
  { mount }: Pick<DiskCapability, 'mount'>,
  { volume, systemFolder }: { readonly volume: VolumeId | null; readonly systemFolder: string },
  signal: AbortSignal,
): Promise<number | null> {
  try {
    if (volume === null) return await freeAt(systemFolder);
    await using mounted = await mount(volume, signal);
    return await freeAt(mounted.path);
  } catch {
    // Locked, damaged, of a kind that is not known here: all the same to who asks for room.
    signal.throwIfAborted();
    return null;
  }
}

async function freeAt(path: string): Promise<number | null> {
  const { blocks, bavail, bsize } = await statfs(path);
  // A user-space FAT (fusefat) does not tell.
  return blocks === 0 ? null : bavail * bsize;
}

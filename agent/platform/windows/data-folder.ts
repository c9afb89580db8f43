import { statfs } from 'node:fs/promises';
import type { Win32 } from './win32.ts';

/** GetDriveType: DRIVE_FIXED. */
const FIXED = 3;
/** Of a volume too small for an operating system: the system partition and the like. */
const LEAST_BYTES = 4 * 1024 ** 3;

/**
 * Folder of the agent on a disk of this machine (`_SMSTSMDataPath`), for its log and the packages of a run,
 * which the memory of Windows PE has no room for: on the largest formatted volume of a fixed disk that has a
 * letter; undefined while there is none, and where Windows cannot be asked. X: is the memory of Windows PE.
 */
export async function dataFolderOnDisk(
  win32: Pick<Win32, 'volumes' | 'mountPoints' | 'driveType'> | undefined,
  sizeOf: (path: string) => Promise<number> = volumeBytes,
): Promise<string | undefined> {
  if (!win32) return undefined;
  const roots = win32
    .volumes()
    .flatMap((volume) => win32.mountPoints(volume))
    .filter((path) => /^[C-WYZ]:\\$/i.test(path) && win32.driveType(path) === FIXED)
    .sort();
  let largest: { readonly root: string; readonly bytes: number } | undefined;
  for (const root of roots) {
    // One without a file system has no size.
    const bytes = await sizeOf(root).catch(() => 0);
    if (bytes >= LEAST_BYTES && bytes > (largest?.bytes ?? 0)) largest = { root, bytes };
  }
  return largest && `${largest.root}_SMSTaskSequence`;
}

async function volumeBytes(path: string): Promise<number> {
  const { blocks, bsize } = await statfs(path);
  return blocks * bsize;
}

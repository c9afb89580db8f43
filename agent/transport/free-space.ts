import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';

/** Magic numbers of file systems that live in memory (linux/magic.h). */
const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;
/** What the programs of a PE need to go on. */
const KEPT_MEMORY_BYTES = 64 * 1024 * 1024;

/** Bytes that can still be written to the file system of a folder: of one in memory, no more than is free there. */
export async function freeBytes(folder: string): Promise<number> {
  const { type, bsize, blocks, bavail } = await statfs(folder);
  const onDisk = bavail * bsize;
  // A user-space FAT (fusefat) does not tell: then it shows while it is written.
  if (type !== TMPFS && type !== RAMFS) return blocks === 0 ? Number.POSITIVE_INFINITY : onDisk;
  const inMemory = Math.max(0, freemem() - KEPT_MEMORY_BYTES);
  // One without a limit has no blocks.
  return blocks === 0 ? inMemory : Math.min(onDisk, inMemory);
}

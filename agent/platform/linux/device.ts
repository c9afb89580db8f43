import { open, stat } from 'node:fs/promises';
import { StepError } from '../../sequence/step.ts';

/** Syncs a block device: what is in the page cache goes to the disk, and the disk's own cache is flushed. */
export async function syncDevice(path: string): Promise<void> {
  const device = await open(path, 'r+');
  try {
    await device.sync();
  } finally {
    await device.close();
  }
}

/**
 * Refuses what is no block device: wimlib, given a name that does not exist, makes a folder and says
 * that all went well. @throws {StepError} `disk.no-device`
 */
export async function assertBlockDevice(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isBlockDevice() !== true)
    throw new StepError('disk.no-device', `${path} is no block device`, {
      hint: 'The disk was unplugged, or its partition table is not the one that was read before.',
    });
}

/** Overwrites the first and last MiB: labels, boot code, and RAID metadata that lies at the end. */
export async function zeroEnds(path: string, sizeBytes: number): Promise<void> {
  const device = await open(path, 'r+');
  try {
    const zeros = new Uint8Array(Math.min(1024 * 1024, sizeBytes));
    await device.write(zeros, 0, zeros.length, 0);
    await device.write(zeros, 0, zeros.length, sizeBytes - zeros.length);
    await device.sync();
  } finally {
    await device.close();
  }
}

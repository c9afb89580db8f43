import type { Disk } from '../../sequence/platform.ts';
import type { BootEntries, BootMenu } from './boot-entries.ts';
import type { ScannedDisk } from './disk-scan.ts';

/** Whether a disk is what this Linux was started from. */
export type IsBootMedium = (disk: ScannedDisk) => boolean;

/**
 * By the boot entry that the firmware took: the partition that it names; or, where it names a drive on USB only,
 * each removable disk on USB, as it cannot be told which of them. From the network it is none. Pure.
 */
export function bootMediumOf({ entries, current }: BootMenu): IsBootMedium {
  const entry = entries.find(({ number }) => number === current);
  if (entry === undefined || entry.network) return () => false;
  const { partitionGuid, usb } = entry;
  return ({ disk, volumes }) =>
    partitionGuid === undefined
      ? usb === true && isOnUsb(disk)
      : volumes.some((volume) => volume.partitionGuid === partitionGuid);
}

/** The disk that holds the media this Linux was started from. @param device it, or a partition of it */
export function mediaMedium(device: string): IsBootMedium {
  return ({ path, volumes }) => path === device || volumes.some((volume) => volume.path === device);
}

function isOnUsb({ removable, bus }: Disk): boolean {
  return removable && bus === 'usb';
}

/** Asked of the firmware once; where it has no such entries, as with BIOS, no disk is known to be it. */
export function bootMedium(entries: BootEntries): (signal: AbortSignal) => Promise<IsBootMedium> {
  let known: Promise<IsBootMedium> | undefined;
  return async (signal) => {
    known ??= entries.read(signal).then(bootMediumOf, () => () => false);
    return known;
  };
}

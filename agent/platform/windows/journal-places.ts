import type { Disk, DiskCapability, Partition } from '../../sequence/platform.ts';
import { journalPlaces } from '../journal-places.ts';

/**
 * Journals on the system partitions of fixed, writable disks: of UEFI machines the EFI system partitions,
 * of BIOS machines the active ones. Both are found by their volume, whatever their letters are now.
 */
export function windowsJournalPlaces(
  disk: Pick<DiskCapability, 'list' | 'mount' | 'flush'>,
  firmware: 'uefi' | 'bios',
): ReturnType<typeof journalPlaces> {
  return journalPlaces(async (signal) => {
    const disks = await disk.list(signal);
    return disks
      .filter(({ removable, readOnly }) => !removable && !readOnly)
      .flatMap((each) =>
        each.partitions
          .filter((partition) => isSystem(partition, each, firmware))
          .map(({ number, volume }) => ({
            diskId: each.id,
            where: `disk ${each.number}, partition ${number}`,
            mount: async (mounting: AbortSignal) => disk.mount(volume, mounting),
            // Place and size of the file are metadata of the file system, which syncing it may leave behind.
            flush: async (flushing: AbortSignal) => disk.flush(volume, flushing),
          })),
      );
  });
}

/** The active partition of a BIOS machine is one only beside another: where it is alone, an image wipes it. */
function isSystem(partition: Partition, disk: Disk, firmware: 'uefi' | 'bios'): boolean {
  const fileSystem = partition.fileSystem.toLowerCase();
  if (firmware === 'uefi') return partition.type === 'efi' && /^v?fat(32)?$/.test(fileSystem);
  const others = disk.partitions.filter(({ type }) => type === 'primary' || type === 'logical');
  return (
    partition.active === true &&
    /^(v?fat(32)?|ntfs)$/.test(fileSystem) &&
    others.some(({ number }) => number !== partition.number)
  );
}

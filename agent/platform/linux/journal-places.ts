import { journalPlaces } from '../journal-places.ts';
import { syncDevice } from './device.ts';
import type { ScannedDisk } from './disk-scan.ts';
import type { Mounts } from './mounts.ts';

/** Journals on the EFI system partitions of fixed, writable disks. */
export function linuxJournalPlaces(
  mounts: Pick<Mounts, 'mount'>,
  scan: (signal: AbortSignal) => Promise<readonly ScannedDisk[]>,
): ReturnType<typeof journalPlaces> {
  return journalPlaces(async (signal) => {
    const disks = await scan(signal);
    return disks
      .filter(({ disk }) => !disk.removable && !disk.readOnly)
      .flatMap(({ disk, volumes }) =>
        volumes
          .filter(
            ({ partition }) =>
              partition.type === 'efi' && ['fat32', 'vfat'].includes(partition.fileSystem),
          )
          .map(({ path }) => ({
            diskId: disk.id,
            where: path,
            mount: async (mounting: AbortSignal) => mounts.mount(path, 'fat32', mounting),
            // The file system's own fsync does not reach it where that is a FAT in user space.
            syncDevice: async () => syncDevice(path),
          })),
      );
  });
}

import type { FoundJournal, JournalPlaces } from '../../journal/places.ts';
import { journalPlaces } from '../journal-places.ts';
import { syncDevice } from './device.ts';
import type { Mounts } from './mounts.ts';

/**
 * Journals of a machine that was started from a stick with a partition to write to: there until the disk of the machine
 * has a system partition. History is kept on both.
 *
 * @param device of that partition, FAT
 */
export function withMediaJournal<Disk extends JournalPlaces>(
  disk: Disk,
  mounts: Pick<Mounts, 'mount'>,
  device: string,
): Disk {
  const stick = journalPlaces(async () => [
    {
      diskId: `media:${device}`,
      where: `${device} of the media`,
      mount: async (signal) => mounts.mount(device, 'fat32', signal),
      syncDevice: async () => syncDevice(device),
    },
  ]);
  return {
    ...disk,
    // One on the disk is newer: it has all that the other had.
    async find(signal) {
      const all: FoundJournal[] = [...(await disk.find(signal))];
      const runs = new Set(all.map((each) => each.kind === 'journal' && each.parsed.header.runId));
      for (const found of await stick.find(signal)) {
        if (found.kind === 'damaged') all.push(found);
        else if (runs.has(found.parsed.header.runId)) await found.medium.close();
        else all.push({ ...found, temporary: true });
      }
      return all;
    },
    // Only on a disk that this run has made: what is on others is to be erased, perhaps.
    create: async (_where, signal) => disk.create('made-here', signal),
    async temporary(signal) {
      const medium = await stick.create('any', signal);
      if (medium === undefined) throw new Error(`${device} has no place for a journal`);
      return medium;
    },
    dropTemporary: async (signal) => stick.remove(signal),
    async remember(line, signal) {
      await disk.remember(line, signal);
      await stick.remember(line, signal);
    },
    async remove(signal) {
      await disk.remove(signal);
      await stick.remove(signal);
    },
  };
}

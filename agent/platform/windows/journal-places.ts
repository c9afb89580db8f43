import { appendFile, mkdir, open, rm, stat } from 'node:fs/promises';
import { parseJournal } from '../../journal/format.ts';
import { JournalError } from '../../journal/journal-error.ts';
import { type JournalMedium, openFileMedium } from '../../journal/medium.ts';
import type { FoundJournal, JournalPlaces } from '../../journal/places.ts';
import type { Disk, DiskCapability, Partition } from '../../sequence/platform.ts';

const FOLDER = 'metalwright';
const FILE = 'journal.bin';
const HISTORY = 'history.jsonl';

interface SystemPartition {
  readonly disk: Disk;
  readonly partition: Partition;
}

/**
 * Journals on the system partitions of fixed, writable disks: of UEFI machines the EFI system partitions,
 * of BIOS machines the active ones. Both are found by their volume, whatever their letters are now.
 */
export function windowsJournalPlaces(
  disk: Pick<DiskCapability, 'list' | 'mount' | 'flush'>,
  firmware: 'uefi' | 'bios',
): JournalPlaces & { erasing(disk: Disk): Promise<void> } {
  /** Ids of disks that this process has partitioned. */
  const made = new Set<string>();
  /** Open media, by the id of their disk. */
  const opened = new Map<string, number>();
  let leave: () => Promise<void> = async () => {};

  const systemPartitions = async (signal: AbortSignal): Promise<readonly SystemPartition[]> => {
    const disks = await disk.list(signal);
    return disks
      .filter(({ removable, readOnly }) => !removable && !readOnly)
      .flatMap((each) =>
        each.partitions
          .filter((partition) => isSystem(partition, each, firmware))
          .map((partition) => ({ disk: each, partition })),
      );
  };
  /** Mounts the partition for as long as the medium is open. */
  const openMedium = async (
    { disk: { id }, partition }: SystemPartition,
    create: boolean,
    signal: AbortSignal,
  ): Promise<JournalMedium | undefined> => {
    const mounted = await disk.mount(partition.volume, signal);
    try {
      const folder = below(mounted.path, FOLDER);
      const path = below(folder, FILE);
      if (create) await makeFolder(folder);
      else if (!(await stat(path).catch(() => undefined))) {
        await mounted[Symbol.asyncDispose]();
        return undefined;
      }
      const medium = await openFileMedium(path, { create });
      if (create) {
        // Its place and size are metadata of the file system, which syncing the file may leave behind.
        try {
          await disk.flush(partition.volume, signal);
        } catch (error) {
          await medium.close();
          throw error;
        }
      }
      opened.set(id, (opened.get(id) ?? 0) + 1);
      return {
        ...medium,
        close: async () => {
          await medium.close();
          opened.set(id, (opened.get(id) ?? 1) - 1);
          await mounted[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await mounted[Symbol.asyncDispose]();
      throw error;
    }
  };
  return {
    onErase(told) {
      leave = told;
    },
    async erasing({ id }) {
      if ((opened.get(id) ?? 0) > 0) await leave();
      made.add(id);
    },
    async find(signal) {
      const found: FoundJournal[] = [];
      for (const place of await systemPartitions(signal)) {
        const where = `disk ${place.disk.number}, partition ${place.partition.number}`;
        // One without a file system yet, or locked by BitLocker, holds none.
        const medium = await openMedium(place, false, signal).catch(() => undefined);
        if (!medium) continue;
        try {
          const parsed = parseJournal(await medium.read());
          if (parsed) found.push({ kind: 'journal', parsed, medium, where });
          else await medium.close();
        } catch (error) {
          await medium.close();
          if (!(error instanceof JournalError)) throw error;
          found.push({ kind: 'damaged', error, where });
        }
      }
      return found;
    },
    async create(where, signal) {
      if (where === 'made-here' && made.size === 0) return undefined;
      const places = await systemPartitions(signal);
      const place = places.find((each) => where === 'any' || made.has(each.disk.id));
      return place && openMedium(place, true, signal);
    },
    async remember(line, signal) {
      const [place] = await systemPartitions(signal);
      if (!place) return;
      await using mounted = await disk.mount(place.partition.volume, signal);
      const folder = below(mounted.path, FOLDER);
      await makeFolder(folder);
      const path = below(folder, HISTORY);
      await appendFile(path, `${line}\n`);
      await syncFile(path);
    },
    async remove(signal) {
      for (const { partition } of await systemPartitions(signal)) {
        await using mounted = await disk.mount(partition.volume, signal);
        await rm(below(below(mounted.path, FOLDER), FILE), { force: true });
      }
    },
  };
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

/** A path below the root of a volume, `\\?\Volume{…}\`, which `join` of node:path spoils. */
function below(folder: string, name: string): string {
  const separator = folder.includes('\\') ? '\\' : '/';
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`;
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

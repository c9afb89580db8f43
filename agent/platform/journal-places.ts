import { appendFile, mkdir, open, rm, stat } from 'node:fs/promises';
import { parseJournal } from '../journal/format.ts';
import { JournalError } from '../journal/journal-error.ts';
import { type JournalMedium, openFileMedium } from '../journal/medium.ts';
import type { FoundJournal, JournalPlaces } from '../journal/places.ts';
import type { MountedVolume } from '../sequence/platform.ts';
import { below } from './below.ts';
import { keptRuns } from './kept-runs.ts';

const FOLDER = 'metalwright';
const FILE = 'journal.bin';
const HISTORY = 'history.jsonl';

/** A partition that a journal can be on, whatever system reaches it. */
export interface SystemPartition {
  readonly diskId: string;
  /** For people. */
  readonly where: string;
  mount(signal: AbortSignal): Promise<MountedVolume>;
  /** Syncs the device with each sync of the journal, where the file system does not do that itself. */
  readonly syncDevice?: () => Promise<void>;
  /** Writes out the metadata of a journal that was made, where syncing its file leaves them behind. */
  readonly flush?: (signal: AbortSignal) => Promise<void>;
}

/** Journals on the system partitions that there are at the time. */
export function journalPlaces(
  systemPartitions: (signal: AbortSignal) => Promise<readonly SystemPartition[]>,
): JournalPlaces & {
  /** To be called before a disk is erased. */
  erasing(disk: { readonly id: string }): Promise<void>;
} {
  /** Ids of disks that this process has partitioned. */
  const made = new Set<string>();
  /** Open media, by the id of their disk. */
  const opened = new Map<string, number>();
  let leave: () => Promise<void> = async () => {};

  /** Mounts the partition for as long as the medium is open. */
  const openMedium = async (
    place: SystemPartition,
    create: boolean,
    signal: AbortSignal,
  ): Promise<JournalMedium | undefined> => {
    const { diskId } = place;
    const mounted = await place.mount(signal);
    try {
      const folder = below(mounted.path, FOLDER);
      const path = below(folder, FILE);
      if (create) await makeFolder(folder);
      else if (!(await stat(path).catch(() => undefined))) {
        await mounted[Symbol.asyncDispose]();
        return undefined;
      }
      const medium = await openMade(path, { place, create }, signal);
      opened.set(diskId, (opened.get(diskId) ?? 0) + 1);
      return {
        ...medium,
        close: async () => {
          await medium.close();
          opened.set(diskId, (opened.get(diskId) ?? 1) - 1);
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
        const { where } = place;
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
      const place = places.find(({ diskId }) => where === 'any' || made.has(diskId));
      return place && openMedium(place, true, signal);
    },
    keptRuns: keptRuns(async (signal) => {
      const [place] = await systemPartitions(signal);
      // One that has no file system yet, or is locked, keeps nothing.
      return await place?.mount(signal).catch(() => undefined);
    }),
    async remember(line, signal) {
      const [place] = await systemPartitions(signal);
      if (!place) return;
      await using mounted = await place.mount(signal);
      const folder = below(mounted.path, FOLDER);
      await makeFolder(folder);
      const path = below(folder, HISTORY);
      await appendFile(path, `${line}\n`);
      await syncFile(path);
    },
    async remove(signal) {
      for (const place of await systemPartitions(signal)) {
        await using mounted = await place.mount(signal);
        await rm(below(mounted.path, FOLDER, FILE), { force: true });
      }
    },
  };
}

async function openMade(
  path: string,
  { place, create }: { readonly place: SystemPartition; readonly create: boolean },
  signal: AbortSignal,
): Promise<JournalMedium> {
  const { syncDevice, flush } = place;
  const medium = await openFileMedium(path, { create, ...(syncDevice && { syncDevice }) });
  if (!create) return medium;
  try {
    await flush?.(signal);
    return medium;
  } catch (error) {
    await medium.close();
    throw error;
  }
}

/** Not `recursive`, which goes up from the root of a volume without a letter. */
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

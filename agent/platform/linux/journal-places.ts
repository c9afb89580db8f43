import { appendFile, mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJournal } from '../../journal/format.ts';
import { JournalError } from '../../journal/journal-error.ts';
import { type JournalMedium, openFileMedium } from '../../journal/medium.ts';
import type { FoundJournal, JournalPlaces } from '../../journal/places.ts';
import { syncDevice } from './device.ts';
import type { ScannedDisk, ScannedVolume } from './disk-scan.ts';
import type { Mounts } from './mounts.ts';

const FOLDER = 'metalwright';
const FILE = 'journal.bin';
const HISTORY = 'history.jsonl';

interface SystemPartition {
  readonly disk: ScannedDisk;
  readonly volume: ScannedVolume;
}

/** Journals on the EFI system partitions of fixed, writable disks. */
export class LinuxJournalPlaces implements JournalPlaces {
  readonly #scan: (signal: AbortSignal) => Promise<readonly ScannedDisk[]>;
  readonly #mounts: Mounts;
  /** Ids of disks that this process has partitioned. */
  readonly #made = new Set<string>();
  /** Ids of disks with a medium that is open. */
  readonly #open = new Map<string, number>();
  #leave: () => Promise<void> = async () => {};

  constructor(mounts: Mounts, scan: (signal: AbortSignal) => Promise<readonly ScannedDisk[]>) {
    this.#mounts = mounts;
    this.#scan = scan;
  }

  onErase(leave: () => Promise<void>): void {
    this.#leave = leave;
  }

  /** To be called before a disk is erased. */
  async erasing({ disk }: ScannedDisk): Promise<void> {
    if ((this.#open.get(disk.id) ?? 0) > 0) await this.#leave();
    this.#made.add(disk.id);
  }

  async find(signal: AbortSignal): Promise<readonly FoundJournal[]> {
    const found: FoundJournal[] = [];
    for (const place of await this.#systemPartitions(signal)) {
      const where = place.volume.path;
      const medium = await this.#openMedium(place, false, signal).catch(() => undefined);
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
  }

  async create(
    where: 'made-here' | 'any',
    signal: AbortSignal,
  ): Promise<JournalMedium | undefined> {
    if (where === 'made-here' && this.#made.size === 0) return undefined;
    const places = await this.#systemPartitions(signal);
    const place = places.find(({ disk }) => where === 'any' || this.#made.has(disk.disk.id));
    return place && this.#openMedium(place, true, signal);
  }

  async remember(line: string, signal: AbortSignal): Promise<void> {
    const [place] = await this.#systemPartitions(signal);
    if (!place) return;
    await using mounted = await this.#mounts.mount(place.volume.path, 'fat32', signal);
    await mkdir(join(mounted.path, FOLDER), { recursive: true });
    const path = join(mounted.path, FOLDER, HISTORY);
    await appendFile(path, `${line}\n`);
    await syncFile(path);
  }

  async remove(signal: AbortSignal): Promise<void> {
    for (const { volume } of await this.#systemPartitions(signal)) {
      await using mounted = await this.#mounts.mount(volume.path, 'fat32', signal);
      await rm(join(mounted.path, FOLDER, FILE), { force: true });
    }
  }

  async #systemPartitions(signal: AbortSignal): Promise<readonly SystemPartition[]> {
    const disks = await this.#scan(signal);
    return disks
      .filter(({ disk }) => !disk.removable && !disk.readOnly)
      .flatMap((disk) =>
        disk.volumes
          .filter(
            ({ partition }) =>
              partition.type === 'efi' && ['fat32', 'vfat'].includes(partition.fileSystem),
          )
          .map((volume) => ({ disk, volume })),
      );
  }

  /** Mounts the partition for as long as the medium is open. */
  async #openMedium(
    { disk, volume }: SystemPartition,
    create: boolean,
    signal: AbortSignal,
  ): Promise<JournalMedium | undefined> {
    const { id } = disk.disk;
    const mounted = await this.#mounts.mount(volume.path, 'fat32', signal);
    const path = join(mounted.path, FOLDER, FILE);
    try {
      if (create) await mkdir(join(mounted.path, FOLDER), { recursive: true });
      else if (!(await stat(path).catch(() => undefined))) {
        await mounted[Symbol.asyncDispose]();
        return undefined;
      }
      const medium = await openFileMedium(path, {
        create,
        syncDevice: async () => syncDevice(volume.path),
      });
      this.#open.set(id, (this.#open.get(id) ?? 0) + 1);
      return {
        ...medium,
        close: async () => {
          await medium.close();
          this.#open.set(id, (this.#open.get(id) ?? 1) - 1);
          await mounted[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await mounted[Symbol.asyncDispose]();
      throw error;
    }
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync();
  await file.close();
}

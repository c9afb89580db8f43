import { mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../child.ts';
import { mountFat, mountNtfs, probe } from './mount-volume.ts';

/** A partition of the machine's disk; what Windows makes a volume of has a letter and a folder. */
export interface LabPartition {
  readonly number: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** GUID of its type, upper case. */
  readonly type: string;
  /** Its own GUID, lower case. */
  readonly guid: string;
  readonly attributes: bigint;
}
export interface LabTable {
  readonly id: string;
  readonly partitions: readonly LabPartition[];
}
export interface LabVolume {
  readonly guid: string;
  readonly fileSystem: 'NTFS' | 'FAT32';
  readonly label: string;
  readonly letter: string | undefined;
  /** Where it is mounted. */
  readonly folder: string;
}

const SECTOR_BYTES = 512;
const BASIC_DATA_TYPE = 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7';
const RESERVED_TYPE = 'E3C9E316-0B5C-4DB8-817D-F92DF00215AE';

const Sfdisk = z.object({
  partitiontable: z.object({
    label: z.string(),
    id: z.string(),
    partitions: z
      .array(
        z.object({
          start: z.int(),
          size: z.int(),
          type: z.string(),
          uuid: z.string(),
          attrs: z.string().default(''),
        }),
      )
      .default([]),
  }),
});

interface OpenVolume extends LabVolume {
  readonly loop: string;
  readonly mounting: AsyncDisposable;
}

/**
 * The one disk of a Windows machine of the lab: an image with a real partition table and real file systems, seen by
 * programs in Wine as volumes and drive letters, which are links in the folder of Wine's DOS devices.
 */
export class LabDisk implements AsyncDisposable {
  readonly image: string;
  readonly sizeBytes: number;
  readonly #folder: string;
  readonly #devices: string;
  readonly #insideOf: (folder: string) => string;
  /** Called when a volume is formatted. */
  onFormat: (guid: string) => void = () => {};
  readonly #volumes = new Map<string, OpenVolume>();
  #table: Promise<LabTable | undefined> | undefined;

  /** @param devices Wine's `dosdevices`. @param insideOf what Wine calls a folder of `folder` */
  constructor(options: {
    readonly image: string;
    readonly sizeBytes: number;
    readonly folder: string;
    readonly devices: string;
    readonly insideOf: (folder: string) => string;
  }) {
    this.image = options.image;
    this.sizeBytes = options.sizeBytes;
    this.#folder = options.folder;
    this.#devices = options.devices;
    this.#insideOf = options.insideOf;
  }

  /** The table as it is on the image; undefined where there is none. */
  async table(): Promise<LabTable | undefined> {
    // Windows asks for it many times over; all that changes it forgets it.
    this.#table ??= this.#readTable();
    return this.#table;
  }

  async #readTable(): Promise<LabTable | undefined> {
    const text = await runCommand(['sfdisk', '--json', this.image], { accept: [1] });
    const parsed = Sfdisk.safeParse(text === '' ? undefined : JSON.parse(text));
    if (!parsed.success || parsed.data.partitiontable.label !== 'gpt') return undefined;
    const { id, partitions } = parsed.data.partitiontable;
    return {
      id: id.toLowerCase(),
      partitions: partitions.map(({ start, size, type, uuid, attrs }, index) => ({
        number: index + 1,
        startBytes: start * SECTOR_BYTES,
        sizeBytes: size * SECTOR_BYTES,
        type: type.toUpperCase(),
        guid: uuid.toLowerCase(),
        attributes: attributesOf(attrs),
      })),
    };
  }

  get volumes(): readonly LabVolume[] {
    return [...this.#volumes.values()];
  }

  /** Whether Windows makes a volume of a partition: of all but reserved ones. */
  static isVolume({ type }: Pick<LabPartition, 'type'>): boolean {
    return type !== RESERVED_TYPE;
  }

  async erase(): Promise<void> {
    await this.unmountAll();
    await runCommand(['sgdisk', '--zap-all', this.image], { accept: [2] });
    await runCommand(['wipefs', '--all', '--force', this.image]);
    this.#table = undefined;
  }

  async sgdisk(...words: string[]): Promise<void> {
    await runCommand(['sgdisk', ...words, this.image]);
    this.#table = undefined;
  }

  /** Makes a file system on a partition and shows it to Windows; its letter stays. */
  async format(
    partition: LabPartition,
    fileSystem: LabVolume['fileSystem'],
    label: string,
  ): Promise<void> {
    const letter = this.#volumes.get(partition.guid)?.letter;
    this.onFormat(partition.guid);
    await this.#unmount(partition.guid);
    const loop = await this.#attach(partition);
    try {
      await (fileSystem === 'NTFS'
        ? runCommand(['mkntfs', '--quick', '--force', '--label', label, loop])
        : runCommand([
            'mkfs.fat',
            // Partitions that another scenario left on a loop device are none of ours.
            '-I',
            '-F',
            '32',
            ...(label === '' ? [] : ['-n', label.toUpperCase()]),
            loop,
          ]));
    } finally {
      await runCommand(['losetup', '--detach', loop]);
    }
    await this.mount(partition, letter);
  }

  /** Shows what is on a partition, as Windows does when it starts. */
  async mount(partition: LabPartition, letter?: string): Promise<void> {
    const loop = await this.#attach(partition);
    const { TYPE: type, LABEL: label = '' } = await probe(loop);
    if (type !== 'ntfs' && type !== 'vfat') {
      await runCommand(['losetup', '--detach', loop]);
      return;
    }
    const folder = join(this.#folder, partition.guid);
    await mkdir(folder, { recursive: true });
    const mounting = type === 'ntfs' ? await mountNtfs(loop, folder) : await mountFat(loop, folder);
    const fileSystem = type === 'ntfs' ? 'NTFS' : 'FAT32';
    const { guid } = partition;
    this.#volumes.set(guid, { guid, fileSystem, label, letter: undefined, folder, loop, mounting });
    await link(this.#insideOf(folder), join(this.#devices, `volume{${guid}}`));
    if (letter !== undefined) await this.setLetter(guid, letter);
  }

  /** As when Windows starts: basic data partitions get letters, in their order. */
  async mountAll(): Promise<void> {
    for (const partition of (await this.table())?.partitions ?? []) {
      if (!LabDisk.isVolume(partition)) continue;
      const letter = partition.type === BASIC_DATA_TYPE ? await this.freeLetter() : undefined;
      await this.mount(partition, letter);
    }
  }

  async setLetter(guid: string, letter: string | undefined): Promise<void> {
    const volume = this.#volumes.get(guid);
    if (volume === undefined) throw new Error(`no volume ${guid}`);
    if (volume.letter !== undefined)
      await rm(join(this.#devices, `${volume.letter.toLowerCase()}:`), { force: true });
    if (letter !== undefined)
      await link(this.#insideOf(volume.folder), join(this.#devices, `${letter.toLowerCase()}:`));
    this.#volumes.set(guid, { ...volume, letter });
  }

  /** The next letter that nobody has, from D on. */
  async freeLetter(): Promise<string> {
    const taken = await readdir(this.#devices);
    return (
      'DEFGHIJKLMNOPQRSTUVWXY'
        .split('')
        .find((each) => !taken.includes(`${each.toLowerCase()}:`)) ?? 'Y'
    );
  }

  /** Writes everything out and lets go of it: the machine is switched off. */
  async unmountAll(): Promise<void> {
    for (const guid of this.#volumes.keys()) await this.#unmount(guid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unmountAll();
  }

  async #unmount(guid: string): Promise<void> {
    const volume = this.#volumes.get(guid);
    if (volume === undefined) return;
    this.#volumes.delete(guid);
    await rm(join(this.#devices, `volume{${guid}}`), { force: true });
    if (volume.letter !== undefined)
      await rm(join(this.#devices, `${volume.letter.toLowerCase()}:`), { force: true });
    await volume.mounting[Symbol.asyncDispose]();
    await runCommand(['losetup', '--detach', volume.loop]);
  }

  async #attach({ startBytes, sizeBytes }: LabPartition): Promise<string> {
    const place = ['--offset', String(startBytes), '--sizelimit', String(sizeBytes)];
    return (await runCommand(['losetup', '--find', '--show', ...place, this.image])).trim();
  }
}

async function link(target: string, path: string): Promise<void> {
  await rm(path, { force: true });
  await symlink(target, path);
}

/** `RequiredPartition GUID:62,63` as sfdisk prints them. */
function attributesOf(text: string): bigint {
  let bits = /RequiredPartition/.test(text) ? 1n : 0n;
  for (const [, list = ''] of text.matchAll(/GUID:([\d,]+)/g))
    for (const bit of list.split(',')) bits |= 1n << BigInt(bit);
  return bits;
}

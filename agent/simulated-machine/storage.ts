import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type {
  Disk,
  DiskBus,
  Partition,
  PartitionPlan,
  PartitionType,
  VolumeId,
} from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import type { OfflineHive, RegistryEdit } from '#agent/sequence/windows-capability.ts';

/** What was put into the Windows on a volume. */
export interface WindowsContent {
  /** By their paths in lower case. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly edits: readonly { readonly hive: OfflineHive; readonly edit: RegistryEdit }[];
  /** Architecture of the agent that was put there. */
  readonly agent: MachineArchitecture | null;
  /** Folders whose drivers were added. */
  readonly drivers: readonly string[];
}

/** What is on a volume, as far as the simulation looks. */
export interface VolumeContent {
  /** The applied image: `path#index`, and whether all of it is there. */
  readonly image: { readonly name: string; readonly complete: boolean } | null;
  /** The volume of the operating system that the loader on this volume starts. */
  readonly loaderFor: VolumeId | null;
  readonly windows: WindowsContent | null;
}
const empty: VolumeContent = { image: null, loaderFor: null, windows: null };

interface Volume {
  partition: Partition;
  /** Taken by what was there before the run; what the run writes is not counted. */
  usedBytes: number;
  /** On the platters. */
  durable: VolumeContent;
  /** As the running system sees it: what of it is not durable, a power cut takes away. */
  cached: VolumeContent;
}

/** What a simulated disk is made as; the rest has defaults. */
export interface SimulatedDisk {
  readonly sizeBytes: number;
  readonly readOnly?: boolean;
  readonly removable?: boolean;
  readonly bootMedium?: boolean;
  readonly bus?: DiskBus;
  readonly model?: string;
  readonly serial?: string;
  readonly sectorBytes?: number;
  readonly signatures?: readonly string[];
  /** What is on it from before, in a GPT; a file system of `''` is none. */
  readonly partitions?: readonly {
    readonly sizeBytes: number;
    readonly fileSystem: string;
    readonly type?: PartitionType;
    /** What is free of it; all of it where nothing is said. */
    readonly freeBytes?: number | undefined;
  }[];
}

interface DiskState {
  readonly disk: Omit<Disk, 'partitions' | 'signatures'>;
  signatures: readonly string[];
  volumes: Volume[];
}

/** The disks of a simulated machine: partition tables are durable at once, contents only when flushed. */
export class Storage {
  readonly #disks: DiskState[];
  #volumesMade = 0;

  constructor(disks: readonly SimulatedDisk[]) {
    this.#disks = disks.map((made, number) => ({
      disk: {
        number,
        id: `simulated-${number}`,
        model: made.model ?? 'Simulated Disk',
        serial: made.serial ?? `SIM${number}`,
        sizeBytes: made.sizeBytes,
        sectorBytes: made.sectorBytes ?? 512,
        readOnly: made.readOnly ?? false,
        removable: made.removable ?? false,
        ...(made.bus === undefined ? {} : { bus: made.bus }),
        ...(made.bootMedium === undefined ? {} : { bootMedium: made.bootMedium }),
      },
      signatures: made.signatures ?? [],
      volumes: [],
    }));
    for (const [number, { partitions = [] }] of disks.entries())
      this.#addExisting(number, partitions);
  }

  list(): readonly Disk[] {
    return this.#disks.map(({ disk, signatures, volumes }) => ({
      ...disk,
      signatures,
      partitions: volumes.map(({ partition }) => partition),
    }));
  }

  /** Takes away all that was on the disk: the first half of partitioning, where the power may go too. */
  erase(number: number): void {
    const state = this.#state(number);
    if (state.disk.readOnly)
      throw new StepError('disk.read-only', `Disk ${number} takes no writes`);
    state.signatures = [];
    state.volumes = [];
  }

  /** Writes the table and formats. @throws {StepError} `disk.too-small` as the real tools would fail */
  partition(
    number: number,
    style: 'gpt' | 'mbr',
    plans: readonly PartitionPlan[],
  ): readonly Partition[] {
    const state = this.#state(number);
    const needed = plans
      .filter(({ type }) => type !== 'logical')
      .reduce((sum, { sizeBytes }) => sum + sizeBytes, 1024 * 1024);
    const tail = style === 'gpt' ? 33 * state.disk.sectorBytes : 0;
    if (needed + tail > state.disk.sizeBytes)
      throw new StepError('disk.too-small', `${needed} bytes on ${state.disk.sizeBytes}`);
    const last = { logical: 4, other: 0 };
    state.volumes = plans.map(({ type, label, sizeBytes, active, format }) => {
      const partitionNumber = type === 'logical' ? ++last.logical : ++last.other;
      const made = (++this.#volumesMade).toString(16).padStart(12, '0');
      const volume =
        style === 'gpt'
          ? `gpt:00000000-0000-4000-8000-${made}`
          : `mbr:${made.slice(4)}-${partitionNumber}`;
      const partition = {
        number: partitionNumber,
        volume,
        type,
        label,
        sizeBytes,
        fileSystem: format?.fileSystem ?? '',
        active,
      };
      return { partition, usedBytes: 0, durable: empty, cached: empty };
    });
    return state.volumes.map(({ partition }) => partition);
  }

  /** Empties a volume; between `''` and the new file system it has none, as in the middle of mkfs. */
  format(volume: VolumeId, fileSystem: string): void {
    const found = this.#volume(volume);
    found.partition = { ...found.partition, fileSystem };
    found.usedBytes = 0;
    found.durable = empty;
    found.cached = empty;
  }

  #addExisting(number: number, partitions: NonNullable<SimulatedDisk['partitions']>): void {
    const plans = partitions.map(({ sizeBytes, type = 'primary' }) => ({
      type,
      label: '',
      sizeBytes,
      active: false,
      format: null,
    }));
    if (plans.length === 0) return;
    const made = this.partition(number, 'gpt', plans);
    for (const [index, { volume }] of made.entries()) {
      this.format(volume, partitions[index]?.fileSystem ?? '');
      const { sizeBytes = 0, freeBytes = sizeBytes } = partitions[index] ?? {};
      this.#volume(volume).usedBytes = sizeBytes - freeBytes;
    }
  }

  /** Free in its file system; null without one. @throws {StepError} `disk.volume` */
  freeBytes(volume: VolumeId): number | null {
    const { partition, usedBytes } = this.#volume(volume);
    return partition.fileSystem === '' ? null : partition.sizeBytes - usedBytes;
  }

  /** What the running system sees on a volume. @throws {StepError} `disk.volume` */
  read(volume: VolumeId): VolumeContent {
    return this.#volume(volume).cached;
  }
  write(volume: VolumeId, content: Partial<VolumeContent>): void {
    const found = this.#volume(volume);
    found.cached = { ...found.cached, ...content };
  }
  flush(volume: VolumeId): void {
    const found = this.#volume(volume);
    found.durable = found.cached;
  }
  flushAll(): void {
    for (const volume of this.#volumes()) volume.durable = volume.cached;
  }
  /** What a power cut does. */
  dropUnflushed(): void {
    for (const volume of this.#volumes()) volume.cached = volume.durable;
  }
  has(volume: VolumeId): boolean {
    return this.#volumes().some(({ partition }) => partition.volume === volume);
  }

  #volumes(): Volume[] {
    return this.#disks.flatMap(({ volumes }) => volumes);
  }
  #volume(id: VolumeId): Volume {
    const found = this.#volumes().find(({ partition }) => partition.volume === id);
    if (found === undefined) throw new StepError('disk.volume', `There is no volume ${id}`);
    return found;
  }
  #state(number: number): DiskState {
    const found = this.#disks[number];
    if (found === undefined) throw new StepError('disk.missing', `There is no disk ${number}`);
    return found;
  }
}

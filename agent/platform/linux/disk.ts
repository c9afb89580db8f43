import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DiskCapability, Partition, VolumeId } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { type PlacedPartition, placePartitions } from '../place-partitions.ts';
import { volumeSpace } from '../volume-space.ts';
import type { IsBootMedium } from './boot-medium.ts';
import { assertBlockDevice, syncDevice } from './device.ts';
import {
  type DiskSource,
  partitionPath,
  probe,
  type ScannedDisk,
  type ScannedVolume,
  scanDisks,
} from './disk-scan.ts';
import type { Mounts } from './mounts.ts';
import { formatCommand, sfdiskScript } from './partition-layout.ts';
import { forgetPartition, wipeDisk, writePartitionTable } from './partition-table.ts';
import { runTool } from './process.ts';
import { stagedLine, withoutStaged } from './staged-partition.ts';

/** Formatting without *quick* reads the whole partition. */
const FORMAT_TIMEOUT_MS = 12 * 3600 * 1000;

export interface LinuxDisk extends DiskCapability {
  scan(signal: AbortSignal): Promise<readonly ScannedDisk[]>;
  /** Device node of a volume, as it is now. @throws {StepError} `disk.no-volume` */
  find(
    volume: VolumeId,
    signal: AbortSignal,
  ): Promise<ScannedVolume & { readonly disk: ScannedDisk }>;
}

/**
 * Disks by sfdisk, mkfs.fat, mkntfs and mkfs.ext4, seen by lsblk, partx, blkid and
 * wipefs. `beforeErase` lets go of what the agent itself has open on a disk.
 */
export function linuxDisk(options: {
  readonly source: DiskSource;
  readonly mounts: Mounts;
  readonly beforeErase: (disk: ScannedDisk) => Promise<void>;
  /** Absent where nothing was started from a disk. */
  readonly bootMedium?: (signal: AbortSignal) => Promise<IsBootMedium>;
  /** Partition of prestaged media that this Linux was started from: it stays. */
  readonly staged?: string | undefined;
}): LinuxDisk {
  const { source, mounts, beforeErase, bootMedium, staged } = options;
  const scan = async (signal: AbortSignal): Promise<ScannedDisk[]> => {
    const all = await scanDisks(source, signal);
    return staged === undefined ? all : all.map((found) => withoutStaged(found, staged));
  };

  const find: LinuxDisk['find'] = async (volume, signal) => {
    for (const disk of await scan(signal))
      for (const found of disk.volumes)
        if (found.partition.volume === volume) return { ...found, disk };
    throw new StepError('disk.no-volume', `no disk has the volume ${volume}`, {
      exitCode: 0x80070490,
      hint: 'Its disk was removed, or partitioned again since.',
    });
  };

  const mount: LinuxDisk['mount'] = async (volume, signal) => {
    const { path, partition } = await find(volume, signal);
    return mounts.mount(path, partition.fileSystem, signal);
  };

  return {
    scan,
    find,
    mount,
    freeBytes: async (volume, signal) =>
      volumeSpace({ mount }, { volume, systemFolder: '/' }, signal),
    async list(signal) {
      const isBootMedium = (await bootMedium?.(signal)) ?? (() => false);
      return (await scan(signal)).map((found) =>
        isBootMedium(found) ? { ...found.disk, bootMedium: true } : found.disk,
      );
    },

    async partition({ disk: wanted, style, partitions }, signal) {
      const found = (await scan(signal)).find(({ disk }) => disk.id === wanted.id);
      if (!found)
        throw new StepError('disk.missing', `disk ${wanted.number} (${wanted.id}) is gone`);
      if (found.disk.readOnly)
        throw new StepError('disk.read-only', `${describe(found)} is write-protected`, {
          exitCode: 0x80070013,
          hint: 'Look for a switch on the drive, or its security or end-of-life state.',
        });
      const { sizeBytes, sectorBytes } = found.disk;
      if (found.staged !== undefined && style !== 'gpt')
        throw new StepError(
          'disk.staged',
          `${describe(found)} was staged, and its partition with the content is kept on a GPT disk alone`,
          {
            hint: 'Use a GPT layout for machines with UEFI, or start the machine from the network.',
          },
        );
      const placed = placePartitions(style, sizeBytes, partitions);
      await beforeErase(found);
      await releaseHolders(found, signal);
      await erase(found, signal);
      await writeTable(found, { style, placed, sectorBytes }, signal);
      for (const one of placed) await format(found, one, signal);
      await syncDevice(found.path);
      return readBack(scan, { found, placed }, signal);
    },

    async flush(volume, signal) {
      const { path, partition } = await find(volume, signal);
      await mounts.sync(path, signal);
      await syncDevice(path);
      const { type } = await probe(path, signal);
      if (partition.fileSystem !== '' && type !== partition.fileSystem)
        throw new StepError(
          'disk.read-back',
          `${path} should hold ${partition.fileSystem}, reads "${type}"`,
        );
    },
  };
}

function describe({ path, disk }: ScannedDisk): string {
  const name = [disk.model, disk.serial].filter((text) => text !== '').join(' ');
  return `disk ${disk.number} (${path}${name === '' ? '' : `, ${name}`})`;
}

/** Stops arrays and maps that the kernel made of the disk's old contents. @throws {StepError} `disk.in-use` */
async function releaseHolders(found: ScannedDisk, signal: AbortSignal): Promise<void> {
  const mountTable = await readFile('/proc/self/mounts', 'utf8');
  for (const path of [...found.volumes.map(({ path }) => path), found.path]) {
    const line = mountTable.split('\n').find((line) => line.startsWith(`${path} `));
    if (line !== undefined)
      throw inUse(found, `${path} is mounted on ${line.split(' ')[1] ?? '?'}`);
    const name = basename(path);
    const holders = await readdir(`/sys/class/block/${name}/holders`).catch(() => []);
    for (const holder of holders) await release(found, holder, signal);
  }
}

async function release(found: ScannedDisk, holder: string, signal: AbortSignal): Promise<void> {
  if (holder.startsWith('md')) {
    // The md driver stops an array on this word; no tool is needed.
    await writeFile(`/sys/class/block/${holder}/md/array_state`, 'clear').catch(
      (error: unknown) => {
        throw inUse(found, `${holder} cannot be stopped: ${String(error)}`);
      },
    );
    return;
  }
  if (holder.startsWith('dm-')) {
    await runTool(['dmsetup', 'remove', '--retry', `/dev/${holder}`], signal).catch(
      (error: unknown) => {
        throw inUse(found, `${holder} cannot be removed: ${String(error)}`);
      },
    );
    return;
  }
  throw inUse(found, `${holder} uses it`);
}

function inUse(found: ScannedDisk, reason: string): StepError {
  return new StepError('disk.in-use', `${describe(found)} is in use: ${reason}`, {
    exitCode: 0x800700aa,
    hint: 'Did this environment start from that disk? Then it cannot be partitioned from here.',
  });
}

/** Old signatures: of each partition first, for they would show again where a new one starts alike. */
async function erase(found: ScannedDisk, signal: AbortSignal): Promise<void> {
  for (const { path } of found.volumes)
    await runTool(['wipefs', '--all', '--force', path], signal, { allowed: [1] });
  if (found.staged !== undefined) {
    // The table names what the machine starts from: it is replaced by the new one, and never missing.
    for (const { partition } of found.volumes)
      await forgetPartition(found.path, partition.number, signal);
    return;
  }
  await wipeDisk({ path: found.path, sizeBytes: found.disk.sizeBytes }, signal);
}

async function writeTable(
  { path: disk, staged }: Pick<ScannedDisk, 'path' | 'staged'>,
  table: {
    readonly style: 'gpt' | 'mbr';
    readonly placed: readonly PlacedPartition[];
    readonly sectorBytes: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { style, placed, sectorBytes } = table;
  const kept = staged === undefined ? '' : stagedLine(staged, sectorBytes);
  const script = `${sfdiskScript(style, placed, sectorBytes)}${kept}`;
  // The kernel has one that is kept, and would be asked for it again.
  const added = staged === undefined ? undefined : `1:${placed.length}`;
  await writePartitionTable(disk, { script, added }, signal);
  for (const { number } of placed) await assertBlockDevice(partitionPath(disk, number));
}

async function format(
  { path, disk }: ScannedDisk,
  placed: PlacedPartition,
  signal: AbortSignal,
): Promise<void> {
  const device = partitionPath(path, placed.number);
  if (placed.plan.type === 'extended') return;
  await runTool(['wipefs', '--all', '--force', device], signal);
  const command = formatCommand(device, placed, disk.sectorBytes);
  if (command) await runTool(command, signal, { timeoutMs: FORMAT_TIMEOUT_MS });
  await syncDevice(device);
}

async function readBack(
  scan: (signal: AbortSignal) => Promise<readonly ScannedDisk[]>,
  { found, placed }: { readonly found: ScannedDisk; readonly placed: readonly PlacedPartition[] },
  signal: AbortSignal,
): Promise<readonly Partition[]> {
  const now = (await scan(signal)).find(({ disk }) => disk.id === found.disk.id);
  const partitions = now?.disk.partitions ?? [];
  const wrong = placed.find(({ number, plan, sizeBytes }) => {
    const read = partitions.find((partition) => partition.number === number);
    const sizeDiffers = plan.type !== 'extended' && read?.sizeBytes !== sizeBytes;
    return (
      !read || sizeDiffers || (plan.format !== null && read.fileSystem !== plan.format.fileSystem)
    );
  });
  const isStagedGone = now?.staged?.partitionGuid !== found.staged?.partitionGuid;
  if (wrong || isStagedGone || partitions.length !== placed.length)
    throw new StepError(
      'disk.read-back',
      `${describe(found)} reads back as ${JSON.stringify(partitions.map(({ number, fileSystem, sizeBytes }) => ({ number, fileSystem, sizeBytes })))}, not as it was written`,
      { hint: 'The disk may be failing; see its SMART data.' },
    );
  return placed.flatMap(({ number }) => partitions.filter((one) => one.number === number));
}

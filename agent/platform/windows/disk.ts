import type { Disk, DiskCapability, VolumeId } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { volumeSpace } from '../volume-space.ts';
import { isBootMedium } from './disk/boot-drive.ts';
import { driveCalls, type ScannedDisk, type ScannedVolume, scanDrives } from './disk/drives.ts';
import { type LentLetter, VolumeLetters } from './disk/letters.ts';
import { partitionDisk } from './disk/partition-disk.ts';
import type { PartitionTools } from './disk/partition-tools.ts';
import type { WindowsMachineParts } from './parts.ts';

export interface WindowsDisk extends DiskCapability {
  scan(): readonly ScannedDisk[];
  /** A volume as it is now. @throws {StepError} `disk.no-volume` */
  find(volume: VolumeId): ScannedVolume & { readonly disk: ScannedDisk };
  /** A drive letter for a tool that takes a volume by nothing else; given back when disposed. @throws {StepError} `disk.no-volume`, `disk.no-letter` */
  letter(volume: VolumeId, signal: AbortSignal): Promise<LentLetter>;
}

type DiskParts = Pick<WindowsMachineParts, 'win32' | 'runTool' | 'scratch' | 'log' | 'systemRoot'> &
  PartitionTools['parts'] & {} & { readonly query: Pick<WindowsMachineParts['query'], 'withFile'> };

/**
 * Disks of a Windows machine: seen by what their drivers answer, partitioned by diskpart.
 * @param hooks `beforeErase` is waited for before a disk is erased: the journal may lie on it
 */
export function windowsDisk(
  parts: DiskParts,
  hooks: {
    readonly beforeErase: (disk: Disk) => Promise<void>;
    /** Letter of the drive that Windows PE was loaded from; absent in an installed Windows. */
    readonly bootDrive?: (signal: AbortSignal) => Promise<string | undefined>;
  },
): WindowsDisk {
  let drive: Promise<string | undefined> | undefined;
  const { win32, query } = parts;
  const scan = (): readonly ScannedDisk[] => scanDrives(driveCalls(win32));
  const isUsed = async (letter: string): Promise<boolean> =>
    query.withFile(`${letter}:\\`, async (found) => found !== null);
  const letters = win32 && new VolumeLetters(win32, isUsed);

  const find: WindowsDisk['find'] = (volume) => {
    for (const disk of scan())
      for (const found of disk.volumes)
        if (found.partition.volume === volume) return { ...found, disk };
    throw new StepError('disk.no-volume', `No disk has the volume ${volume}`, {
      exitCode: 0x80070490,
      hint: 'Its disk was removed, or partitioned again since.',
    });
  };
  /** `\\?\Volume{…}\` */
  const nameOf = (volume: VolumeId): string => {
    const { name, partition, disk } = find(volume);
    if (name !== undefined) return name;
    throw new StepError(
      'disk.mount',
      `Partition ${partition.number} of disk ${disk.disk.number} (${partition.type}) is no volume of Windows`,
      { hint: 'Reserved, extended and hidden partitions are none.' },
    );
  };
  const flush = (volume: VolumeId): void => {
    const calls = driveCalls(win32);
    const { partition, disk } = find(volume);
    const name = nameOf(volume);
    calls.flushVolume(name);
    const read = calls.volumeInformation(name)?.fileSystem.toLowerCase() ?? '';
    if (read !== partition.fileSystem)
      throw new StepError(
        'disk.read-back',
        `Partition ${partition.number} of disk ${disk.disk.number} had ${partition.fileSystem || 'no file system'}, and reads "${read}" after it was written out`,
        { hint: 'The disk may be failing; see its SMART data.' },
      );
  };

  const mount: WindowsDisk['mount'] = async (volume) => {
    const name = nameOf(volume);
    const { letter, fileSystem } = find(volume).partition;
    if (fileSystem === '')
      throw new StepError('disk.mount', `The volume ${volume} has no file system`, {
        hint: 'Is it formatted?',
      });
    return {
      path: letter === undefined ? name : `${letter}:\\`,
      async [Symbol.asyncDispose]() {},
    };
  };

  return {
    scan,
    find,
    mount,
    freeBytes: async (volume, signal) =>
      volumeSpace({ mount }, { volume, systemFolder: parts.systemRoot }, signal),
    async list(signal) {
      drive ??= hooks.bootDrive?.(signal);
      const startedFrom = await drive;
      return scan().map(({ disk }) =>
        startedFrom !== undefined && isBootMedium(disk, startedFrom)
          ? { ...disk, bootMedium: true }
          : disk,
      );
    },
    async letter(volume, signal) {
      driveCalls(win32);
      if (letters === undefined) throw new StepError('disk.no-letter', 'there are no letters');
      return letters.lend(nameOf(volume), signal);
    },
    async partition(plan, signal) {
      const made = await partitionDisk(
        plan,
        {
          parts,
          scan,
          beforeErase: hooks.beforeErase,
          setLabel: (volume, label) => driveCalls(win32).setVolumeLabel(volume, label),
        },
        signal,
      );
      for (const { partition, name } of made)
        if (name !== undefined && partition.fileSystem !== '') flush(partition.volume);
      return made.map(({ partition }) => partition);
    },
    async flush(volume) {
      flush(volume);
    },
  };
}

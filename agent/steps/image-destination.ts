import { z } from 'zod';
import type { Environment } from '#agent/protocol/policy.ts';
import type { Disk, FileSystem, Partition } from '#agent/sequence/platform.ts';
import type { PlannedVolume } from '#agent/sequence/step.ts';
import { StepError } from '#agent/sequence/step.ts';
import { DriveLetter } from './drive-letter.ts';
import { FORMATTED_VOLUMES, parseFormattedVolumes } from './formatted-volumes.ts';
import { wholeNumber } from './whole-number.ts';

const places = [
  z.strictObject({ disk: wholeNumber(0, 10_000), partition: wholeNumber(1, 128) }),
  z.strictObject({ variable: z.string().min(1).max(256) }),
  z.strictObject({ drive: DriveLetter }),
] as const;

/** A partition: by disk and number, by a variable, or by its logical drive in Windows PE. */
export const VolumePlace = z.union(places);

/** Where an image goes: the next formatted partition, or a certain one. */
export const ImageDestination = z
  .union([z.literal('next-available'), ...places])
  .default('next-available')
  .meta({
    title: 'Destination',
    description:
      'next-available; { disk, partition }; { variable: name } that holds a volume, a drive letter, or a disk and partition as in 0,2; or { drive } as in C:, in Windows PE.',
  });
type ImageDestination = z.output<typeof ImageDestination>;

/** A partition of a disk that can hold an image. */
export interface Destination {
  readonly disk: Disk;
  readonly partition: Partition;
  readonly fileSystem: FileSystem;
}

/** What the destination must be able to hold. */
export interface Wanted {
  readonly bytes: number;
  /** Null: any that an image can be applied to. */
  readonly fileSystem: FileSystem | null;
}

/**
 * Finds the destination among the disks as they are.
 * @param taken volumes that images were applied to before in this run: not available any more.
 * @throws {StepError} `image.no-destination`, `image.destination-variable`
 */
export function findDestination(
  choice: ImageDestination,
  disks: readonly Disk[],
  wanted: Wanted,
  options: { taken: ReadonlySet<string>; variable: (name: string) => string | undefined },
): Destination {
  const formatted = parseFormattedVolumes(options.variable(FORMATTED_VOLUMES));
  const all = disks.flatMap((disk) =>
    disk.partitions.map((partition) => {
      const fileSystem = partition.fileSystem || (formatted.get(partition.volume) ?? '');
      return { disk, partition: { ...partition, fileSystem } };
    }),
  );
  if (choice === 'next-available') {
    const free = all.filter(
      ({ disk, partition }) =>
        !disk.removable &&
        !options.taken.has(partition.volume) &&
        isAvailable(partition.type, partition.sizeBytes, partition.fileSystem, wanted),
    );
    return usable(free[0], `a formatted partition of ${wanted.bytes} bytes or more`, all);
  }
  if ('disk' in choice) {
    const found = all.find(
      ({ disk, partition }) => disk.number === choice.disk && partition.number === choice.partition,
    );
    return usable(found, `partition ${choice.partition} of disk ${choice.disk}`, all);
  }
  const byLetter = (drive: string) =>
    all.find(({ partition }) => `${partition.letter ?? ''}:` === drive.toUpperCase());
  if ('drive' in choice) return usable(byLetter(choice.drive), `drive ${choice.drive}`, all);
  const text = options.variable(choice.variable)?.trim().toLowerCase();
  if (text === undefined)
    throw new StepError(
      'image.destination-variable',
      `Cannot tell where the image goes: ${choice.variable} has no value`,
      { hint: 'A format-disk step sets it by the variable of a partition.' },
    );
  if (/^[a-z]:\\?$/.test(text))
    return usable(byLetter(text.slice(0, 2)), `${choice.variable} = "${text}"`, all);
  const numbers = /^(\d{1,5})\s*,\s*(\d{1,3})$/.exec(text);
  const found = all.find(({ disk, partition }) =>
    numbers === null
      ? partition.volume === text
      : disk.number === Number(numbers[1]) && partition.number === Number(numbers[2]),
  );
  return usable(found, `${choice.variable} = "${text}"`, all);
}

/**
 * Refuses a drive letter where volumes have none, before anything is written.
 * @throws {StepError} `image.no-destination`
 */
export function assertLetters(choice: ImageDestination, environment: Environment): void {
  if (environment !== 'linux-pe' || typeof choice !== 'object' || !('drive' in choice)) return;
  throw new StepError(
    'image.no-destination',
    `There is no drive ${choice.drive}: volumes have no letters in Linux PE`,
    {
      hint: 'Name a disk and partition, or a variable of a format-disk step.',
      exitCode: 0x80070490,
    },
  );
}

/** The same among volumes that the run will make; undefined where that cannot be known yet. */
export function findPlanned(
  choice: ImageDestination,
  planned: readonly PlannedVolume[],
  wanted: Wanted,
): PlannedVolume | undefined {
  return planned.find((volume) => {
    if (choice === 'next-available')
      return isAvailable(volume.type, volume.sizeBytes, volume.fileSystem ?? '', wanted);
    if ('disk' in choice)
      return volume.diskNumber === choice.disk && volume.partitionNumber === choice.partition;
    if ('drive' in choice) return false;
    return volume.variable?.toLowerCase() === choice.variable.toLowerCase();
  });
}

/**
 * Partitions for the firmware, recovery and the like are none for an operating system, and neither is
 * one too small or of another file system: the System Reserved partition of a BIOS layout is formatted
 * and comes first.
 */
function isAvailable(
  type: Partition['type'],
  sizeBytes: number,
  fileSystem: string,
  wanted: Wanted,
): boolean {
  return (
    (type === 'primary' || type === 'logical') &&
    (wanted.fileSystem === null ? fileSystem !== '' : fileSystem === wanted.fileSystem) &&
    sizeBytes >= wanted.bytes
  );
}

function usable(
  found: { readonly disk: Disk; readonly partition: Partition } | undefined,
  wanted: string,
  all: readonly { readonly disk: Disk; readonly partition: Partition }[],
): Destination {
  if (found === undefined) {
    const seen = all.map(
      ({ disk, partition: { number, type, sizeBytes, fileSystem } }) =>
        `${disk.number},${number} (${type}, ${fileSystem === '' ? 'not formatted' : fileSystem}, ${sizeBytes} bytes)`,
    );
    throw new StepError(
      'image.no-destination',
      `There is no place for the image: looked for ${wanted}; this machine has ${seen.length === 0 ? 'no partitions' : seen.join(', ')}`,
      { hint: 'Make one with a format-disk step before.', exitCode: 0x80070490 },
    );
  }
  const { fileSystem, number } = found.partition;
  if (fileSystem !== 'ntfs' && fileSystem !== 'fat32' && fileSystem !== 'ext4')
    throw new StepError(
      'image.not-formatted',
      `Partition ${number} of disk ${found.disk.number} ${fileSystem === '' ? 'is not formatted' : `has the file system ${fileSystem}`}`,
      { hint: 'Format it with ntfs (Windows) or ext4 (Linux).', exitCode: 0x8007045d },
    );
  return { ...found, fileSystem };
}

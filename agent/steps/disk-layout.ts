import { z } from 'zod';
import type { Disk, FileSystem, PartitionPlan, PartitionType } from '#agent/sequence/platform.ts';
import { partitionTypes } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import { variableNameProblem } from '#agent/sequence/variables.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const MIB = 1024 * 1024;
/** Partitions begin on whole MiB; the first MiB holds the partition table. */
const HEAD_BYTES = MIB;
/** The backup GPT is in the last 33 sectors: a MiB is left for it. */
const GPT_TAIL_BYTES = MIB;
/** Each logical partition stands behind a sector with its own table; alignment makes that a MiB. */
const LOGICAL_HEAD_BYTES = MIB;
/** Sector numbers of an MBR have 32 bits. */
const MBR_SECTORS = 2 ** 32;

const Size = z
  .union([
    z.literal('rest'),
    z.strictObject({ percent: wholeNumber(1, 100) }),
    z.strictObject({ mb: wholeNumber(1, 1024 * 1024 * 1024) }),
    z.strictObject({ gb: wholeNumber(1, 1024 * 1024) }),
  ])
  .default('rest')
  .meta({
    title: 'Size',
    description: 'Percent is of what remains at that point, not of the disk.',
  });

const PartitionParams = z.strictObject({
  name: z
    .string()
    .max(36)
    .default('')
    .meta({ title: 'Partition name', description: 'Becomes the volume label.' }),
  type: z.enum(partitionTypes).default('primary').meta({ title: 'Partition type' }),
  size: Size,
  fileSystem: z
    .enum(['ntfs', 'fat32', 'ext4', 'none'])
    .optional()
    .meta({ title: 'File system', description: 'By default FAT32 for efi, NTFS for the others.' }),
  quick: z.boolean().default(true).meta({ title: 'Quick format' }),
  bootable: z
    .boolean()
    .default(false)
    .meta({ title: 'Make this the boot partition', description: 'MBR only: marks it active.' }),
  variable: z
    .string()
    .max(256)
    .refine((name) => variableNameProblem(name) === undefined, 'no name of a writable variable')
    .optional()
    .meta({
      title: 'Variable',
      description: 'Receives the volume, in Windows PE its drive letter, for use by later steps.',
    }),
  assignLetter: trueOrFalse().default(true).meta({
    title: 'Assign a drive letter',
    description: 'In Windows PE: a volume without one is found by its variable alone.',
  }),
});

/** One partition of a layout. */
export type PartitionParams = z.output<typeof PartitionParams>;

/** The fields of a layout in the params of a step. */
export const layoutFields = {
  style: z.enum(['gpt', 'mbr']).default('gpt').meta({ title: 'Disk type' }),
  partitions: z
    .array(PartitionParams)
    .min(1, 'a layout has at least one partition')
    .max(128)
    .meta({ title: 'Partitions', description: 'In their order on the disk.' }),
};
/** The partitions that a disk is to have. */
export interface DiskLayout {
  readonly style: 'gpt' | 'mbr';
  readonly partitions: readonly PartitionParams[];
}

/** What no disk could have, each with the index of its partition. */
export function* layoutFaults({
  style,
  partitions,
}: DiskLayout): Generator<{ index: number; message: string }> {
  const hasExtended = partitions.findIndex(({ type }) => type === 'extended');
  let taken: { inside: boolean } | undefined;
  for (const [index, partition] of partitions.entries()) {
    const { type, size, bootable } = partition;
    const fileSystem = fileSystemOf(partition);
    const inside = type === 'logical';
    if (style === 'gpt' && (type === 'extended' || inside))
      yield { index, message: `a GPT disk has no ${type} partitions` };
    if (style === 'mbr' && type === 'msr')
      yield { index, message: 'an MBR disk has no msr partitions' };
    if (style === 'gpt' && bootable)
      yield { index, message: 'only partitions of an MBR disk are marked as boot partition' };
    if (bootable && type !== 'primary')
      yield { index, message: `a partition of type ${type} cannot be the boot partition` };
    if (inside && (hasExtended < 0 || hasExtended > index))
      yield { index, message: 'a logical partition comes after an extended one' };
    if (type === 'extended' && hasExtended !== index)
      yield { index, message: 'a disk has at most one extended partition' };
    if (type === 'efi' && fileSystem !== 'fat32')
      yield { index, message: 'an EFI partition has the file system fat32' };
    if ((type === 'msr' || type === 'extended') && fileSystem !== null)
      yield { index, message: `a partition of type ${type} is never formatted` };
    if (taken?.inside === inside)
      yield { index, message: 'comes after a partition that takes all the rest' };
    if (size === 'rest') taken = { inside };
  }
  const tableEntries = partitions.filter(({ type }) => type !== 'logical').length;
  if (style === 'mbr' && tableEntries > 4)
    yield { index: 4, message: 'an MBR disk has at most four partitions that are not logical' };
  if (partitions.filter(({ bootable }) => bootable).length > 1)
    yield { index: 0, message: 'only one partition can be the boot partition' };
}

function fileSystemOf({ type, fileSystem }: PartitionParams): FileSystem | null {
  if (fileSystem === 'none') return null;
  if (fileSystem !== undefined) return fileSystem;
  if (type === 'msr' || type === 'extended') return null;
  return type === 'efi' ? 'fat32' : 'ntfs';
}

/**
 * Sizes in bytes of a layout on one disk, whole MiB each.
 * @throws {StepError} `disk.too-small`, `disk.mbr-too-large`
 */
export function planPartitions(layout: DiskLayout, disk: Disk): readonly PartitionPlan[] {
  const { style, partitions } = layout;
  const mbrLimit = MBR_SECTORS * disk.sectorBytes;
  if (style === 'mbr' && disk.sizeBytes > mbrLimit)
    throw new StepError(
      'disk.mbr-too-large',
      `Disk ${disk.number} (${disk.model}) has ${disk.sizeBytes} bytes; an MBR reaches ${mbrLimit} of them`,
      { hint: 'Use style: gpt.' },
    );
  const usable = disk.sizeBytes - HEAD_BYTES - (style === 'gpt' ? GPT_TAIL_BYTES : 0);
  let remaining = wholeMib(usable);
  let remainingInside = 0;
  return partitions.map((partition, index): PartitionPlan => {
    const inside = partition.type === 'logical';
    const available = inside ? Math.max(0, remainingInside - LOGICAL_HEAD_BYTES) : remaining;
    const sizeBytes = sizeOf(partition.size, available);
    if (sizeBytes <= 0 || sizeBytes > available)
      throw tooSmall(partition, index, Math.max(sizeBytes, MIB), Math.max(available, 0), disk);
    if (inside) remainingInside = available - sizeBytes;
    else remaining -= sizeBytes;
    if (partition.type === 'extended') remainingInside = sizeBytes;
    const fileSystem = fileSystemOf(partition);
    return {
      type: partition.type,
      label: partition.name,
      sizeBytes,
      active: partition.bootable,
      format: fileSystem === null ? null : { fileSystem, quick: partition.quick },
      letter: partition.assignLetter ? 'next' : 'none',
    };
  });
}

function sizeOf(size: PartitionParams['size'], available: number): number {
  if (size === 'rest') return available;
  if ('percent' in size) return wholeMib((available * size.percent) / 100);
  return 'mb' in size ? size.mb * MIB : size.gb * 1024 * MIB;
}

function wholeMib(bytes: number): number {
  return Math.floor(bytes / MIB) * MIB;
}

function tooSmall(
  { name, type }: { readonly name: string; readonly type: PartitionType },
  index: number,
  wanted: number,
  available: number,
  disk: Disk,
): StepError {
  return new StepError(
    'disk.too-small',
    `Partition ${index + 1} (${name === '' ? type : name}) needs ${wanted} bytes; ${available} of the ${disk.sizeBytes} bytes of disk ${disk.number} (${disk.model}) remain`,
    { hint: 'Make the partitions before it smaller, or use a larger disk.', exitCode: 0x8000ffff },
  );
}

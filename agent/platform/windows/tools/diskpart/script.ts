import type { FileSystem, PartitionPlan } from '../../../../sequence/platform.ts';
import { StepError } from '../../../../sequence/step-error.ts';
import { GPT_HIDDEN_BIT, typeCode } from '../../../partition-type.ts';
import { type PlacedPartition, placePartitions } from '../../../place-partitions.ts';

const MIB = 1024 * 1024;
/** GPT attributes of a recovery partition: required (bit 0), no drive letter (bit 63). */
const RECOVERY_ATTRIBUTES = '0x8000000000000001';
const NO_LETTER_BIT = 63;
const MAX_LABEL = { fat32: 11, ntfs: 32 } as const;

/** A drive letter without a colon, the next free one, or none. */
type LetterChoice = { readonly letter: string } | 'next' | null;

/**
 * Erases a disk and gives it an empty table. `clean` refuses a disk that is offline or write-protected in
 * Windows' own books, so both are lifted first, and both fail where there was nothing to lift (`noerr`).
 * Some Windows put a reserved partition on the disk when it becomes GPT: look with `list partition`
 * afterwards, and take it away with `deletePartitionScript`, before `createPartitionsScript`.
 */
export function eraseDiskScript(disk: number, style: 'gpt' | 'mbr'): string {
  return script([
    `select disk ${disk}`,
    'attributes disk clear readonly noerr',
    'online disk noerr',
    'clean',
    // What was cleaned may count as an MBR disk already, and then cannot be made one.
    style === 'gpt' ? 'convert gpt' : 'convert mbr noerr',
  ]);
}

/** Deletes a partition of whatever kind. */
export function deletePartitionScript(disk: number, partition: number): string {
  return script([
    `select disk ${disk}`,
    `select partition ${partition}`,
    'delete partition override',
  ]);
}

/**
 * Creates and formats the partitions of a plan on a disk that has an empty table. Sizes are in whole MiB; the
 * last one has no size when it goes to the end of what is left, because diskpart's own alignment takes some
 * of it. @throws {StepError} `disk.too-small`, `disk.partition-type`, `diskpart.file-system`, `diskpart.letter`
 */
export function createPartitionsScript({
  disk,
  style,
  partitions,
  letters,
}: {
  readonly disk: { readonly number: number; readonly sizeBytes: number };
  readonly style: 'gpt' | 'mbr';
  readonly partitions: readonly PartitionPlan[];
  /** One for each partition; extended, reserved (MSR), hidden and recovery ones get none. */
  readonly letters: readonly LetterChoice[];
}): string {
  const placed = placePartitions(style, disk.sizeBytes, partitions);
  const lines = placed.flatMap((partition, index) => [
    `create partition ${kind(style, partition.plan)}${size(partition, index, placed, disk.sizeBytes)}`,
    ...format(partition.plan),
    ...letter(partition.plan, letters[index] ?? null),
    ...identity(style, partition.plan),
    ...(style === 'mbr' && partition.plan.active ? ['active'] : []),
  ]);
  return script([`select disk ${disk.number}`, ...lines]);
}

/**
 * Formats the volume of a drive letter, whoever has it open. Only ASCII of its label stays.
 * @throws {StepError} `diskpart.letter`, `diskpart.file-system`
 */
export function formatVolumeScript(letter: string, fileSystem: FileSystem, label: string): string {
  if (!/^[A-Z]$/i.test(letter)) throw notLetter(letter);
  if (fileSystem === 'ext4') throw notExt4();
  const name = quoted(label.replaceAll(/[^\x20-\x7e]/g, ''), fileSystem);
  return script([
    `select volume ${letter.toUpperCase()}`,
    `format quick fs=${fileSystem}${name === '' ? '' : ` label=${name}`} override`,
  ]);
}

/** Marks the partition of a drive letter as the one that a BIOS starts from. @throws {StepError} `diskpart.letter` */
export function activateVolumeScript(letter: string): string {
  if (!/^[A-Z]$/i.test(letter)) throw notLetter(letter);
  return script([`select volume ${letter.toUpperCase()}`, 'active']);
}

/** diskpart's word for a kind of partition; recovery and hidden ones are primary with another id. */
function kind(style: 'gpt' | 'mbr', { type }: PartitionPlan): string {
  switch (type) {
    case 'extended':
    case 'logical':
    case 'primary':
      return type;
    case 'efi':
    case 'msr':
      // `create partition efi` and `msr` are for GPT disks only.
      return style === 'gpt' ? type : 'primary';
    case 'recovery':
    case 'hidden':
      break;
  }
  return 'primary';
}

function size(
  { plan, sizeBytes, startBytes }: PlacedPartition,
  index: number,
  placed: readonly PlacedPartition[],
  diskBytes: number,
): string {
  const extended = placed.findLast((each, at) => at < index && each.plan.type === 'extended');
  const container =
    plan.type === 'logical' && extended ? extended.startBytes + extended.sizeBytes : diskBytes;
  const later = placed.slice(index + 1);
  const isLast =
    plan.type === 'logical'
      ? !later.some((each) => each.plan.type === 'logical')
      : later.every((each) => each.plan.type === 'logical');
  const toTheEnd = isLast && container - (startBytes + sizeBytes) < 3 * MIB;
  return toTheEnd ? '' : ` size=${sizeBytes / MIB}`;
}

function format({ format: wanted, label, type }: PartitionPlan): string[] {
  if (wanted === null || type === 'msr' || type === 'extended') return [];
  const { fileSystem, quick } = wanted;
  if (fileSystem === 'ext4') throw notExt4();
  const name = quoted(label, fileSystem);
  return [`format${quick ? ' quick' : ''} fs=${fileSystem}${name === '' ? '' : ` label=${name}`}`];
}

/** After formatting, because diskpart does not format a partition of a hidden or recovery type. */
function identity(style: 'gpt' | 'mbr', { type }: PartitionPlan): string[] {
  if (type === 'efi' || type === 'msr')
    return style === 'gpt'
      ? []
      : [`set id=${typeCode(style, type, undefined)?.padStart(2, '0')} override`];
  if (type !== 'recovery' && type !== 'hidden') return [];
  if (style === 'mbr') return [`set id=${typeCode(style, type, undefined)} override`];
  if (type === 'recovery')
    return [`set id=${typeCode(style, type, undefined)}`, `gpt attributes=${RECOVERY_ATTRIBUTES}`];
  const bits = (1n << BigInt(GPT_HIDDEN_BIT)) | (1n << BigInt(NO_LETTER_BIT));
  return [`gpt attributes=0x${bits.toString(16)}`];
}

function letter({ type, format: formatted }: PartitionPlan, choice: LetterChoice): string[] {
  if (type === 'msr' || type === 'extended') return [];
  if (choice !== null && choice !== 'next' && !/^[A-Z]$/i.test(choice.letter))
    throw notLetter(choice.letter);
  if (choice === null || type === 'hidden' || type === 'recovery')
    // Automatic mounting may have given one already; where not, there is nothing to remove.
    return formatted === null || type === 'efi' ? [] : ['remove noerr'];
  return [choice === 'next' ? 'assign' : `assign letter=${choice.letter.toUpperCase()}`];
}

function notLetter(letter: string): StepError {
  return new StepError('diskpart.letter', `"${letter}" is no drive letter`, {
    hint: 'A letter from A to Z, without a colon.',
  });
}

function notExt4(): StepError {
  return new StepError('diskpart.file-system', 'Windows PE cannot format ext4', {
    hint: 'Use ntfs or fat32, or partition in Linux PE.',
  });
}

/**
 * A label in quotation marks, which diskpart has no escape for, cut to what the file system holds, without
 * what FAT does not take. A script is lines, so no control character stays.
 */
function quoted(label: string, fileSystem: 'fat32' | 'ntfs'): string {
  const clean = label.replaceAll('"', "'").replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '');
  const allowed = fileSystem === 'ntfs' ? clean : clean.replaceAll(/[*?/\\|,;:+=[\]<>.]/g, '-');
  const text = allowed
    .trim()
    .slice(0, MAX_LABEL[fileSystem])
    // Half a character at the end.
    .replace(/[\ud800-\udbff]$/, '')
    .trim();
  return text === '' ? '' : `"${text}"`;
}

function script(lines: readonly string[]): string {
  return `${lines.join('\r\n')}\r\n`;
}

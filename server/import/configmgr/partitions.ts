/** The partitions of a Format and Partition Disk step: `OSDPartitions0Type` (reference: task-sequence-xml, section 8). */
import { type PartitionType, partitionTypes } from '#agent/sequence/platform.ts';
import { VARIABLE_MARK, variableNameProblem } from '#agent/sequence/variables.ts';
import type { StepReader } from '../step-reader.ts';
import type { LayoutPartition } from './disk-layout.ts';
import { tell } from './setting-values.ts';

const MEMBER = /^(?:OSD)?Partitions(\d{1,3})([a-z]+)$/i;
const FIELDS =
  /^(?:OSD)?Partitions\d{1,3}(?:Type|FileSystem|Size|SizeUnits|Bootable|QuickFormat|VolumeName|VolumeLetterVariable|AssignVolumeLetter)$/i;
const MAX_NAME = 36;
const MAX_PERCENT = 100;
const GB_IN_MB = 1024;

type Fields = ReadonlyMap<string, string>;

/** The partitions as they are written; those that the disk cannot have are still among them. */
export function partitionsOf(reader: StepReader): readonly LayoutPartition[] {
  const blocks = new Map<number, Map<string, string>>();
  for (const { name, value } of reader.matching(FIELDS)) {
    const [, index = '', field = ''] = MEMBER.exec(name) ?? [];
    const fields = blocks.get(Number(index)) ?? new Map<string, string>();
    const text = value.trim();
    if (text !== '') fields.set(field.toLowerCase(), text);
    blocks.set(Number(index), fields);
  }
  const inOrder = [...blocks].toSorted(([one], [other]) => one - other);
  const count = reader.number('Partitions', 'OSDPartitions');
  if (typeof count === 'number' && count !== inOrder.length)
    tell(reader, `It says ${count} partitions and has ${inOrder.length}: these are taken`);
  return inOrder.map(([index, fields]) => partitionOf(fields, toldOf(reader, index, fields)));
}

/** Tells something of the partition with that index. */
type Tell = (message: string) => void;

function toldOf(reader: StepReader, index: number, fields: Fields): Tell {
  const name = fields.get('volumename');
  const called = `Partition ${index + 1}${name === undefined ? '' : ` (${name.slice(0, 100)})`}`;
  return (message) => tell(reader, `${called}: ${message}`);
}

function partitionOf(fields: Fields, told: Tell): LayoutPartition {
  const type = typeOf(fields.get('type'), told);
  const name = nameOf(fields.get('volumename'), told);
  const fileSystem = fileSystemOf(type, fields.get('filesystem'), told);
  const variable = variableOf(fields.get('volumelettervariable'), told);
  const quick = flagOf('quick format', fields.get('quickformat'), told);
  const bootable = flagOf('boot partition', fields.get('bootable'), told);
  const assignLetter = flagOf('drive letter', fields.get('assignvolumeletter'), told);
  return {
    ...(name === undefined ? {} : { name }),
    type,
    size: sizeOf(fields.get('size'), fields.get('sizeunits'), told),
    ...(fileSystem === undefined ? {} : { fileSystem }),
    // What is so anyway is not written out.
    ...((quick ?? true) ? {} : { quick: false }),
    ...((bootable ?? false) ? { bootable: true } : {}),
    ...((assignLetter ?? true) ? {} : { assignLetter: false }),
    ...(variable === undefined ? {} : { variable }),
  };
}

function typeOf(text: string | undefined, told: Tell): PartitionType {
  const type = partitionTypes.find((each) => each === text?.toLowerCase());
  if (type !== undefined) return type;
  told(
    text === undefined
      ? 'it has no type: a primary partition'
      : `there is no type ${text.slice(0, 100)}: a primary partition`,
  );
  return 'primary';
}

function nameOf(text: string | undefined, told: Tell): string | undefined {
  if (text === undefined || text.length <= MAX_NAME || text.search(VARIABLE_MARK) >= 0) return text;
  told(`its name is cut to ${MAX_NAME} characters`);
  return text.slice(0, MAX_NAME);
}

/** Without one it is not formatted. What MSR, EFI and extended partitions have is not asked. */
function fileSystemOf(
  type: PartitionType,
  text: string | undefined,
  told: Tell,
): string | undefined {
  const fileSystem = text?.toLowerCase();
  switch (type) {
    case 'msr':
    case 'extended':
      return undefined;
    case 'efi':
      if (fileSystem !== undefined && fileSystem !== 'fat32')
        told(`its file system is FAT32, not ${text?.slice(0, 100)}: it is for the firmware`);
      return undefined;
    case 'primary':
    case 'recovery':
    case 'logical':
    case 'hidden':
  }
  if (fileSystem === undefined || fileSystem === 'none' || fileSystem === 'raw') return 'none';
  if (fileSystem === 'ntfs') return undefined;
  if (fileSystem === 'fat32' || fileSystem === 'ext4') return fileSystem;
  told(`there is no file system ${text?.slice(0, 100)}: NTFS`);
  return undefined;
}

function variableOf(text: string | undefined, told: Tell): string | undefined {
  if (text === undefined || text.search(VARIABLE_MARK) >= 0) return text;
  const problem = variableNameProblem(text);
  if (problem === undefined) return text;
  told(`no variable receives its volume: ${problem}`);
  return undefined;
}

function flagOf(what: string, text: string | undefined, told: Tell): boolean | undefined {
  const word = text?.toLowerCase();
  if (word === undefined) return undefined;
  if (['true', 'yes', '1', '-1'].includes(word)) return true;
  if (!['false', 'no', '0'].includes(word))
    told(`its ${what} is not clear: ${text?.slice(0, 100)}`);
  return word === 'false' || word === 'no' || word === '0' ? false : undefined;
}

/** In MB without a unit; percent is of what remains there. */
function sizeOf(
  text: string | undefined,
  units: string | undefined,
  told: Tell,
): LayoutPartition['size'] {
  if (text === undefined) return 'rest';
  const unit = /^(%|percent)/i.test(units ?? '') ? 'percent' : (units ?? 'mb').toLowerCase();
  if (unit !== 'percent' && unit !== 'mb' && unit !== 'gb')
    told(`there is no unit ${units?.slice(0, 100)}: MB`);
  if (text.search(VARIABLE_MARK) >= 0)
    return unit === 'percent' ? { percent: text } : unit === 'gb' ? { gb: text } : { mb: text };
  const amount = /^\d{1,9}([.,]\d{1,6})?$/.test(text) ? Number(text.replace(',', '.')) : undefined;
  if (amount === undefined || amount === 0) {
    told(`${text.slice(0, 100)} is no size: all the rest`);
    return 'rest';
  }
  if (unit === 'percent') {
    const percent = Math.min(MAX_PERCENT, Math.max(1, Math.round(amount)));
    if (percent !== amount) told(`its size is ${percent} percent, not ${text}`);
    return { percent };
  }
  if (unit === 'gb' && Number.isInteger(amount)) return { gb: Math.min(amount, 1024 * 1024) };
  const mb = Math.max(1, Math.round(unit === 'gb' ? amount * GB_IN_MB : amount));
  if (unit === 'gb' || mb !== amount) told(`its size is ${mb} MB, for ${text} ${units ?? 'MB'}`);
  return { mb };
}

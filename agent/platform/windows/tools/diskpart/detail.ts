import { StepError } from '../../../../sequence/step-error.ts';
import { type LabelledBlock, type LabelledLine, labelledBlocks } from '../labelled-lines.ts';
import { looksLikeSize, type PrintedSize, parsePrintedSize } from '../printed-size.ts';
import { excerpt, toolLines } from '../tool-lines.ts';
import { yesOrNo } from '../yes-no.ts';
import { type PrintedDisk, type PrintedVolume, parseDisks, parseVolumes } from './rows.ts';

/** What `detail disk` says. Flags are null where this language's words for yes and no are not known. */
export interface DiskDetail {
  readonly model: string;
  /** GUID of a GPT or signature of an MBR, lower case without braces; null of a disk without a table. */
  readonly uniqueId: string | null;
  /** `SATA`, `NVMe`, `USB`: a name of the bus, the same in most languages. */
  readonly bus: string;
  /** `PCIROOT(0)#PCI(1F02)#ATA(C00T00L00)`: the place of the disk in the machine; null where it has none. */
  readonly locationPath: string | null;
  readonly readOnly: boolean | null;
  readonly bootDisk: boolean | null;
  readonly volumes: readonly PrintedVolume[];
}
/** What `detail partition` says. */
export interface PartitionDetail {
  readonly number: number;
  /** Type GUID, or the type's byte in hexadecimal, lower case: `07`. */
  readonly type: string;
  readonly hidden: boolean | null;
  /** MBR only: the firmware starts from it. */
  readonly active: boolean | null;
  /** GPT only, bit 60 to 63 among them. */
  readonly attributes: bigint | null;
  readonly offsetBytes: number;
  readonly volumes: readonly PrintedVolume[];
}
/** What `detail volume` says. */
export interface VolumeDetail {
  readonly disks: readonly PrintedDisk[];
  readonly readOnly: boolean | null;
  readonly hidden: boolean | null;
  readonly noDefaultDriveLetter: boolean | null;
  readonly offline: boolean | null;
  readonly bitLocker: boolean | null;
  readonly capacity: PrintedSize | null;
  readonly free: PrintedSize | null;
}

const GUID = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;
const NIL_GUID = '00000000-0000-0000-0000-000000000000';
/** A disk's flags behind its location path: read-only now, read-only, boot, page file, hibernation, dump, cluster. */
const DISK_FLAGS = 7;
/** A volume's: read-only, hidden, no default letter, shadow copy, offline, BitLocker; more in some versions. */
const VOLUME_FLAGS = 6;

/**
 * Reads `detail disk`: the model stands alone in a line, the id, the bus and the location path are known by
 * order and form. @throws {StepError} `diskpart.output`
 */
export function parseDiskDetail(output: string): DiskDetail {
  const block = blockOf(
    output,
    ({ lines }) => lines.length >= 3 && uniqueIdOf(lines[0]) !== undefined,
  );
  const { lines, titles } = block;
  const locationAt = lines.findIndex(({ value }) => /^[A-Z]+\(\w+\)(?:#|$)/.test(value));
  const flags = lines.slice(-DISK_FLAGS).map(({ value }) => yesOrNo(value));
  // Without a place the line says so in words, and flags are counted from the end.
  const hasFlags = lines.length >= DISK_FLAGS + 4;
  return {
    model: titles.at(-1) ?? '',
    uniqueId: uniqueIdOf(lines[0]) ?? null,
    bus: lines[1]?.value ?? '',
    locationPath: lines[locationAt]?.value ?? null,
    readOnly: hasFlags ? either(flags[0], flags[1]) : null,
    bootDisk: hasFlags ? (flags[2] ?? null) : null,
    volumes: parseVolumes(output),
  };
}

/** Reads the answer of `uniqueid disk`; null of a disk without a table. @throws {StepError} `diskpart.output` */
export function parseUniqueId(output: string): string | null {
  const { lines } = blockOf(output, (block) =>
    block.lines.some((line) => uniqueIdOf(line) !== undefined),
  );
  return lines.map(uniqueIdOf).find((id) => id !== undefined) ?? null;
}

/** Reads `detail partition`: the type is known by its form, the rest by its order behind it. @throws {StepError} `diskpart.output` */
export function parsePartitionDetail(output: string): PartitionDetail {
  const isType = ({ value }: LabelledLine) => GUID.test(value) || /^[0-9a-f]{2}$/i.test(value);
  const { lines, titles } = blockOf(output, (block) => {
    const first = block.lines[0];
    return first !== undefined && isType(first) && block.lines.length >= 4;
  });
  const [type, hidden, second] = lines;
  const code = (type?.value ?? '').toLowerCase();
  const attributes = lines
    .map(({ value }) => /^0x([0-9a-f]{1,16})$/i.exec(value)?.[1])
    .find(Boolean);
  const offset = lines.findLast(({ value }) => /^\d{1,16}$/.test(value));
  const number = /\d{1,5}/.exec(titles.at(-1) ?? '')?.[0];
  if (number === undefined || offset === undefined || offset === type) throw unknown(output);
  return {
    number: Number(number),
    type: GUID.exec(code)?.[1] ?? code,
    hidden: yesOrNo(hidden?.value ?? ''),
    active: code.length === 2 ? yesOrNo(second?.value ?? '') : null,
    attributes: attributes === undefined ? null : BigInt(`0x${attributes}`),
    offsetBytes: Number(offset.value),
    volumes: parseVolumes(output),
  };
}

/** Reads `detail volume`: flags in their order, then capacity and free space where it has them. @throws {StepError} `diskpart.output` */
export function parseVolumeDetail(output: string): VolumeDetail {
  const blocks = labelledBlocks(toolLines(output, 'diskpart'));
  const isSize = ({ value }: LabelledLine) => looksLikeSize(value);
  const { lines } = blockOf(
    output,
    (block) =>
      block.lines.length >= VOLUME_FLAGS && !block.lines.slice(0, VOLUME_FLAGS).some(isSize),
  );
  const [
    readOnly = null,
    hidden = null,
    noDefaultDriveLetter = null,
    ,
    offline = null,
    bitLocker = null,
  ] = lines.map(({ value }) => yesOrNo(value));
  const sizes = blocks.flatMap((block) => block.lines.filter(isSize));
  const [capacity = null, free = null] = sizes
    .slice(-2)
    .map(({ value }) => parsePrintedSize(value) ?? null);
  const disks = parseDisks(output);
  return { disks, readOnly, hidden, noDefaultDriveLetter, offline, bitLocker, capacity, free };
}

/** Its id when a line has one: undefined for another line, null for an id of zeros. */
function uniqueIdOf(line: LabelledLine | undefined): string | null | undefined {
  const value = line?.value ?? '';
  const id = (GUID.exec(value)?.[1] ?? /^[0-9a-f]{8}$/i.exec(value)?.[0])?.toLowerCase();
  if (id === undefined) return undefined;
  return id === NIL_GUID || id === '00000000' ? null : id;
}

function blockOf(output: string, isIt: (block: LabelledBlock) => boolean): LabelledBlock {
  const block = labelledBlocks(toolLines(output, 'diskpart')).find(isIt);
  if (!block) throw unknown(output);
  return block;
}

function either(a: boolean | null | undefined, b: boolean | null | undefined): boolean | null {
  if (a === true || b === true) return true;
  return a === false && b === false ? false : null;
}

function unknown(output: string): StepError {
  return new StepError(
    'diskpart.output',
    `Cannot read what diskpart printed: "${excerpt(output.slice(-200))}" has not the details that were asked for`,
  );
}

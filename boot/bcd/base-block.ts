import { atOffset, BcdError } from './bcd-error.ts';
import { hiveLimit } from './hive.ts';
import { utf16Bytes, utf16Text } from './utf16.ts';

/** The first 4096 bytes of a hive: what the rest is. All integers of a hive are little-endian. */
export interface BaseBlock {
  /** 3 is what Windows writes for boot configuration, 5 and 6 are those of a running system. */
  readonly minorVersion: number;
  /** Of the root key's cell, counted like all cells from the end of this block. */
  readonly rootCell: number;
  /** All hive bins together, a multiple of 4096. */
  readonly binsBytes: number;
  readonly lastWritten: bigint;
  readonly fileName: string;
}

export const BLOCK_BYTES = 4096;
const MAGIC = 0x66676572; // "regf"
const field = {
  magic: 0,
  sequence1: 4,
  sequence2: 8,
  lastWritten: 12,
  major: 20,
  minor: 24,
  type: 28,
  format: 32,
  rootCell: 36,
  binsBytes: 40,
  clustering: 44,
  fileName: 48,
  checksum: 508,
} as const;
const FILE_NAME_BYTES = 64;
const MINOR_VERSIONS = { lowest: 3, highest: 6 } as const;

/**
 * Reads the base block of a whole hive file.
 * @throws {BcdError} `hive.short`, `hive.magic`, `hive.checksum`, `hive.dirty`, `hive.version`, `hive.truncated`
 */
export function parseBaseBlock(bytes: Uint8Array): BaseBlock {
  if (bytes.length < 2 * BLOCK_BYTES)
    throw new BcdError(
      'hive.short',
      `The file has ${bytes.length} bytes, the smallest registry hive has ${2 * BLOCK_BYTES}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, BLOCK_BYTES);
  const read = (at: number): number => view.getUint32(at, true);
  if (read(field.magic) !== MAGIC)
    throw new BcdError('hive.magic', 'The file is no registry hive: it does not begin with "regf"');
  const checksum = checksumOf(view);
  if (read(field.checksum) !== checksum)
    throw new BcdError(
      'hive.checksum',
      `The checksum of the hive at +0x1fc is 0x${hex(read(field.checksum))}, its base block gives 0x${hex(checksum)}`,
      { hint: 'Copy the file again: it is damaged.' },
    );
  if (read(field.sequence1) !== read(field.sequence2))
    throw new BcdError(
      'hive.dirty',
      `The hive was not closed: its sequence numbers are ${read(field.sequence1)} and ${read(field.sequence2)}`,
      { hint: 'Start the Windows that it belongs to, shut it down completely, and copy it then.' },
    );
  const version = [field.major, field.minor, field.type, field.format].map(read);
  const [major = 0, minor = 0, type = 0, format = 0] = version;
  const known = minor >= MINOR_VERSIONS.lowest && minor <= MINOR_VERSIONS.highest;
  if (major !== 1 || !known || type !== 0 || format !== 1)
    throw new BcdError(
      'hive.version',
      `The hive has version ${major}.${minor}, type ${type}, format ${format}; read are 1.3 to 1.6, type 0, format 1`,
    );
  const binsBytes = read(field.binsBytes);
  if (binsBytes === 0 || binsBytes % BLOCK_BYTES !== 0 || binsBytes > bytes.length - BLOCK_BYTES)
    throw new BcdError(
      'hive.truncated',
      `The hive is said (${atOffset(field.binsBytes)}) to have ${binsBytes} bytes of bins, the file has ${bytes.length - BLOCK_BYTES}`,
      { hint: 'Copy the file again: the copy broke off.' },
    );
  const name = bytes.subarray(field.fileName, field.fileName + FILE_NAME_BYTES);
  return {
    minorVersion: minor,
    rootCell: read(field.rootCell),
    binsBytes,
    lastWritten: view.getBigUint64(field.lastWritten, true),
    fileName: utf16Text(name).replace(/\0.*$/s, ''),
  };
}

/** The 4096 bytes of a base block; both sequence numbers are 1. @throws {BcdError} `hive.limit` */
export function formatBaseBlock(block: BaseBlock): Uint8Array {
  if (block.fileName.length > hiveLimit.fileName || block.fileName.includes('\0'))
    throw new BcdError(
      'hive.limit',
      `A hive keeps up to ${hiveLimit.fileName} characters of its file name, "${block.fileName}" is not that`,
    );
  const bytes = new Uint8Array(BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const write = (at: number, value: number): void => view.setUint32(at, value, true);
  write(field.magic, MAGIC);
  write(field.sequence1, 1);
  write(field.sequence2, 1);
  view.setBigUint64(field.lastWritten, block.lastWritten, true);
  write(field.major, 1);
  write(field.minor, block.minorVersion);
  write(field.format, 1);
  write(field.rootCell, block.rootCell);
  write(field.binsBytes, block.binsBytes);
  write(field.clustering, 1);
  bytes.set(utf16Bytes(block.fileName), field.fileName);
  write(field.checksum, checksumOf(view));
  return bytes;
}

/** XOR of the first 127 words; all zeros and all ones have meanings of their own, so neither is a checksum. */
export function checksumOf(view: DataView): number {
  let sum = 0;
  for (let at = 0; at < field.checksum; at += 4) sum ^= view.getUint32(at, true);
  if (sum === 0) return 1;
  return sum === -1 ? 0xffff_fffe : sum >>> 0;
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

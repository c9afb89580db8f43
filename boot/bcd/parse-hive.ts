import { BLOCK_BYTES, parseBaseBlock } from './base-block.ts';
import { atOffset } from './bcd-error.ts';
import { type CellContent, type CellReader, damaged, readCells } from './cell-reader.ts';
import { comparedName, type Hive, type HiveKey, type HiveValue, hiveLimit } from './hive.ts';
import { checkHint, readSubkeyList } from './subkey-list.ts';
import { latin1Text, utf16Text } from './utf16.ts';

/** What all functions here need of the hive they read. */
interface Reader {
  readonly cells: CellReader;
  /** From version 1.4 on, values above this size are cut into segments. */
  readonly segmented: boolean;
}

const NONE = 0xffff_ffff;
const NK_BYTES = 76;
const VK_BYTES = 20;
/** Flag of a key and of a value: the name is 8-bit. */
const KEY_NAME_8_BIT = 0x20;
const VALUE_NAME_8_BIT = 0x1;
/** Bit 31 of a value's length: up to four bytes stand in place of the cell. */
const IN_PLACE = 0x8000_0000;
const SEGMENT_BYTES = 16_344;

/**
 * Reads a hive, whole or not at all. Each cell is used once at most, so time and memory are bounded by
 * the length of `bytes`. Names and data are taken as they are: what a value means is for others.
 * @throws {BcdError} `hive.short`, `hive.magic`, `hive.checksum`, `hive.dirty`, `hive.version`,
 * `hive.truncated`, `hive.hbin`, `hive.cell`, `hive.cell-shared`, `hive.record`, `hive.names`, `hive.depth`
 */
export function parseHive(bytes: Uint8Array): Hive {
  const base = parseBaseBlock(bytes);
  // Windows lets a hive file grow ahead of what is used: what follows the bins is no part of it.
  const bins = bytes.subarray(BLOCK_BYTES, BLOCK_BYTES + base.binsBytes);
  const reader = { cells: readCells(bins), segmented: base.minorVersion > 3 };
  const root = readKey(reader, base.rootCell, { path: '', parent: undefined, depth: 0 });
  return { fileName: base.fileName, lastWritten: base.lastWritten, root };
}

interface Place {
  readonly path: string;
  readonly parent: number | undefined;
  readonly depth: number;
}

function readKey(reader: Reader, cell: number, place: Place): HiveKey {
  const what = place.parent === undefined ? 'the root key' : `a key below ${place.path}`;
  if (place.depth > hiveLimit.depth)
    throw damaged('hive.depth', `${what} is nested deeper than ${hiveLimit.depth}`);
  const record = reader.cells.claim(cell, what);
  const { view } = record;
  checkRecord(record, 'nk', NK_BYTES, what);
  if (place.parent !== undefined && view.getUint32(16, true) !== place.parent)
    throw damaged(
      'hive.record',
      `${what} at ${atOffset(BLOCK_BYTES + cell)} names ${atOffset(BLOCK_BYTES + view.getUint32(16, true))} as its parent`,
    );
  const flags = view.getUint16(2, true);
  const name = readName(record, {
    at: NK_BYTES,
    bytes: view.getUint16(72, true),
    is8Bit: (flags & KEY_NAME_8_BIT) !== 0,
    what,
  });
  if (place.parent !== undefined && (name === '' || name.includes('\\')))
    throw damaged('hive.record', `${what} has the name "${name}"`);
  // Joined only, never looked at but in messages: so it costs nothing where keys are many and deep.
  const path = place.parent === undefined ? name : `${place.path}\\${name}`;
  checkRecord(
    reader.cells.share(view.getUint32(44, true), `the security of ${path}`),
    'sk',
    20,
    path,
  );
  const classCell = view.getUint32(48, true);
  if (classCell !== NONE && view.getUint16(74, true) > 0)
    reader.cells.claim(classCell, `the class of ${path}`);
  const values = readValues(reader, record, path);
  const list = { cell: view.getUint32(28, true), count: view.getUint32(20, true), path };
  const keys = readSubkeyList(reader.cells, list).map((entry) => {
    const below = { path, parent: cell, depth: place.depth + 1 };
    const key = readKey(reader, entry.cell, below);
    checkHint(entry, key.name, path);
    return key;
  });
  checkOrder(keys, path);
  return { name, values, keys };
}

function readValues(reader: Reader, key: CellContent, path: string): HiveValue[] {
  const count = key.view.getUint32(36, true);
  if (count === 0) return [];
  const list = reader.cells.claim(key.view.getUint32(40, true), `the list of values of ${path}`);
  if (list.bytes.length < count * 4)
    throw damaged('hive.record', `${path} has ${count} values, the list is too short for them`);
  const names = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const value = readValue(reader, list.view.getUint32(index * 4, true), path);
    const compared = comparedName(value.name);
    if (names.has(compared))
      throw damaged('hive.names', `${path} has two values of the name "${value.name}"`);
    names.add(compared);
    return value;
  });
}

function readValue(reader: Reader, cell: number, path: string): HiveValue {
  const what = `a value of ${path}`;
  const record = reader.cells.claim(cell, what);
  checkRecord(record, 'vk', VK_BYTES, what);
  const { view } = record;
  const name = readName(record, {
    at: VK_BYTES,
    bytes: view.getUint16(2, true),
    is8Bit: (view.getUint16(16, true) & VALUE_NAME_8_BIT) !== 0,
    what,
  });
  const data = readData(reader, record, `the value "${name}" of ${path}`);
  return { name, type: view.getUint32(12, true), data };
}

function readData(reader: Reader, record: CellContent, what: string): Uint8Array {
  const length = record.view.getUint32(4, true);
  if (length >= IN_PLACE) {
    const bytes = length - IN_PLACE;
    if (bytes > 4) throw damaged('hive.record', `${what} has ${bytes} bytes in place of a cell`);
    return record.bytes.subarray(8, 8 + bytes);
  }
  if (length === 0) return new Uint8Array();
  const content = reader.cells.claim(record.view.getUint32(8, true), what);
  if (reader.segmented && length > SEGMENT_BYTES)
    return readSegments(reader, content, { length, what });
  if (content.bytes.length < length)
    throw damaged('hive.record', `${what} has ${length} bytes, its cell ${content.bytes.length}`);
  return content.bytes.subarray(0, length);
}

function readSegments(
  reader: Reader,
  record: CellContent,
  { length, what }: { length: number; what: string },
): Uint8Array {
  checkRecord(record, 'db', 8, what);
  const count = record.view.getUint16(2, true);
  const list = reader.cells.claim(record.view.getUint32(4, true), `the segments of ${what}`);
  if (count !== Math.ceil(length / SEGMENT_BYTES) || list.bytes.length < count * 4)
    throw damaged('hive.record', `${what} has ${length} bytes in ${count} segments`);
  const parts = Array.from({ length: count }, (_, index) => {
    const part = reader.cells.claim(list.view.getUint32(index * 4, true), `a segment of ${what}`);
    const bytes = Math.min(SEGMENT_BYTES, length - index * SEGMENT_BYTES);
    if (part.bytes.length < bytes)
      throw damaged('hive.record', `segment ${index} of ${what} has ${part.bytes.length} bytes`);
    return part.bytes.subarray(0, bytes);
  });
  // Joined only now: a length that the segments do not have allots nothing.
  const data = new Uint8Array(length);
  for (const [index, part] of parts.entries()) data.set(part, index * SEGMENT_BYTES);
  return data;
}

function readName(
  record: CellContent,
  { at, bytes, is8Bit, what }: { at: number; bytes: number; is8Bit: boolean; what: string },
): string {
  if (record.bytes.length < at + bytes || (!is8Bit && bytes % 2 !== 0))
    throw damaged(
      'hive.record',
      `the name of ${what} has ${bytes} bytes, which its cell does not hold`,
    );
  const name = record.bytes.subarray(at, at + bytes);
  return is8Bit ? latin1Text(name) : utf16Text(name);
}

/** Windows searches keys by halves: out of order, it does not find them. Its own order of other letters may differ. */
function checkOrder(keys: readonly HiveKey[], path: string): void {
  const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);
  const names = keys.map((key) => comparedName(key.name));
  for (const [index, name] of names.entries()) {
    const before = names[index - 1];
    if (before !== undefined && before >= name && isAscii(before + name))
      throw damaged('hive.names', `below ${path}, "${name}" comes behind "${before}"`);
  }
  if (new Set(names).size !== names.length)
    throw damaged('hive.names', `${path} has two keys of one name`);
}

function checkRecord(record: CellContent, magic: string, bytes: number, what: string): void {
  const seen = latin1Text(record.bytes.subarray(0, 2));
  if (seen !== magic || record.bytes.length < bytes)
    throw damaged(
      'hive.record',
      `${what} should be a record "${magic}" of ${bytes} bytes or more, there is ${JSON.stringify(seen)} with ${record.bytes.length}`,
    );
}

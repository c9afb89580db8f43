import { formatBaseBlock } from './base-block.ts';
import { BcdError } from './bcd-error.ts';
import { type CellWriter, writeCells } from './cell-writer.ts';
import { comparedName, type Hive, type HiveKey, type HiveValue, hiveLimit } from './hive.ts';
import { SECURITY_DESCRIPTOR } from './security-descriptor.ts';
import { lfHint } from './subkey-list.ts';
import { utf16Bytes } from './utf16.ts';

/** What stands for "no cell". */
const NONE = 0xffff_ffff;
/** 1.3: what Windows writes for boot configuration. Its lists are `lf`, its values are never cut. */
const MINOR_VERSION = 3;
const flag = { keyName8Bit: 0x20, rootKey: 0x0c, valueName8Bit: 0x1 } as const;
const IN_PLACE = 0x8000_0000;
/** Entries of one list that still fits a bin of 4096 bytes; Windows takes a list of lists above that. */
const LIST_ENTRIES = 500;

interface Writer {
  readonly cells: CellWriter;
  readonly lastWritten: bigint;
  readonly security: number;
}

/**
 * The bytes of a hive: clean, with one security descriptor for all keys (full access for SYSTEM and
 * Administrators). Equal hives give equal bytes, in whatever order keys are given.
 * @throws {BcdError} `hive.limit`, `hive.names`, `hive.depth`
 */
export function formatHive(hive: Hive): Uint8Array {
  const cells = writeCells(hive.lastWritten);
  const root = cells.allot(keyBytes(hive.root)); // first, so that it is at 0x20, where readers expect it
  const security = writeSecurity(cells, countKeys(hive.root, 0));
  const writer = { cells, lastWritten: hive.lastWritten, security };
  fillKey(writer, hive.root, { cell: root, parent: 0, isRoot: true, path: hive.root.name });
  const bins = cells.finish();
  const base = formatBaseBlock({
    minorVersion: MINOR_VERSION,
    rootCell: root.cell,
    binsBytes: bins.length,
    lastWritten: hive.lastWritten,
    fileName: hive.fileName,
  });
  const file = new Uint8Array(base.length + bins.length);
  file.set(base);
  file.set(bins, base.length);
  return file;
}

/** Also the place where depth is found out, before anything is laid out. */
function countKeys(key: HiveKey, depth: number): number {
  if (depth > hiveLimit.depth)
    throw new BcdError('hive.depth', `Keys can be nested ${hiveLimit.depth} deep, not deeper`);
  return key.keys.reduce((sum, child) => sum + countKeys(child, depth + 1), 1);
}

/** `sk`: links to itself, as the only one; the count is of the keys that use it. */
function writeSecurity(cells: CellWriter, users: number): number {
  const { cell, bytes, view } = cells.allot(20 + SECURITY_DESCRIPTOR.length);
  bytes.set([0x73, 0x6b]);
  view.setUint32(4, cell, true);
  view.setUint32(8, cell, true);
  view.setUint32(12, users, true);
  view.setUint32(16, SECURITY_DESCRIPTOR.length, true);
  bytes.set(SECURITY_DESCRIPTOR, 20);
  return cell;
}

interface KeyPlace {
  readonly cell: ReturnType<CellWriter['allot']>;
  readonly parent: number;
  readonly isRoot: boolean;
  readonly path: string;
}

function fillKey(writer: Writer, key: HiveKey, { cell, parent, isRoot, path }: KeyPlace): void {
  const { view, bytes } = cell;
  const name = storedName(key.name);
  const keys = sorted(key.keys, path);
  const children = keys.map((child) => writer.cells.allot(keyBytes(child)));
  bytes.set([0x6e, 0x6b]);
  view.setUint16(2, (name.is8Bit ? flag.keyName8Bit : 0) | (isRoot ? flag.rootKey : 0), true);
  view.setBigUint64(4, writer.lastWritten, true);
  view.setUint32(16, parent, true);
  view.setUint32(20, keys.length, true);
  view.setUint32(28, writeList(writer.cells, keys, children), true);
  view.setUint32(32, NONE, true);
  view.setUint32(36, key.values.length, true);
  view.setUint32(40, writeValues(writer.cells, key.values, path), true);
  view.setUint32(44, writer.security, true);
  view.setUint32(48, NONE, true);
  view.setUint32(52, longest(keys.map((child) => child.name.length * 2)), true);
  view.setUint32(60, longest(key.values.map((value) => value.name.length * 2)), true);
  view.setUint32(64, longest(key.values.map((value) => value.data.length)), true);
  view.setUint16(72, name.bytes.length, true);
  bytes.set(name.bytes, 76);
  for (const [index, child] of keys.entries()) {
    const place = children[index];
    if (place === undefined) continue;
    const below = `${path}\\${child.name}`;
    checkKeyName(child.name, path);
    fillKey(writer, child, { cell: place, parent: cell.cell, isRoot: false, path: below });
  }
}

function writeList(
  cells: CellWriter,
  keys: readonly HiveKey[],
  children: readonly { readonly cell: number }[],
): number {
  if (keys.length === 0) return NONE;
  const lists: number[] = [];
  for (let from = 0; from < keys.length; from += LIST_ENTRIES) {
    const part = keys.slice(from, from + LIST_ENTRIES);
    const { cell, bytes, view } = cells.allot(4 + part.length * 8);
    bytes.set([0x6c, 0x66]); // lf
    view.setUint16(2, part.length, true);
    for (const [index, key] of part.entries()) {
      view.setUint32(4 + index * 8, children[from + index]?.cell ?? NONE, true);
      bytes.set(lfHint(key.name), 8 + index * 8);
    }
    lists.push(cell);
  }
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  if (lists.length > 0xffff) throw new BcdError('hive.limit', `A key has ${keys.length} keys`);
  const { cell, bytes, view } = cells.allot(4 + lists.length * 4);
  bytes.set([0x72, 0x69]); // ri
  view.setUint16(2, lists.length, true);
  for (const [index, list] of lists.entries()) view.setUint32(4 + index * 4, list, true);
  return cell;
}

function writeValues(cells: CellWriter, values: readonly HiveValue[], path: string): number {
  if (values.length === 0) return NONE;
  refuseTwice(values, `values of ${path}`);
  const list = cells.allot(values.length * 4);
  for (const [index, value] of values.entries())
    list.view.setUint32(index * 4, writeValue(cells, value, path), true);
  return list.cell;
}

function writeValue(cells: CellWriter, value: HiveValue, path: string): number {
  const { name, type, data } = value;
  if (name.length > hiveLimit.valueName)
    throw new BcdError(
      'hive.limit',
      `${path} has a value with a name of ${name.length} characters`,
    );
  const stored = storedName(name);
  const { cell, bytes, view } = cells.allot(20 + stored.bytes.length);
  bytes.set([0x76, 0x6b]);
  view.setUint16(2, stored.bytes.length, true);
  if (data.length <= 4) {
    view.setUint32(4, IN_PLACE + data.length, true);
    bytes.set(data, 8);
  } else {
    const content = cells.allot(data.length);
    content.bytes.set(data);
    view.setUint32(4, data.length, true);
    view.setUint32(8, content.cell, true);
  }
  view.setUint32(12, type, true);
  view.setUint16(16, stored.is8Bit ? flag.valueName8Bit : 0, true);
  bytes.set(stored.bytes, 20);
  return cell;
}

/** As Windows does: 8-bit where each character is below 256, else UTF-16. */
function storedName(name: string): { readonly is8Bit: boolean; readonly bytes: Uint8Array } {
  if (/[^\0-\xff]/.test(name)) return { is8Bit: false, bytes: utf16Bytes(name) };
  return {
    is8Bit: true,
    bytes: Uint8Array.from({ length: name.length }, (_, at) => name.charCodeAt(at)),
  };
}

function keyBytes(key: HiveKey): number {
  return 76 + storedName(key.name).bytes.length;
}

function checkKeyName(name: string, path: string): void {
  if (name === '' || name.length > hiveLimit.keyName || /[\\\0]/.test(name))
    throw new BcdError(
      'hive.limit',
      `"${name}" below ${path} cannot be the name of a key: 1 to ${hiveLimit.keyName} characters without backslash and NUL`,
    );
}

function sorted(keys: readonly HiveKey[], path: string): HiveKey[] {
  refuseTwice(keys, `keys below ${path}`);
  const byName = keys.map((key) => ({ key, name: comparedName(key.name) }));
  byName.sort((a, b) => (a.name < b.name ? -1 : 1));
  return byName.map(({ key }) => key);
}

function refuseTwice(entries: readonly { readonly name: string }[], what: string): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    const compared = comparedName(name);
    if (names.has(compared)) throw new BcdError('hive.names', `"${name}" is twice in the ${what}`);
    names.add(compared);
  }
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

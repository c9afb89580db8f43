/** Hives for tests: ones that are damaged in one place, and ones laid out as other writers do. */
import { checksumOf, formatBaseBlock } from './base-block.ts';
import { type CellWriter, type WritableCell, writeCells } from './cell-writer.ts';
import { latin1Text } from './utf16.ts';

const BLOCK = 4096;

/** A copy with other 32-bit words at some offsets of the file, and the checksum that fits again. */
export function patched(hive: Uint8Array, words: Readonly<Record<number, number>>): Uint8Array {
  const bytes = Uint8Array.from(hive);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of Object.entries(words)) view.setUint32(Number(at), word >>> 0, true);
  return withChecksum(bytes);
}

/** The same bytes with a checksum that fits. */
export function withChecksum(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(508, checksumOf(view), true);
  return bytes;
}

/** Where in the file the content of the n-th cell begins that holds a record of a kind. */
export function recordAt(hive: Uint8Array, kind: string, index = 0): number {
  const view = new DataView(hive.buffer, hive.byteOffset, hive.byteLength);
  const found: number[] = [];
  for (let bin = BLOCK; bin < hive.length; bin += view.getUint32(bin + 8, true))
    for (
      let cell = bin + 32;
      cell < bin + view.getUint32(bin + 8, true);
      cell += Math.abs(view.getInt32(cell, true))
    )
      if (latin1Text(hive.subarray(cell + 4, cell + 6)) === kind) found.push(cell + 4);
  const at = found[index];
  if (at === undefined) throw new Error(`the hive has ${found.length} records "${kind}"`);
  return at;
}

/** The number by which records name the cell whose content is at an offset of the file. */
export function cellNumber(contentAt: number): number {
  return contentAt - 4 - BLOCK;
}

/** A hive of records that the test itself lays out. `build` gives the cell of the root key. */
export function rawHive(minorVersion: number, build: (cells: CellWriter) => number): Uint8Array {
  const cells = writeCells(0n);
  const rootCell = build(cells);
  const bins = cells.finish();
  const base = { minorVersion, rootCell, binsBytes: bins.length, lastWritten: 0n, fileName: '' };
  return Buffer.concat([formatBaseBlock(base), bins]);
}

/** Fields of a record: 32-bit numbers, 16-bit ones, or text, at offsets of the cell's content. */
export type RawFields = readonly (readonly [at: number, value: number | string, bits?: 16])[];

/** Writes fields into a cell. */
export function fillRaw({ view, bytes }: WritableCell, fields: RawFields): void {
  for (const [at, value, bits] of fields)
    if (typeof value === 'string') bytes.set(new TextEncoder().encode(value), at);
    else if (bits === 16) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
}

/** A new cell with fields. Gives its number. */
export function rawCell(cells: CellWriter, bytes: number, fields: RawFields): number {
  const cell = cells.allot(bytes);
  fillRaw(cell, fields);
  return cell.cell;
}

/** The fields of a key without keys and values, to be followed by others. Its cell has 76 bytes and the name. */
export function keyFields(name: string, security: number, parent: number): RawFields {
  const none = 0xffff_ffff;
  return [
    [0, 'nk'],
    [2, 0x20, 16],
    [16, parent],
    [28, none],
    [40, none],
    [44, security],
    [48, none],
    [72, name.length, 16],
    [76, name],
  ];
}

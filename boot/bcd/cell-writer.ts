import { BLOCK_BYTES } from './base-block.ts';
import { BcdError } from './bcd-error.ts';

/** Lays cells into bins, one after another. A cell never crosses the end of its bin; the rest of each bin is one free cell. */
export interface CellWriter {
  /** A cell of zeros, to be filled in any time before `finish`. */
  allot(bytes: number): WritableCell;
  /** All bins, a multiple of 4096 bytes. */
  finish(): Uint8Array;
}

/** A cell that is being written: where it is, and its content. */
export interface WritableCell {
  readonly cell: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

const BIN_HEADER_BYTES = 32;
const SIZE_BYTES = 4;
const ALIGNMENT = 8;
/** Cells are named by 31 bits at most. */
const MAX_BINS_BYTES = 0x7fff_f000;

/** A writer of cells. @param lastWritten FILETIME for the first bin. */
export function writeCells(lastWritten: bigint): CellWriter {
  const cells: WritableCell[] = [];
  const bins: { start: number; bytes: number }[] = [];
  const rests: { start: number; bytes: number }[] = [];
  let next = 0;
  let binEnd = 0;
  const closeBin = (): void => {
    if (next < binEnd) rests.push({ start: next, bytes: binEnd - next });
  };
  const openBin = (cellBytes: number): void => {
    closeBin();
    const bytes = Math.ceil((cellBytes + BIN_HEADER_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
    if (binEnd + bytes > MAX_BINS_BYTES)
      throw new BcdError('hive.limit', `A hive has at most ${MAX_BINS_BYTES} bytes of bins`);
    bins.push({ start: binEnd, bytes });
    next = binEnd + BIN_HEADER_BYTES;
    binEnd += bytes;
  };
  return {
    allot(length) {
      const cellBytes = Math.ceil((SIZE_BYTES + length) / ALIGNMENT) * ALIGNMENT;
      if (next + cellBytes > binEnd) openBin(cellBytes);
      const bytes = new Uint8Array(cellBytes - SIZE_BYTES);
      const cell = { cell: next, bytes, view: new DataView(bytes.buffer) };
      cells.push(cell);
      next += cellBytes;
      return cell;
    },
    finish() {
      closeBin();
      next = binEnd;
      const file = new Uint8Array(binEnd);
      const view = new DataView(file.buffer);
      for (const { start, bytes } of bins) {
        file.set([0x68, 0x62, 0x69, 0x6e], start); // "hbin"
        view.setUint32(start + 4, start, true);
        view.setUint32(start + 8, bytes, true);
        if (start === 0) view.setBigUint64(start + 20, lastWritten, true);
      }
      for (const { cell, bytes } of cells) {
        view.setInt32(cell, -(SIZE_BYTES + bytes.length), true);
        file.set(bytes, cell + SIZE_BYTES);
      }
      for (const { start, bytes } of rests) view.setInt32(start, bytes, true);
      return file;
    },
  };
}

import { BLOCK_BYTES } from './base-block.ts';
import { atOffset, BcdError } from './bcd-error.ts';

/** The cells of a hive's bins, each handed out once, so that no two records can lie over each other. */
export interface CellReader {
  /**
   * The content of the cell at `cell` and that it is taken. A second one asking is damage: a cycle, or
   * records over each other. `what` names the record in messages.
   */
  claim(cell: number, what: string): CellContent;
  /** The content of a cell that many keys share, a security descriptor. */
  share(cell: number, what: string): CellContent;
}

/** Content of a cell, a view of the file. Reads outside of it are errors, not `undefined`. */
export interface CellContent {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Header of a bin: "hbin", own offset, size. */
const BIN_HEADER_BYTES = 32;
const BIN_MAGIC = 0x6e696268;
const SIZE_BYTES = 4;
const ALIGNMENT = 8;
/** What is known of each 8 bytes of the bins. */
const state = { inside: 0, used: 1, free: 2, claimed: 3 } as const;

/**
 * Walks all bins once and notes where cells begin, one byte of memory for eight of the hive.
 * @param bins what follows the base block. @throws {BcdError} `hive.hbin`, `hive.cell`, `hive.cell-shared`
 */
export function readCells(bins: Uint8Array): CellReader {
  const view = new DataView(bins.buffer, bins.byteOffset, bins.byteLength);
  const states = markCells(view);
  const find = (cell: number, what: string): number => {
    const at = states[cell / ALIGNMENT];
    const place = `the cell of ${what} is said to be at ${atOffset(BLOCK_BYTES + cell)}`;
    if (at === undefined || at === state.inside)
      throw damaged('hive.cell', `${place}, where no cell begins`);
    if (at === state.free) throw damaged('hive.cell', `${place}, which is a free cell`);
    return at;
  };
  const content = (cell: number): CellContent => {
    const end = cell - view.getInt32(cell, true);
    const bytes = bins.subarray(cell + SIZE_BYTES, end);
    return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  };
  return {
    claim(cell, what) {
      if (find(cell, what) === state.claimed)
        throw damaged(
          'hive.cell-shared',
          `the cell of ${what} at ${atOffset(BLOCK_BYTES + cell)} belongs to another record already`,
        );
      states[cell / ALIGNMENT] = state.claimed;
      return content(cell);
    },
    share(cell, what) {
      find(cell, what);
      return content(cell);
    },
  };
}

function markCells(view: DataView): Uint8Array {
  const states = new Uint8Array(view.byteLength / ALIGNMENT);
  let bin = 0;
  while (bin < view.byteLength) {
    const end = bin + binBytes(view, bin);
    let cell = bin + BIN_HEADER_BYTES;
    while (cell < end) {
      const size = view.getInt32(cell, true);
      const bytes = Math.abs(size);
      if (bytes < ALIGNMENT || bytes % ALIGNMENT !== 0 || cell + bytes > end)
        throw damaged(
          'hive.cell',
          `the cell at ${atOffset(BLOCK_BYTES + cell)} has the size ${size}, its bin ends at ${atOffset(BLOCK_BYTES + end)}`,
        );
      states[cell / ALIGNMENT] = size < 0 ? state.used : state.free;
      cell += bytes;
    }
    bin = end;
  }
  return states;
}

function binBytes(view: DataView, bin: number): number {
  const own = view.getUint32(bin + 4, true);
  const size = view.getUint32(bin + 8, true);
  const fits = size > 0 && size % BLOCK_BYTES === 0 && bin + size <= view.byteLength;
  if (view.getUint32(bin, true) !== BIN_MAGIC || own !== bin || !fits)
    throw damaged(
      'hive.hbin',
      `the bin at ${atOffset(BLOCK_BYTES + bin)} has no "hbin", another offset (${own}) or a size that does not fit (${size})`,
    );
  return size;
}

/** An error about a damaged hive, with the hint that they all have. */
export function damaged(code: string, seen: string): BcdError {
  return new BcdError(code, `The registry hive is damaged: ${seen}`, {
    hint: 'Copy the file again and compare it with the original.',
  });
}

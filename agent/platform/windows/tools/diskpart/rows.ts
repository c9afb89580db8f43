import { looksLikeSize, type PrintedSize, parsePrintedSize } from '../printed-size.ts';
import { type Cell, type Column, printedTables, type Row, unreadable } from './table.ts';

/** A row of `list disk`. */
export interface PrintedDisk {
  readonly number: number;
  readonly selected: boolean;
  /** In the language of the installation: shown, never compared. */
  readonly status: string;
  readonly size: PrintedSize;
  readonly free: PrintedSize;
  readonly dynamic: boolean;
  readonly gpt: boolean;
}
/** A row of `list partition`. */
export interface PrintedPartition {
  readonly number: number;
  readonly selected: boolean;
  /** In the language of the installation; `detail partition` has the type's code. */
  readonly type: string;
  readonly size: PrintedSize;
  readonly offset: PrintedSize;
}
/** A row of `list volume`. */
export interface PrintedVolume {
  readonly number: number;
  readonly selected: boolean;
  /** `C`, without a colon. */
  readonly letter: string | null;
  /** Its first eleven characters: diskpart cuts it. */
  readonly label: string;
  /** `NTFS`, `FAT32`, `RAW`; null where there is none, as of an empty drive. */
  readonly fileSystem: string | null;
  readonly type: string;
  readonly size: PrintedSize;
  readonly status: string;
  readonly info: string;
}

/**
 * Tables are known by their columns, whose number is the same in every language. Old versions list disks without
 * the last one, for GPT; `list vdisk` has five columns too, and its last one is wide.
 */
const isDisks = (columns: readonly Column[]) =>
  columns.length === 6 || (columns.length === 5 && width(columns[4]) <= 3);
const isPartitions = (columns: readonly Column[]) => columns.length === 4;
const isVolumes = (columns: readonly Column[]) => columns.length === 8;
const GAP = 2;

/** All disks in what diskpart printed, by `list disk` or `detail volume`. @throws {StepError} `diskpart.output` */
export function parseDisks(output: string): PrintedDisk[] {
  return rowsOf(output, isDisks, readDisk);
}

/**
 * All partitions of `list partition`. None where there is no table: of a disk without partitions diskpart
 * says so in words, and what went wrong is in its exit code. @throws {StepError} `diskpart.output`
 */
export function parsePartitions(output: string): PrintedPartition[] {
  return rowsOf(output, isPartitions, readPartition);
}

/** All volumes of `list volume`, `detail disk` or `detail partition`, as above. @throws {StepError} `diskpart.output` */
export function parseVolumes(output: string): PrintedVolume[] {
  return rowsOf(output, isVolumes, readVolume);
}

function rowsOf<T>(
  output: string,
  isIt: (columns: readonly Column[]) => boolean,
  read: (row: Row, columns: readonly Column[]) => T | undefined,
): T[] {
  return printedTables(output)
    .filter(({ columns }) => isIt(columns))
    .flatMap(({ columns, rows }) =>
      rows.flatMap((row) => {
        const value = read(row, columns);
        if (value !== undefined) return [value];
        if (row.last) return [];
        throw unreadable(row.line);
      }),
    );
}

function readDisk(
  { number, selected, cells }: Row,
  columns: readonly Column[],
): PrintedDisk | undefined {
  // Behind the free space are only stars, and a status is no size: these two are the last of their form.
  const [sizeAt, freeAt] = lastTwoSizes(cells);
  const size = sizeOf(cells[sizeAt]);
  const free = sizeOf(cells[freeAt]);
  const stars = cells.slice(freeAt + 1);
  if (!size || !free || stars.some(({ text }) => text !== '*') || stars.length > 2)
    return undefined;
  const [star] = stars;
  const gpt = stars.length === 2 || (star !== undefined && inGpt(star, cells[freeAt], columns));
  return {
    number,
    selected,
    status: textOf(cells.slice(0, sizeAt)),
    size,
    free,
    dynamic: stars.length === 2 || (star !== undefined && !gpt),
    gpt,
  };
}

/** Whether a star is nearer to the last column than to the one before, counted from the end of the free space. */
function inGpt(star: Cell, free: Cell | undefined, columns: readonly Column[]): boolean {
  const [freeColumn, dynamic, gpt] = columns.slice(3);
  if (!free || !freeColumn || !dynamic || !gpt) return false;
  const gap = star.start - free.end;
  const expected = (column: Column) => (column.start + column.end - 1) / 2 - freeColumn.end;
  return Math.abs(gap - expected(gpt)) < Math.abs(gap - expected(dynamic));
}

function readPartition({ number, selected, cells }: Row): PrintedPartition | undefined {
  const [sizeAt, offsetAt] = lastTwoSizes(cells);
  const size = sizeOf(cells[sizeAt]);
  const offset = sizeOf(cells[offsetAt]);
  if (!size || !offset) return undefined;
  return { number, selected, type: textOf(cells.slice(0, sizeAt)), size, offset };
}

function readVolume(
  { number, selected, cells, line }: Row,
  columns: readonly Column[],
): PrintedVolume | undefined {
  const sizeAt = sizeOfVolume(cells, columns, line);
  const type = cells[sizeAt - 1];
  const size = sizeOf(cells[sizeAt]);
  // The type is always there, and nothing before it has to be: letter, label, file system.
  if (!type || !size) return undefined;
  const [status, info] = statusAndInfo(cells.slice(sizeAt + 1), cells[sizeAt], columns);
  const before = cells.slice(0, sizeAt - 1);
  const last = before.at(-1);
  const hasFileSystem = last !== undefined && type.start - last.end < width(columns[3]) + 2 * GAP;
  const named = hasFileSystem ? before.slice(0, -1) : before;
  const [first] = named;
  const hasLetter =
    first !== undefined &&
    /^[A-Z]$/.test(first.text) &&
    (named.length > 1 || isLetter(first, hasFileSystem ? last : undefined, type, columns));
  const label = hasLetter ? named.slice(1) : named;
  const [labelStart, labelEnd] = [label[0]?.start ?? 0, label.at(-1)?.end ?? 0];
  return {
    number,
    selected,
    letter: hasLetter ? first.text : null,
    // Taken from the line, because a label may have two blanks in it.
    label: line.slice(labelStart, labelEnd),
    fileSystem: hasFileSystem ? last.text : null,
    type: type.text,
    size,
    status,
    info,
  };
}

/**
 * Which cell is the size: of those that have its form (`0 média` has it too, which is a status) the one that
 * ends nearest to the end of the column, counted in characters or in places on the screen.
 */
function sizeOfVolume(cells: readonly Cell[], columns: readonly Column[], line: string): number {
  const end = columns[5]?.end ?? 0;
  let best: { at: number; distance: number } | undefined;
  for (const [at, cell] of cells.entries()) {
    if (at === 0 || !looksLikeSize(cell.text)) continue;
    const onScreen = cell.end + wideCharacters(line.slice(0, cell.end));
    const distance = Math.min(Math.abs(cell.end - end), Math.abs(onScreen - end));
    if (!best || distance < best.distance) best = { at, distance };
  }
  return best?.at ?? cells.length;
}

/** Whether a lone capital is the drive's letter and not the whole label: which column is nearer, seen from the type. */
function isLetter(
  { start }: Cell,
  fileSystem: Cell | undefined,
  type: Cell,
  columns: readonly Column[],
): boolean {
  const fieldStart = fileSystem?.start ?? type.start - GAP - width(columns[3]);
  const label = fieldStart - GAP - width(columns[2]);
  const letter = label - GAP - width(columns[1]) / 2;
  return Math.abs(start - letter) < Math.abs(start - label);
}

/** One cell behind the size is the status when it is near, else the info. */
function statusAndInfo(
  cells: readonly Cell[],
  size: Cell | undefined,
  columns: readonly Column[],
): [string, string] {
  const [first, ...rest] = cells;
  if (!first) return ['', ''];
  if (rest.length > 0) return [first.text, textOf(rest)];
  const gap = first.start - (size?.end ?? 0);
  return gap < GAP + (GAP + width(columns[6])) / 2 ? [first.text, ''] : ['', first.text];
}

function lastTwoSizes(cells: readonly Cell[]): [number, number] {
  const at = [...cells.keys()].filter((index) => looksLikeSize(cells[index]?.text ?? ''));
  return [at.at(-2) ?? cells.length, at.at(-1) ?? cells.length];
}

function sizeOf(cell: Cell | undefined): PrintedSize | undefined {
  return cell && parsePrintedSize(cell.text);
}

function textOf(cells: readonly Cell[]): string {
  return cells.map(({ text }) => text).join(' ');
}

function width(column: Column | undefined): number {
  return column ? column.end - column.start : 0;
}

/** How many characters of a text take two places on the screen: East Asian wide and full-width ones. */
function wideCharacters(text: string): number {
  return (
    text.match(
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g,
    )?.length ?? 0
  );
}

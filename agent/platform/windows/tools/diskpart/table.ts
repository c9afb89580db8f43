import { StepError } from '../../../../sequence/step-error.ts';
import { excerpt, toolLines } from '../tool-lines.ts';

/** Where a column stands, as its dashes tell: in characters from the beginning of the line. */
export interface Column {
  readonly start: number;
  readonly end: number;
}
/** A cell of a row that has something in it, with its place. */
export interface Cell extends Column {
  readonly text: string;
}
/** A row that begins with a word and a number: `Disk 0`, `Datenträger 12`, `0. lemez`. */
export interface Row {
  readonly number: number;
  /** What the tool's star before the row says: this one has the focus. */
  readonly selected: boolean;
  /** The cells behind the number's, in order. */
  readonly cells: readonly Cell[];
  readonly line: string;
  /** Whether the output ends in this line, so that it may have been cut off in the middle. */
  readonly last: boolean;
}
export interface PrintedTable {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** Of columns, so of the line of dashes under their headers. */
const DASHES = /^\s*-{2,}(?: +-{2,}){2,}$/;
/** A word of its own, which `M0` is not. */
const NUMBER = /(?<![\p{L}\d])\d{1,5}(?![\p{L}\d])/u;
const MAX_ROWS = 1024;

/**
 * Finds the tables in what diskpart printed. A table begins under a line of dashes, ends at an empty line
 * or one at the margin, and its cells are two blanks apart. Cells do not keep to their dashes: the word of
 * the first one may be longer than its header's, units are longer in some languages than their column, and
 * Chinese, Japanese and Korean take two places on the screen and one here. So a row's cells are told
 * apart by what stands around them (`rows.ts`). Folders that a volume is mounted at are skipped, and dynamic
 * disks that are missing.
 * @throws {StepError} `diskpart.output`, `tool.output-size`
 */
export function printedTables(output: string): PrintedTable[] {
  const lines = toolLines(output, 'diskpart');
  const tables: PrintedTable[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const dashes = lines[at] ?? '';
    if (!DASHES.test(dashes)) continue;
    const columns = [...dashes.matchAll(/-+/g)].map(({ 0: { length }, index }) => ({
      start: index,
      end: index + length,
    }));
    const rows: Row[] = [];
    const atMargin = columns[0]?.start === 0;
    // Copies of what was printed may have empty lines around the dashes.
    if (lines[at + 1] === '') at += 1;
    for (at += 1; at < lines.length; at += 1) {
      const line = lines[at] ?? '';
      const last = at === lines.length - 1;
      if (line === '' || (!atMargin && !/^[\s*]/.test(line))) break;
      if (isMountPoint(line) || isMissingDisk(line)) continue;
      const row = readRow(line, last);
      if (row) rows.push(row);
      else if (atMargin) break;
      else if (!last) throw unreadable(line);
      if (rows.length > MAX_ROWS)
        throw new StepError('diskpart.output', `diskpart lists more than ${MAX_ROWS} rows`);
    }
    tables.push({ columns, rows });
  }
  return tables;
}

/** The error for a line of a table that is not understood. */
export function unreadable(line: string): StepError {
  return new StepError(
    'diskpart.output',
    `Cannot read what diskpart printed: "${excerpt(line)}" is no row of its table`,
    { hint: 'Report it with the log of the run: diskpart of this language is not known here.' },
  );
}

function readRow(line: string, last: boolean): Row | undefined {
  const all = splitCells(line.replace(/^(\s*)\*/, '$1 '));
  // Chinese has more than one blank between the word and the number: `卷     0`.
  const apart = !/\d/.test(all[0]?.text ?? '') && /^\d+$/.test(all[1]?.text ?? '');
  const number = NUMBER.exec(all[apart ? 1 : 0]?.text ?? '')?.[0];
  const cells = all.slice(apart ? 2 : 1);
  if (number === undefined || cells.length === 0) return undefined;
  return { number: Number(number), selected: /^\s*\*/.test(line), cells, line, last };
}

function splitCells(line: string): Cell[] {
  return [...line.matchAll(/\S+(?: \S+)*/g)].map(({ 0: text, index }) => ({
    text,
    start: index,
    end: index + text.length,
  }));
}

/** `Disk M0`: a dynamic disk that others remember and that is not there. It has no number to select. */
function isMissingDisk(line: string): boolean {
  return /^[\s*]*\p{L}+ M\d+ {2,}/u.test(line);
}

function isMountPoint(line: string): boolean {
  return /^ {4}\s*(?:[A-Za-z]:\\|\\\\\?\\)/.test(line);
}

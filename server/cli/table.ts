import type { Terminal } from './terminal.ts';

/** One column: its heading and how a row shows there. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
}

/**
 * Lays rows out under headings, two blanks between columns. Only the last column is cut, and only to
 * fit a screen: what goes into a file or a pipe is whole.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  screenColumns?: number,
): string {
  const cells = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => oneLine(column.value(row)) || '-')),
  ];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => (row[index] ?? '').length)),
  );
  return cells
    .map((row) => {
      const line = row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd();
      if (screenColumns === undefined || line.length <= screenColumns) return `${line}\n`;
      return `${line.slice(0, Math.max(1, screenColumns - 1))}…\n`;
    })
    .join('');
}

/** Writes a list: as JSON for scripts, as a table for people, or the sentence that says what to do when empty. */
export function writeList<Row>(
  terminal: Terminal,
  rows: readonly Row[],
  options: { json: boolean; columns: readonly Column<Row>[]; empty: string },
): void {
  if (options.json) terminal.out(`${JSON.stringify(rows, null, 2)}\n`);
  else if (rows.length === 0) terminal.out(`${options.empty}\n`);
  else terminal.out(formatTable(options.columns, rows, terminal.columns));
}

/** Control characters of names that machines choose must not reach the terminal. */
function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly the characters to take out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
}

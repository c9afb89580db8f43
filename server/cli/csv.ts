import { CliError } from './cli-error.ts';

/** One row of a file, with the number of the line that it begins on. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads comma-separated values (RFC 4180), or semicolons or tabs where the first line has those: Excel
 * writes what the language of Windows has. Quotes hold separators, line breaks and doubled quotes; blanks
 * around a cell go. Empty lines are no rows. @throws {CliError} `cli.usage` for a quote that does not end
 */
export function parseCsv(text: string, where: string): CsvRow[] {
  const separator = separatorOf(text);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let line = 1;
  let began = 1;
  let at = 0;
  const endRow = (): void => {
    if (cells.some((cell) => cell !== '')) rows.push({ line: began, cells });
    cells = [];
  };
  while (at < text.length) {
    while (text[at] === ' ') at += 1;
    let cell = '';
    if (text[at] === '"') {
      const opened = line;
      for (at += 1; ; at += 1) {
        const sign = text[at];
        if (sign === undefined)
          throw new CliError('cli.usage', 'a quote is opened and never closed', {
            where: `${where}, line ${opened}`,
            exitCode: 2,
          });
        if (sign === '"' && text[at + 1] === '"') at += 1;
        else if (sign === '"') break;
        if (sign === '\n') line += 1;
        cell += sign;
      }
      at += 1;
    }
    const end = endOfCell(text, at, separator);
    cells.push((cell + text.slice(at, end)).trim());
    at = end;
    if (text[at] === separator) {
      at += 1;
      // A separator at the very end has an empty cell behind it.
      if (at === text.length) cells.push('');
      continue;
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    at += 1;
    endRow();
    line += 1;
    began = line;
  }
  endRow();
  return rows;
}

function endOfCell(text: string, from: number, separator: string): number {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r')
    at += 1;
  return at;
}

/** Which sign parts cells: the one of these that the first line has most of, outside quotes. */
function separatorOf(text: string): string {
  const [first = ''] = text.replaceAll(/"[^"]*"/g, '').split(/[\r\n]/, 1);
  const count = (sign: string): number => first.split(sign).length;
  return [',', ';', '\t'].reduce((most, sign) => (count(sign) > count(most) ? sign : most));
}

/** Bytes of a file as text: UTF-8, UTF-16 by its mark, else Windows' Western European. */
export function decodeText(bytes: Uint8Array): string {
  const [one, two] = bytes;
  if (one === 0xff && two === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (one === 0xfe && two === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Columns of a line that are shown. */
const SHOWN = 80;

/** Why a text is no document, with the line and column where that is seen, both from 1. */
export class TextFault extends Error {
  readonly line: number;
  readonly column: number;
  constructor(text: string, offset: number, message: string) {
    const { line, column, excerpt } = placeOf(text, offset);
    super(`${message} at line ${line}, column ${column}:\n\n${excerpt}\n`);
    this.name = 'TextFault';
    this.line = line;
    this.column = column;
  }
}

function placeOf(text: string, offset: number) {
  const at = Math.min(Math.max(offset, 0), text.length);
  // A negative offset is taken for 0, where the text may begin with a line feed.
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  const column = at - start;
  // The place is kept in sight in a line that is longer than a screen.
  const from = column < SHOWN - 10 ? start : at - SHOWN / 2;
  const shown = readable(text.slice(from, Math.min(end < 0 ? text.length : end, from + SHOWN)));
  return {
    line: lineAt(text, start),
    column: column + 1,
    excerpt: `${shown}\n${' '.repeat(at - from)}^`,
  };
}

/** The line that an offset is in, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1))
    line += 1;
  return line;
}

function readable(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029\ufeff]/gu, ' ');
}

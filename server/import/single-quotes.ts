import type { StepReader } from './step-reader.ts';

/**
 * A command line as Windows hands it to a program, for Run Command Line. To Windows a single quotation
 * mark is a character like any other; here it groups where a word, or a value after `=`, begins. There it
 * is put between double ones: `-Group 'Users'` is `-Group "'Users'"`, and that is told.
 */
export function withSingleQuotes(line: string, reader: Pick<StepReader, 'need'>): string {
  const kept = keepSingleQuotes(line);
  if (kept !== line)
    reader.need({
      kind: 'setting',
      message:
        'Single quotation marks of its command line stand between double ones now: they are characters to Windows, and would group here',
    });
  return kept;
}

/** The line alone. */
export function keepSingleQuotes(line: string): string {
  return line.includes("'") ? line.replaceAll(WORD, keptWord) : line;
}

/** Up to the next blank outside of double quotation marks; a backslash before one makes it a character. */
const WORD = /(?:\\\\|\\"|[^\s"]|"(?:\\[^]|[^"\\])*(?:"|$))+/g;
/** Where one would group; what stands between double quotation marks is passed by. */
const OPENING = /("(?:\\[^]|[^"\\])*(?:"|$)|\\\\|\\")|(^|=)'/g;

function keptWord(word: string): string {
  if (!/(?:^|=)'/.test(word)) return word;
  if (!word.includes('"') && !word.endsWith('\\')) return `"${word}"`;
  return word.replaceAll(OPENING, (found: string, passed: string | undefined, before = '') =>
    passed === undefined ? `${before}"'"` : found,
  );
}

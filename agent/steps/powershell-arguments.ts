import { StepError } from '#agent/sequence/step.ts';

/** PowerShell takes typographic quotes for the plain ones: editors put them in. */
const SINGLE = /['\u2018\u2019\u201a\u201b]/;
const DOUBLE = /["\u201c\u201d\u201e]/;
const BLANK = /\s/;

/** What a letter after a backtick stands for; any other character is itself. */
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** A text that is read, and how far. */
interface Reader {
  readonly text: string;
  at: number;
}

/**
 * Splits the parameters of a script as PowerShell's command line does: blanks separate; all between
 * single quotes is itself, two of them are one; between double quotes a backtick takes the meaning
 * from what follows. What begins with a quote ends with it. A backslash is itself everywhere, and nothing
 * is computed: `$x`, `@(...)` and `;` are text, because the arguments go to the script as they are.
 * @throws {StepError} `command.quote`
 */
export function parsePowerShellArguments(text: string): string[] {
  const reader = { text, at: 0 };
  const words: string[] = [];
  for (;;) {
    while (BLANK.test(peek(reader))) reader.at++;
    if (reader.at >= text.length) return words;
    words.push(readWord(reader));
  }
}

function readWord(reader: Reader): string {
  if (isQuote(peek(reader))) return readQuoted(reader);
  let word = '';
  while (reader.at < reader.text.length && !BLANK.test(peek(reader))) {
    if (isQuote(peek(reader))) word += readQuoted(reader);
    else if (peek(reader) === '`') word += readEscape(reader);
    else word += reader.text[reader.at++];
  }
  return word;
}

function readQuoted(reader: Reader): string {
  const openedAt = reader.at;
  const quote = SINGLE.test(peek(reader)) ? SINGLE : DOUBLE;
  reader.at++;
  let word = '';
  while (reader.at < reader.text.length) {
    const character = peek(reader);
    if (quote === DOUBLE && character === '`') {
      word += readEscape(reader);
      continue;
    }
    reader.at++;
    if (!quote.test(character)) word += character;
    else if (quote.test(peek(reader))) word += reader.text[reader.at++];
    else return word;
  }
  throw new StepError(
    'command.quote',
    `Cannot read the parameters: the quotation mark at character ${openedAt + 1} is never closed`,
    { hint: "Put single quotes around values; one within them is written twice: 'it''s'." },
  );
}

/** A backtick and the character after it; a backtick at the end is itself. */
function readEscape(reader: Reader): string {
  reader.at++;
  const next = peek(reader);
  reader.at++;
  return next === '' ? '`' : (escapes[next] ?? next);
}

function peek({ text, at }: Reader): string {
  return text[at] ?? '';
}

function isQuote(character: string): boolean {
  return SINGLE.test(character) || DOUBLE.test(character);
}

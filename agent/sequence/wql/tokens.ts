import { WqlError } from './wql-error.ts';

/** Characters of a query: Configuration Manager's limit of one in a condition. */
export const MAX_QUERY = 16_384;

/** A piece of a query, and where it begins. */
export type WqlToken =
  | { readonly kind: 'word' | 'symbol' | 'text'; readonly text: string; readonly position: number }
  | { readonly kind: 'number'; readonly value: number; readonly position: number }
  | { readonly kind: 'end'; readonly position: number };

/** Blanks, then a word, a number, a symbol, or the beginning of a text. No part can match in two ways. */
const PIECE =
  /\s*(?:(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<number>(?:0[xX][0-9A-Fa-f]+|[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![A-Za-z0-9_.]))|(?<symbol><=|>=|<>|!=|[=<>*,().[\]])|(?<quote>["'])|(?<end>$))/y;

/**
 * Cuts a query into tokens; the last is `end`.
 * @throws {WqlError} `wql.too-long`, `wql.character`, `wql.string`
 */
export function tokensOf(query: string): readonly WqlToken[] {
  if (query.length > MAX_QUERY)
    throw new WqlError(
      'wql.too-long',
      MAX_QUERY,
      `it has ${query.length} characters, at most ${MAX_QUERY} are read`,
      'Make it several conditions.',
    );
  const tokens: WqlToken[] = [];
  PIECE.lastIndex = 0;
  for (;;) {
    const from = PIECE.lastIndex;
    const { word, number, symbol, quote } = PIECE.exec(query)?.groups ?? fault(query, from);
    const position = PIECE.lastIndex - (word ?? number ?? symbol ?? quote ?? '').length;
    if (word !== undefined) tokens.push({ kind: 'word', text: word, position });
    else if (number !== undefined) tokens.push({ kind: 'number', value: Number(number), position });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, position });
    else if (quote !== undefined) {
      const { text, end } = readText(query, quote, position);
      tokens.push({ kind: 'text', text, position });
      PIECE.lastIndex = end;
    } else return [...tokens, { kind: 'end', position: query.length }];
  }
}

/** A backslash takes the character after it as it is, if that is a quote or a backslash. */
function readText(query: string, quote: string, start: number): { text: string; end: number } {
  let text = '';
  for (let at = start + 1; at < query.length; at++) {
    const character = query.charAt(at);
    if (character === quote) return { text, end: at + 1 };
    const after = query.charAt(at + 1);
    if (character === '\\' && (after === '\\' || after === '"' || after === "'")) {
      text += after;
      at++;
    } else text += character;
  }
  throw new WqlError(
    'wql.string',
    start,
    `the ${quote} is never closed`,
    'Close the text with the same quotation mark; a backslash before one makes it part of the text.',
  );
}

function fault(query: string, from: number): never {
  const position = from + query.slice(from).search(/\S/);
  const character = String.fromCodePoint(query.codePointAt(position) ?? 0);
  throw new WqlError(
    'wql.character',
    position,
    `${JSON.stringify(character)} means nothing here`,
    /[\u2018-\u201f]/.test(character)
      ? 'Use straight quotation marks, " or \'.'
      : 'A text stands in quotation marks.',
  );
}

import { Scalar } from 'yaml';

/**
 * What YAML cannot hold as it stands, or what a person cannot see: control characters but for tab and
 * line feed, the line breaks of Unicode, the byte order mark, blanks that are none. They are escaped.
 */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00a0\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffe\uffff]/g;

/** What our reader refuses as it stands, and what neither YAML's writer nor JSON's writes as an escape. */
const UNESCAPED = /[\x7f\ufffe\uffff]/g;

/**
 * A written document with escapes for what is in none: it stands in double quotes, in JSON as in YAML, as
 * `styleOfText` says.
 */
export function withEscapes(written: string): string {
  return written.replaceAll(
    UNESCAPED,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A text without what no comment can hold or show. */
export function withoutHidden(text: string): string {
  return text.replaceAll(HIDDEN, ' ');
}

/**
 * How a text is written: a script of several lines as a literal block, what has hidden characters in
 * double quotes with escapes, anything else as plainly as YAML takes it (`undefined`).
 */
export function styleOfText(text: string): Scalar.Type | undefined {
  if (text.search(HIDDEN) >= 0) return Scalar.QUOTE_DOUBLE;
  if (!text.includes('\n')) return text.includes('\t') ? Scalar.QUOTE_DOUBLE : undefined;
  return isReadable(text) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
}

/** Whether a literal block shows a text whole: blanks before it need a count, those at its end get lost. */
function isReadable(text: string): boolean {
  return /^\S/.test(text) && !/[ \t]+$/.test(text);
}

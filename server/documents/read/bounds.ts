import { TextFault } from './text-fault.ts';

/** Characters of a text: more than twice what the server keeps. */
const MAX_CHARACTERS = 5 * 1024 * 1024;
/** Maps and lists within one another: groups, conditions and params have room in half of it. */
export const MAX_NESTING = 250;

/** What no text has, but as an escape: control characters, and halves of characters. */
const FORBIDDEN =
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** @throws {TextFault} the text is too long, or no text: it has a NUL or another control character */
export function assertText(text: string): void {
  if (text.length > MAX_CHARACTERS)
    throw new TextFault(
      text,
      MAX_CHARACTERS,
      `The text has ${text.length} characters, more than the ${MAX_CHARACTERS} that are read; it ends for the reader`,
    );
  const at = text.search(FORBIDDEN);
  if (at < 0) return;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  throw new TextFault(text, at, `No text has the character U+${code} in it, which is`);
}

/** That maps and lists nest too deeply, at the one that is too deep. */
export function tooDeep(text: string, offset: number): TextFault {
  return new TextFault(text, offset, `Maps and lists nest deeper than ${MAX_NESTING} levels`);
}

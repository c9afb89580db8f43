import { type TextPosition, XmlFault, type XmlFaultKind } from './xml-fault.ts';

/** Elements within each other: deeper than any task sequence can be that the engine takes. */
export const MAX_XML_DEPTH = 96;
/** Elements, attributes, comments and CDATA sections of one text. */
export const MAX_XML_PARTS = 150_000;
/** Characters of one text that is in no CDATA section, and of one tag. */
const MAX_RUN = 6 * 1024 * 1024;

/** A character or one of the five entities that XML itself has; there are no others here. */
export const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\dA-Fa-f]{1,6}));/y;

/** Characters that no XML text has, not even as a reference. */
// oxlint-disable-next-line no-control-regex -- it is they that are looked for
const NO_CHARACTER = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

/** What the scan found: how many parts there are, and where processing instructions stand. */
export interface XmlScan {
  readonly parts: number;
  readonly instructions: readonly { readonly start: number; readonly end: number }[];
}

/**
 * Looks a text through once, before anything is made of it: that markup is closed, that it nests no deeper
 * and has no more parts than allowed, that no document type is declared, and no entity but XML's own used.
 * @throws {XmlFault} with line and column
 */
export function scanXml(text: string, partsLeft = MAX_XML_PARTS): XmlScan {
  const maxParts = Math.min(MAX_XML_PARTS, partsLeft);
  const fail = (kind: XmlFaultKind, at: number, reason: string, hint?: string): never => {
    throw new XmlFault(kind, reason, { position: positionAt(text, at), hint });
  };
  const endOf = (end: string, start: number, what: string): number => {
    const found = text.indexOf(end, start);
    return found < 0
      ? fail('not-well-formed', start, `${what} is never closed`)
      : found + end.length;
  };
  const wrong = text.search(NO_CHARACTER);
  if (wrong >= 0) {
    const shown = text.charCodeAt(wrong).toString(16).padStart(4, '0');
    fail('not-well-formed', wrong, `has the character U+${shown.toUpperCase()}, which no XML has`);
  }

  const checkRun = (start: number, end: number): void => {
    if (end - start > MAX_RUN)
      fail('too-large', start, `has more than ${MAX_RUN} characters in one text or tag`);
  };
  const instructions: { start: number; end: number }[] = [];
  const checkReferences = referenceCheck(text, fail);
  let parts = 0;
  let depth = 0;
  for (let at = 0; ; ) {
    const open = text.indexOf('<', at);
    checkReferences(at, open < 0 ? text.length : open);
    checkRun(at, open < 0 ? text.length : open);
    if (open < 0) return { parts, instructions };
    parts++;
    if (text.startsWith('<!--', open)) at = endOf('-->', open + 4, 'a comment');
    else if (text.startsWith('<![CDATA[', open)) at = endOf(']]>', open + 9, 'a CDATA section');
    else if (text.startsWith('<?', open)) {
      at = endOf('?>', open + 2, 'a processing instruction');
      instructions.push({ start: open, end: at });
    } else if (text.startsWith('<!', open)) {
      const reason = 'has a document type or entity declaration, which is not read';
      fail('doctype', open, reason, 'Take the declaration out of the file.');
    } else {
      const tag = readTag(text, open);
      if (tag.end === undefined) return fail('not-well-formed', tag.fault, tag.reason);
      at = tag.end;
      checkReferences(open, at);
      checkRun(open, at);
      parts += tag.attributes;
      if (text.startsWith('</', open)) depth--;
      else if (depth >= MAX_XML_DEPTH)
        fail('too-deep', open, `has elements nested deeper than ${MAX_XML_DEPTH}`);
      else if (text.charAt(at - 2) !== '/') depth++;
    }
    if (parts > maxParts)
      fail('too-large', open, `has more than ${maxParts} elements, attributes and comments`);
  }
}

type Tag =
  | { readonly end: number; readonly attributes: number }
  | { readonly end: undefined; readonly fault: number; readonly reason: string };

/** The end of a tag: the first `>` that is in no attribute's value. */
function readTag(text: string, open: number): Tag {
  const faultAt = (fault: number, reason: string): Tag => ({ end: undefined, fault, reason });
  const mark = /[<>"']/g;
  let attributes = 0;
  mark.lastIndex = open + 1;
  for (let from = open + 1; ; attributes++) {
    const found = mark.exec(text);
    if (found === null || found[0] === '<') return faultAt(open, 'a tag is never closed');
    // Behind a value comes the next name, or nothing more.
    const between = attributes === 0 ? '' : text.slice(from, found.index).trim();
    if (found[0] === '>')
      return between === '' || between === '/'
        ? { end: mark.lastIndex, attributes }
        : faultAt(from, `there is ${JSON.stringify(between.slice(0, 40))} behind a value`);
    const close = text.indexOf(found[0], mark.lastIndex);
    if (close < 0) return faultAt(found.index, 'a value is never closed');
    if (text.slice(mark.lastIndex, close).includes('<'))
      return faultAt(found.index, 'a value is never closed, or has a < in it');
    from = close + 1;
    mark.lastIndex = from;
  }
}

/** A check of each `&` in a stretch of the text; the stretches come in their order. */
function referenceCheck(
  text: string,
  fail: (kind: XmlFaultKind, at: number, reason: string, hint?: string) => never,
): (start: number, end: number) => void {
  let next = text.indexOf('&');
  return (start, end) => {
    if (next >= 0 && next < start) next = text.indexOf('&', start);
    for (; next >= 0 && next < end; next = text.indexOf('&', next + 1)) {
      REFERENCE.lastIndex = next;
      const found = REFERENCE.exec(text);
      if (found !== null && characterOf(found) !== undefined) continue;
      const shown = /^&#?\w{0,40};?/.exec(text.slice(next, next + 45))?.[0] ?? '&';
      const hint = 'Only &amp; &lt; &gt; &quot; &apos; and numbers of characters are read.';
      fail('not-well-formed', next, `${JSON.stringify(shown)} is no character`, hint);
    }
  };
}

const named = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }));

/** The character that a reference stands for; undefined where there is none that XML may have. */
export function characterOf([, name, decimal, hex]: readonly (string | undefined)[]):
  | string
  | undefined {
  if (name !== undefined) return named.get(name);
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  if (!(code <= 0x10_ffff) || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(code);
  return NO_CHARACTER.test(character) ? undefined : character;
}

/** Line and column of an offset. */
export function positionAt(text: string, offset: number): TextPosition {
  const before = text.slice(0, offset);
  const lines = before.match(/\r\n?|\n/g)?.length ?? 0;
  const lineStart = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1;
  return { line: lines + 1, column: offset - lineStart + 1 };
}

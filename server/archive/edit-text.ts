import { isDeepStrictEqual } from 'node:util';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { readDocumentText } from '../document-text.ts';
import { formatDocumentText } from '../documents/format-text.ts';
import type { Keys } from './document-references.ts';

/** A value that takes the place of another one. */
export interface Edit {
  readonly keys: Keys;
  readonly value: unknown;
}

/** A document as text, and how it is written. */
export interface WrittenDocument {
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

/**
 * Replaces values in a text, and leaves all else as somebody wrote it: comments, order, style. Where that
 * cannot be done (a value stands in an alias), the document is written anew, without its comments.
 */
export function editText(
  { text, format }: WrittenDocument,
  document: unknown,
  edits: readonly Edit[],
): string {
  if (edits.length === 0) return text;
  const edited = editDocument(document, edits);
  const spliced = splice(text, edits);
  if (spliced !== undefined && readsAs(spliced, edited)) return spliced;
  return formatDocumentText(edited, { format });
}

/** The document with the values replaced. */
export function editDocument(document: unknown, edits: readonly Edit[]): unknown {
  return edits.reduce((done, { keys, value }) => withValue(done, keys, value), document);
}

function withValue(at: unknown, [key, ...inner]: Keys, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(at))
    return at.map((each: unknown, index) => (index === key ? withValue(each, inner, value) : each));
  return { ...Object(at), [key]: withValue(Reflect.get(Object(at), key), inner, value) };
}

function splice(text: string, edits: readonly Edit[]): string | undefined {
  const parsed = parseDocument(text, { lineCounter: new LineCounter() });
  const places: { readonly start: number; readonly end: number; readonly written: string }[] = [];
  for (const { keys, value } of edits) {
    const node = parsed.getIn([...keys], true);
    if (!isNode(node) || node.range === undefined || node.range === null) return undefined;
    const [start, end] = node.range;
    // The text of a block ends with its line.
    const end_ = text.slice(start, end).endsWith('\n') ? '\n' : '';
    places.push({ start, end, written: writeFlow(value) + end_ });
  }
  places.sort((one, other) => other.start - one.start);
  let done = text;
  for (const { start, end, written } of places)
    done = done.slice(0, start) + written + done.slice(end);
  return done;
}

/** As JSON in one line, which YAML takes anywhere. */
function writeFlow(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(value);
  const pairs = Object.entries(value).map(
    ([key, inner]) => `${JSON.stringify(key)}: ${JSON.stringify(inner)}`,
  );
  return `{ ${pairs.join(', ')} }`;
}

/** Whether a text is a document with that value. */
export function readsAs(text: string, document: unknown): boolean {
  try {
    return isDeepStrictEqual(readDocumentText(text).value, document);
  } catch {
    return false;
  }
}

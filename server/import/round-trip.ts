import { isDeepStrictEqual } from 'node:util';
import { readDocumentText } from '../document-text.ts';
import { formatDocumentText } from '../documents/format-text.ts';
import type { ImportedSequence } from './imported-sequence.ts';
import type { SequenceReport } from './report/schema.ts';

/** Writes the document as a text with its comments and reads it again: it must be the same. */
export function tryRoundTrip({
  document,
  comments,
}: Pick<ImportedSequence, 'document' | 'comments'>): SequenceReport['roundTrip'] {
  try {
    const text = formatDocumentText(document, { format: 'yaml', comments });
    const { value } = readDocumentText(text);
    const path = firstDifference(document, value, '');
    return { by: 'text', same: path === undefined, message: path ?? '' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { by: 'text', same: false, message };
  }
}

/** Where two documents differ first, in words. */
export function firstDifference(before: unknown, after: unknown, path: string): string | undefined {
  if (isDeepStrictEqual(before, after)) return undefined;
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after))
    return `${path === '' ? 'the document' : path} is another value`;
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const inner = Array.isArray(before) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    if (!Object.hasOwn(after, key)) return `${inner} is gone`;
    if (!Object.hasOwn(before, key)) return `${inner} is new`;
    const found = firstDifference(Reflect.get(before, key), Reflect.get(after, key), inner);
    if (found !== undefined) return found;
  }
  return `${path} is in another order`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

import { documentPath } from '#agent/sequence/document-path.ts';
import { DocumentError } from './document-error.ts';

/**
 * A lone half of a UTF-16 pair is in no file: it would come back as another character.
 * @throws {DocumentError} `document.surrogate`
 */
export function assertWellFormed(value: unknown): void {
  const found = malformed(value, '');
  if (found === undefined) return;
  throw new DocumentError(
    'document.surrogate',
    `Half a character (a lone UTF-16 surrogate) is in the text at ${found === '' ? 'its top' : found}`,
    { path: found, hint: 'Write that text anew.' },
  );
}

/** The place of the first text, or name of a field, that is not well formed. */
export function malformed(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, inner] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const at = documentPath(path, [key]);
    if (typeof key === 'string' && !key.isWellFormed()) return at;
    const found = malformed(inner, at);
    if (found !== undefined) return found;
  }
  return undefined;
}

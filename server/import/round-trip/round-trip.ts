import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { SequenceId } from '#agent/protocol/identity.ts';
import { exportArchive } from '../../archive/export-archive.ts';
import { openArchive } from '../../archive/read-archive.ts';
import type { ExportSite } from '../../archive/site.ts';
import { formatDocumentText } from '../../documents/format-text.ts';
import type { ImportedSequence } from '../imported-sequence.ts';
import type { SequenceReport } from '../report/schema.ts';

/** What of an imported sequence goes into an archive. */
export type Written = Pick<ImportedSequence, 'name' | 'document' | 'comments'>;

/**
 * Exports a document into an archive of its own and reads that again: the document must be the same, and
 * so must its text, comments and all.
 */
export async function tryRoundTrip(imported: Written): Promise<SequenceReport['roundTrip']> {
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-round-trip-'));
  try {
    const message = await differenceBy(imported, join(folder, 'archive.zip'));
    return { same: message === undefined, message: message ?? '' };
  } catch (error) {
    return { same: false, message: error instanceof Error ? error.message : String(error) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function differenceBy(
  { name, document, comments }: Written,
  file: string,
): Promise<string | undefined> {
  const text = formatDocumentText(document, { format: 'yaml', comments });
  const sequence = { id: SequenceId.parse('IMPORTED'), name, version: 1 };
  const site: ExportSite = {
    sequences: async () => [sequence],
    packages: async () => [],
    document: async () => ({ ...sequence, state: 'draft', format: 'yaml', text }),
    manifest: () => Promise.reject(new Error('no package is exported')),
    open: () => Promise.reject(new Error('no content is exported')),
  };
  const signal = new AbortController().signal;
  await exportArchive(site, [sequence], { file, scope: 'nothing', signal });
  await using archive = await openArchive(file);
  const [read] = archive.sequences;
  if (read === undefined) return 'the archive has no sequence';
  const path = firstDifference(document, read.document, '');
  return path ?? (read.text === text ? undefined : 'its text is another, its comments for example');
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

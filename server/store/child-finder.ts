import type { Kysely } from 'kysely';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ChildSource } from '#agent/sequence/expand-children.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import type { FindChild } from '../inventory/child-cycle.ts';
import { childReferences } from '../inventory/child-references.ts';
import type { Tables } from './tables.ts';

/** Text of all documents that one sequence leads to, each counted once: Configuration Manager's limit of a policy. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Reads every task sequence that a document leads to, at any depth, in its newest version.
 *
 * @throws {SequenceError} `sequence.expanded-too-large`
 */
export async function childFinder(
  db: Kysely<Tables>,
  root: { readonly documentJson: string },
): Promise<FindChild> {
  const found = new Map<string, ChildSource | undefined>();
  const byId = new Map<SequenceId, ChildSource>();
  let bytes = root.documentJson.length;
  const waiting = childReferences(JSON.parse(root.documentJson));
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    const key = keyOf(reference);
    if (found.has(key)) continue;
    const row = await rowOf(db, reference);
    if (row === undefined) {
      found.set(key, undefined);
      continue;
    }
    const id = SequenceId.parse(row.id);
    const known = byId.get(id);
    found.set(key, known);
    if (known !== undefined) continue;
    bytes += row.document_json.length;
    if (bytes > MAX_BYTES)
      throw new SequenceError(
        'sequence.expanded-too-large',
        `With its children the task sequence is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
        { hint: 'Split it, or run fewer children.' },
      );
    const document: unknown = JSON.parse(row.document_json);
    const source: ChildSource = {
      id,
      name: row.name,
      version: row.version,
      document,
      disabled: row.disabled === 1,
      // No document can name a boot image yet.
      hasBootImage: false,
    };
    found.set(key, source);
    byId.set(id, source);
    waiting.push(...childReferences(document));
  }
  return (reference) => found.get(keyOf(reference));
}

/** The id counts where there is one. */
function keyOf({ id, name }: SequenceReference): string {
  return id === undefined ? `name:${nameKey(name)}` : `id:${id}`;
}

function nameKey(name: string | undefined): string {
  return (name ?? '').trim().toLowerCase();
}

function rowOf(db: Kysely<Tables>, { id, name }: SequenceReference) {
  const query = db
    .selectFrom('sequences')
    .innerJoin('sequence_versions', (join) =>
      join
        .onRef('sequence_versions.sequence_id', '=', 'sequences.id')
        .onRef('sequence_versions.version', '=', 'sequences.version'),
    )
    .select(['id', 'name', 'sequences.version as version', 'disabled', 'document_json']);
  return (
    id === undefined
      ? query.where('name_key', '=', nameKey(name))
      : query.where('sequences.id', '=', id)
  ).executeTakeFirst();
}

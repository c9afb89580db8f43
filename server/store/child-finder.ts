import type { Kysely } from 'kysely';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import { type FindChild, readChildren, type StoredChild } from '../inventory/read-children.ts';
import { referencedRow, sequencesWith } from './sequence-rows.ts';
import type { Tables } from './tables.ts';

/**
 * Finds every task sequence that a document leads to, at any depth, in its newest version that is ready.
 *
 * @throws {SequenceError} `sequence.expanded-too-large`
 */
export async function childFinder(
  db: Kysely<Tables>,
  root: { readonly documentJson: string },
): Promise<FindChild> {
  return await readChildren(root, (reference) => storedChild(db, reference));
}

/** The sequence that a step names, in its newest version that is ready, or its newest of all. */
export async function storedChild(
  db: Kysely<Tables>,
  reference: SequenceReference,
  which: 'newest' | 'ready' = 'ready',
): Promise<StoredChild | undefined> {
  const row = await referencedRow(db, reference);
  if (row === undefined) return undefined;
  const found = await sequencesWith(db, which)
    .select(['sequence_versions.version as version', 'document_json'])
    .where('sequences.id', '=', row.id)
    .executeTakeFirst();
  return found === undefined
    ? undefined
    : {
        id: SequenceId.parse(row.id),
        name: row.name,
        version: found.version,
        disabled: row.disabled === 1,
        documentJson: found.document_json,
      };
}

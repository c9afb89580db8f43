import type { Kysely } from 'kysely';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { FindChild } from '../inventory/child-cycle.ts';
import { readChildren, type StoredChild } from '../inventory/read-children.ts';
import type { Tables } from './tables.ts';

/**
 * Finds every task sequence that a document leads to, at any depth, in its newest version.
 *
 * @throws {SequenceError} `sequence.expanded-too-large`
 */
export async function childFinder(
  db: Kysely<Tables>,
  root: { readonly documentJson: string },
): Promise<FindChild> {
  return await readChildren(root, (reference) => storedChild(db, reference));
}

/** The newest version of the sequence that a step names. */
export async function storedChild(
  db: Kysely<Tables>,
  { id, name = '' }: SequenceReference,
): Promise<StoredChild | undefined> {
  const query = db
    .selectFrom('sequences')
    .innerJoin('sequence_versions', (join) =>
      join
        .onRef('sequence_versions.sequence_id', '=', 'sequences.id')
        .onRef('sequence_versions.version', '=', 'sequences.version'),
    )
    .select(['id', 'name', 'sequences.version as version', 'disabled', 'document_json']);
  const row = await (id === undefined
    ? query.where('name_key', '=', name.trim().toLowerCase())
    : query.where('sequences.id', '=', id)
  ).executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        id: SequenceId.parse(row.id),
        name: row.name,
        version: row.version,
        disabled: row.disabled === 1,
        documentJson: row.document_json,
      };
}

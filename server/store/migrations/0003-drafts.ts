import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { numberColumn, textColumn } from './columns.ts';

/** Drafts of task sequences: what was kept until now is ready. */
export async function drafts(db: Kysely<Tables>): Promise<void> {
  await numberColumn(db, 'sequences', { name: 'ready_version', default: 0 });
  await numberColumn(db, 'sequence_versions', { name: 'draft', default: 0 });
  await textColumn(db, 'sequence_versions', { name: 'document_sha256', default: '' });
  await db
    .updateTable('sequences')
    .set((set) => ({ ready_version: set.ref('version') }))
    .execute();
  const rows = await db
    .selectFrom('sequence_versions')
    .select(['sequence_id', 'version', 'document_json'])
    .execute();
  for (const { sequence_id, version, document_json } of rows)
    await db
      .updateTable('sequence_versions')
      .set({ document_sha256: createHash('sha256').update(document_json).digest('hex') })
      .where('sequence_id', '=', sequence_id)
      .where('version', '=', version)
      .execute();
}

import type { Kysely } from 'kysely';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** The row of an upload, from now on not too old. @throws {StoreError} `upload.not-found` */
export async function touchUpload(db: Kysely<Tables>, id: string, nowMs: number) {
  const row = await db
    .updateTable('uploads')
    .set({ touched_ms: nowMs })
    .where('id', '=', id)
    .where('expired', '=', 0)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw uploadOver();
  return row;
}

/** That an upload takes nothing more. */
export function uploadOver(): StoreError {
  return new StoreError('upload.not-found', 'This upload is over, or was left for too long', {
    hint: 'Send the package again: files that are here already are not sent twice.',
  });
}

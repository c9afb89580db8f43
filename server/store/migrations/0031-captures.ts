import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** Images that machines captured: a capture makes new versions of such images alone. */
export async function captures(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'captures',
    {
      upload_id: 'text',
      run_id: 'text',
      step_id: 'text',
      package_id: 'text',
      version: 'int',
      sha256: 'text',
      at_ms: 'int',
    },
    ['upload_id'],
  );
  await index(db, 'captures', ['package_id']);
}

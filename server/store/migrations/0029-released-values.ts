import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table } from './columns.ts';

/** What a run was given in secret, sealed: its agent is told after a restart what no log may show. */
export async function releasedValues(db: Kysely<Tables>): Promise<void> {
  await table(db, 'released_values', { run_id: 'text', mark: 'text', value_sealed: 'text' }, [
    'run_id',
    'mark',
  ]);
}

import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table } from './columns.ts';

/** What was given in secret to the key of a run, once for each place that asks. */
export async function secretReleases(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'secret_releases',
    { run_id: 'text', key_thumbprint: 'text', place: 'text', what: 'text', at_ms: 'int' },
    ['run_id', 'key_thumbprint', 'place', 'what'],
  );
}

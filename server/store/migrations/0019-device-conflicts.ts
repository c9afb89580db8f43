import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table } from './columns.ts';

/** Identifiers that many machines have, and records that could be one machine. */
export async function deviceConflicts(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'shared_identifiers',
    { kind: 'text', value: 'text', learned: 'int', why: 'text', at_ms: 'int' },
    ['kind', 'value'],
  );
  await table(
    db,
    'device_conflicts',
    {
      device_id: 'text',
      other_id: 'text',
      why: 'text',
      first_ms: 'int',
      last_ms: 'int',
      resolution: 'text',
    },
    ['device_id', 'other_id'],
  );
}

import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** Machines expected before they come, and approvals that stand for a while. */
export async function bench(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'expected_devices',
    {
      kind: 'text',
      key: 'text',
      name: 'text',
      name_key: 'text',
      approve: 'int',
      who: 'text',
      created_ms: 'int',
      device_id: 'text?',
      used_ms: 'int?',
    },
    ['kind', 'key'],
  );
  await index(db, 'expected_devices', ['name_key']);
  await table(
    db,
    'standing_approvals',
    {
      id: 'text',
      who: 'text',
      created_ms: 'int',
      ends_ms: 'int',
      ended_ms: 'int?',
      scope_json: 'text',
      most: 'int',
      used: 'int',
    },
    ['id'],
  );
  await index(db, 'standing_approvals', ['ends_ms']);
}

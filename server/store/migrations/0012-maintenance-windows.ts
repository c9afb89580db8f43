import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** Spans of time in which machines of a collection may be disturbed. */
export async function maintenanceWindows(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'maintenance_windows',
    {
      id: 'text',
      collection_id: 'text',
      name: 'text',
      description: 'text',
      enabled: 'int',
      kind: 'text',
      start_date: 'text',
      start_time: 'text',
      finish_time: 'text',
      time_zone: 'text',
      rrule: 'text',
      created_ms: 'int',
    },
    ['id'],
  );
  await index(db, 'maintenance_windows', ['collection_id']);
}

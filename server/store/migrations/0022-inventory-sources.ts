import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { textColumn } from './columns.ts';

/** From which record, that was merged into this one, an entry of the hardware history is. */
export async function inventorySources(db: Kysely<Tables>): Promise<void> {
  await textColumn(db, 'device_inventories', { name: 'source_id', default: '' });
  await textColumn(db, 'device_inventories', { name: 'source_name', default: '' });
}

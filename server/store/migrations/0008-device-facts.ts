import type { Kysely } from 'kysely';
import { nameKey, serialKey } from '../../inventory/device-keys.ts';
import type { Tables } from '../tables.ts';
import { index, table, textColumn } from './columns.ts';

/** Keys that devices are searched by, notes, where a machine was last seen; its hardware at each start. */
export async function deviceFacts(db: Kysely<Tables>): Promise<void> {
  for (const name of ['name_key', 'serial_key', 'asset_key', 'notes', 'seen_at_json'])
    await textColumn(db, 'devices', { name, default: '' });
  for (const { id, name, serial_number, facts_json } of await db
    .selectFrom('devices')
    .select(['id', 'name', 'serial_number', 'facts_json'])
    .execute()) {
    const facts: { readonly assetTag?: string | null } = JSON.parse(facts_json);
    await db
      .updateTable('devices')
      .set({
        name_key: nameKey(name),
        serial_key: serialKey(serial_number),
        asset_key: serialKey(facts.assetTag ?? null),
      })
      .where('id', '=', id)
      .execute();
  }
  await index(db, 'devices', ['name_key', 'id']);
  await index(db, 'devices', ['serial_key']);
  await index(db, 'devices', ['asset_key']);
  await index(db, 'devices', ['state', 'name_key']);
  await table(
    db,
    'device_inventories',
    {
      device_id: 'text',
      from_ms: 'int',
      until_ms: 'int',
      current: 'int',
      inventory_json: 'text',
    },
    ['device_id', 'from_ms'],
  );
  await index(db, 'device_inventories', ['current', 'device_id']);
}

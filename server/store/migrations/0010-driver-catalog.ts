import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** What the drivers of driver packages are for: copied from the index of the newest version of each. */
export async function driverCatalog(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'driver_catalogs',
    {
      package_id: 'text',
      version: 'int',
      driver_count: 'int',
      architectures: 'text',
      categories_json: 'text',
      pack_json: 'text?',
      problem: 'text?',
    },
    ['package_id'],
  );
  await table(
    db,
    'drivers',
    {
      package_id: 'text',
      number: 'int',
      inf: 'text',
      class_name: 'text',
      provider: 'text',
      date: 'text?',
      driver_version: 'text?',
      architectures: 'text',
      id_count: 'int',
      facts_json: 'text',
    },
    ['package_id', 'number'],
  );
  await table(
    db,
    'driver_ids',
    { package_id: 'text', number: 'int', id_key: 'text', base_key: 'text' },
    ['package_id', 'number', 'id_key'],
  );
  await index(db, 'driver_ids', ['id_key']);
  await index(db, 'driver_ids', ['base_key']);
}

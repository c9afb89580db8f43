import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import { index, table } from './columns.ts';

/** Distribution points, what is on each, and which machines use them; all use this server until somebody says more. */
export async function distributionPoints(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'distribution_points',
    { id: 'text', name: 'text', name_key: 'text', url: 'text', enabled: 'int', created_ms: 'int' },
    ['id'],
  );
  await index(db, 'distribution_points', ['name_key'], { unique: true });
  await table(
    db,
    'distribution_point_packages',
    {
      point_id: 'text',
      package_id: 'text',
      version: 'int',
      state: 'text',
      detail: 'text',
      checked_ms: 'int',
    },
    ['point_id', 'package_id', 'version'],
  );
  await table(
    db,
    'distribution_point_faults',
    {
      point_id: 'text',
      sha256: 'text',
      kind: 'text',
      detail: 'text',
      reports: 'int',
      first_ms: 'int',
      last_ms: 'int',
    },
    ['point_id', 'sha256'],
  );
  await table(
    db,
    'boundary_groups',
    { id: 'text', name: 'text', name_key: 'text', is_default: 'int', settings_json: 'text' },
    ['id'],
  );
  await index(db, 'boundary_groups', ['name_key'], { unique: true });
  // Written out: columns that came later are not there yet.
  await sql`insert into distribution_points (id, name, name_key, url, enabled, created_ms)
    values ('DP00000', 'This server', 'this server', '', 1, 0)`.execute(db);
  await db
    .insertInto('boundary_groups')
    .values({
      id: 'BG00000',
      name: 'Site default',
      name_key: 'site default',
      is_default: 1,
      settings_json: JSON.stringify({ points: ['DP00000'] }),
    })
    .execute();
}

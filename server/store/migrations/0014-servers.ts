import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table } from './columns.ts';

/** Servers of the site, where several share its database. */
export async function servers(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'servers',
    {
      id: 'text',
      name: 'text',
      addresses_json: 'text',
      boot_port: 'int',
      agent_port: 'int',
      version: 'text',
      beat: 'int',
      boot_revision: 'int',
      view_revision: 'int',
      heartbeat_ms: 'int',
    },
    ['id'],
  );
}

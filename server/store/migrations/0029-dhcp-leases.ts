import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { table } from './columns.ts';

/** Addresses that the DHCP servers of benches have granted. */
export async function dhcpLeases(db: Kysely<Tables>): Promise<void> {
  await table(
    db,
    'dhcp_leases',
    {
      server: 'text',
      address: 'text',
      client: 'text',
      mac: 'text',
      host_name: 'text',
      state: 'text',
      until_ms: 'int',
    },
    ['server', 'address'],
  );
}

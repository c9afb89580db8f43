import type { Kysely } from 'kysely';
import type { Lease } from '../dhcp/bench/lease-table.ts';
import { allDone } from './all-done.ts';
import { excluded, MOST_SHORT, pieces } from './insert-rows.ts';
import type { Tables } from './tables.ts';

/** What the DHCP servers of benches have granted. */
export const dhcpLeases = {
  /** All of one server, also those that are over: machines get theirs again. */
  async all(db: Kysely<Tables>, server: string): Promise<Lease[]> {
    const rows = await db
      .selectFrom('dhcp_leases')
      .selectAll()
      .where('server', '=', server)
      .orderBy('until_ms')
      .execute();
    return rows.map((row) => ({
      address: row.address,
      client: row.client,
      mac: row.mac,
      hostName: row.host_name,
      state: row.state,
      untilMs: row.until_ms,
    }));
  },

  /** Puts leases in the place of what was at their addresses, each address once. */
  async keep(db: Kysely<Tables>, server: string, leases: readonly Lease[]): Promise<void> {
    const rows = leases.map((lease) => ({
      server,
      address: lease.address,
      client: lease.client,
      mac: lease.mac,
      host_name: lease.hostName,
      state: lease.state,
      until_ms: Math.round(lease.untilMs),
    }));
    const changed = excluded(['client', 'mac', 'host_name', 'state', 'until_ms']);
    await allDone(
      pieces(rows, MOST_SHORT).map((piece) =>
        db
          .insertInto('dhcp_leases')
          .values(piece)
          .onConflict((conflict) => conflict.columns(['server', 'address']).doUpdateSet(changed))
          .execute(),
      ),
    );
  },
};

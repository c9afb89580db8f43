import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { SiteServer } from '../inventory/live-servers.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

const Addresses = z.array(z.object({ address: z.string(), netmask: z.string() }));
/** Name of the setting with the fingerprint of the site's keys. */
const SITE_KEYS = 'site-keys';
/** Rows of servers that ended without a word are kept for people to read this long. */
const KEPT_MS = 24 * 60 * 60 * 1000;

/** Servers that share this database. */
export const servers = {
  /**
   * Takes a server into the site: the first one says which keys the site has, each other must have the
   * same.
   *
   * @throws {StoreError} `store.other-site`
   */
  async join(db: Kysely<Tables>, keys: string): Promise<void> {
    const kept = await db
      .selectFrom('settings')
      .select('value_json')
      .where('name', '=', SITE_KEYS)
      .executeTakeFirst();
    if (kept === undefined)
      await db
        .insertInto('settings')
        .values({ name: SITE_KEYS, value_json: JSON.stringify(keys) })
        .execute();
    else if (JSON.parse(kept.value_json) !== keys)
      throw new StoreError(
        'store.other-site',
        'The database is of a site with other keys than this data directory',
        {
          hint: 'Copy site-ca.key, site-ca.pem, boot-signing.key and site-secret from the data directory of a server of that site, or name another database.',
        },
      );
  },

  /** Says that a server lives, and answers what all servers have said. */
  async beat(db: Kysely<Tables>, id: string, self: Omit<SiteServer, 'id'>): Promise<SiteServer[]> {
    const columns = {
      name: self.name,
      addresses_json: JSON.stringify(self.addresses),
      boot_port: self.bootPort,
      agent_port: self.agentPort,
      version: self.version,
      beat: self.beat,
      boot_revision: self.bootRevision,
      view_revision: self.viewRevision,
      heartbeat_ms: self.heartbeatMs,
    };
    await db
      .insertInto('servers')
      .values({ id, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute();
    return await servers.list(db);
  },

  async list(db: Kysely<Tables>): Promise<SiteServer[]> {
    const rows = await db.selectFrom('servers').selectAll().orderBy('id').execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      addresses: Addresses.parse(JSON.parse(row.addresses_json)),
      bootPort: row.boot_port,
      agentPort: row.agent_port,
      version: row.version,
      beat: row.beat,
      bootRevision: row.boot_revision,
      viewRevision: row.view_revision,
      heartbeatMs: row.heartbeat_ms,
    }));
  },

  /** Takes a server out that stops, and those that were not heard of for long. */
  async leave(db: Kysely<Tables>, id: string, nowMs: number): Promise<void> {
    await db
      .deleteFrom('servers')
      .where((where) =>
        where.or([where('id', '=', id), where('heartbeat_ms', '<', nowMs - KEPT_MS)]),
      )
      .execute();
  },
};

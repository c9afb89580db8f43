import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Silence } from '../inventory/history.ts';
import type { Tables } from './tables.ts';

/** Rows that are kept at most: anyone on the wire can invent machines. */
const MOST = 20_000;

export const silences = {
  /** Adds to what is kept of each machine and reason. The oldest go when there are too many. */
  async note(db: Kysely<Tables>, noted: readonly Silence[]): Promise<void> {
    for (const one of noted) {
      const reason_key = createHash('sha256').update(one.reason).digest('hex');
      await db
        .insertInto('silences')
        .values({
          mac: one.mac,
          reason_key,
          reason: one.reason,
          interface_name: one.interfaceName,
          architecture: one.architecture,
          guid: one.guid,
          first_ms: one.firstMs,
          last_ms: one.lastMs,
          count: one.count,
        })
        .onConflict((conflict) =>
          conflict.columns(['mac', 'reason_key']).doUpdateSet({
            last_ms: one.lastMs,
            interface_name: one.interfaceName,
            count: sql<number>`silences.count + ${one.count}`,
          }),
        )
        .execute();
    }
    const oldest = await db
      .selectFrom('silences')
      .select('last_ms')
      .orderBy('last_ms', 'desc')
      .offset(MOST)
      .limit(1)
      .executeTakeFirst();
    if (oldest !== undefined)
      await db.deleteFrom('silences').where('last_ms', '<=', oldest.last_ms).execute();
  },

  /** The newest first. */
  async list(
    db: Kysely<Tables>,
    wish: { readonly mac?: string | undefined; readonly limit: number },
  ): Promise<Silence[]> {
    let query = db.selectFrom('silences').selectAll().orderBy('last_ms', 'desc').limit(wish.limit);
    if (wish.mac !== undefined) query = query.where('mac', '=', wish.mac);
    return (await query.execute()).map((row) => ({
      mac: row.mac,
      guid: row.guid,
      architecture: row.architecture,
      interfaceName: row.interface_name,
      reason: row.reason,
      firstMs: row.first_ms,
      lastMs: row.last_ms,
      count: row.count,
    }));
  },
};

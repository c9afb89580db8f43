import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

export const runCounts = {
  /** Runs of each state, from an index. */
  async byState(db: Kysely<Tables>): Promise<{ state: string; count: number }[]> {
    const rows = await db
      .selectFrom('runs')
      .select((select) => ['state', select.fn.countAll().as('count')])
      .groupBy('state')
      .execute();
    return rows.map(({ state, count }) => ({ state, count: Number(count) }));
  },
};

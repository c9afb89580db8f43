import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Site code in front of ids, where Configuration Manager has its own. */
const SITE_CODE = 'MW1';

/** First number of each kind of id; deployments begin where Configuration Manager begins them. */
const firstOf = { package: 1, collection: 1, deployment: 0x20001 } as const;

/** The next id of a kind: site code and five hex digits. Sequences and packages count together. */
export async function nextId(db: Kysely<Tables>, counter: keyof typeof firstOf): Promise<string> {
  const row = await db
    .insertInto('counters')
    .values({ name: counter, value: firstOf[counter] })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((update) => ({
        value: update('counters.value', '+', 1),
      })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return `${SITE_CODE}${row.value.toString(16).toUpperCase().padStart(5, '0')}`;
}

import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** The next id of a kind, as Configuration Manager counts them: site code and five hex digits. */
export async function nextId(db: Kysely<Tables>, counter: string, prefix: string): Promise<string> {
  const row = await db
    .insertInto('counters')
    .values({ name: counter, value: 1 })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((update) => ({
        value: update('counters.value', '+', 1),
      })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return `${prefix}${row.value.toString(16).toUpperCase().padStart(5, '0')}`;
}

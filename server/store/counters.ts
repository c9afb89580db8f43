import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Site code in front of ids, where Configuration Manager has its own. */
const SITE_CODE = 'MW1';

/** Stand-ins of names that nothing has (wanted-packages.ts): never the id of a package. */
const WANTED_CODE = 'MWN';

/** First number of each kind of id; deployments begin where Configuration Manager begins them. */
const firstOf = {
  package: 1,
  collection: 1,
  deployment: 0x20001,
  window: 0x40001,
  wanted: 1,
  'distribution-point': 1,
  'boundary-group': 1,
} as const;
/** In front of the digits, where it is not the site's code. */
const codes: Partial<Record<keyof typeof firstOf, string>> = {
  wanted: WANTED_CODE,
  'distribution-point': 'DP',
  'boundary-group': 'BG',
};

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
  const code = codes[counter] ?? SITE_CODE;
  return `${code}${row.value.toString(16).toUpperCase().padStart(5, '0')}`;
}

/** More than are given between two backups, and little against the million that five digits have. */
const JUMP = 4096;

/**
 * Leaves out ids that may have been given after the backup that was brought back: they may be in journals of
 * machines, in scripts and in people's notes, and must not mean something else.
 */
export async function jumpAhead(db: Kysely<Tables>): Promise<void> {
  for (const [name, first] of Object.entries(firstOf))
    await db
      .insertInto('counters')
      .values({ name, value: first + JUMP })
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((update) => ({
          value: update('counters.value', '+', JUMP),
        })),
      )
      .execute();
}

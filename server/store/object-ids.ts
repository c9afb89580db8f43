import type { Kysely } from 'kysely';
import { nextId } from './counters.ts';
import type { Tables } from './tables.ts';

/** The next id that no sequence and no package has: some came with ids of their own. */
export async function nextObjectId(db: Kysely<Tables>): Promise<string> {
  for (;;) {
    const id = await nextId(db, 'package');
    if (!(await hasObject(db, id))) return id;
  }
}

/** Whether a sequence or a package has that id. */
export async function hasObject(db: Kysely<Tables>, id: string): Promise<boolean> {
  for (const table of ['sequences', 'packages'] as const) {
    const row = await db.selectFrom(table).select('id').where('id', '=', id).executeTakeFirst();
    if (row !== undefined) return true;
  }
  return false;
}

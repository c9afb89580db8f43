import type { Kysely } from 'kysely';
import { PackageId } from '#agent/protocol/identity.ts';
import type { NamedPackage } from '../inventory/pin.ts';
import { nextId } from './counters.ts';
import type { Tables } from './tables.ts';

/**
 * Ids that stand for names nothing has: a document is pinned once, and a machine that waits for content
 * (reference: conditions, 3a) finds what comes later under the id its document has.
 */
export async function standIns(
  db: Kysely<Tables>,
  names: readonly string[],
): Promise<NamedPackage[]> {
  const made: NamedPackage[] = [];
  for (const name of names) {
    const name_key = name.toLowerCase();
    const known = await db
      .selectFrom('wanted_packages')
      .select('id')
      .where('name_key', '=', name_key)
      .executeTakeFirst();
    const id = PackageId.parse(known?.id ?? (await nextId(db, 'wanted')));
    if (known === undefined)
      await db.insertInto('wanted_packages').values({ name_key, id, name }).execute();
    made.push({ id, name });
  }
  return made;
}

/** The name that an id stands for; undefined when it is no stand-in. */
export async function wantedName(db: Kysely<Tables>, id: PackageId): Promise<string | undefined> {
  const row = await db
    .selectFrom('wanted_packages')
    .select('name')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.name;
}

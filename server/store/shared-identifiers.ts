import type { Kysely } from 'kysely';
import { z } from 'zod';
import { MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { SharedIdentifiers } from '../inventory/match.ts';
import { type SiteSettings, settings } from './settings.ts';
import type { Tables } from './tables.ts';

export const SharedKind = z.enum(['mac', 'guid']);
export type SharedKind = z.infer<typeof SharedKind>;

/** A MAC address or SMBIOS GUID that several machines have: served, but not used to identify. */
export interface SharedIdentifier {
  readonly kind: SharedKind;
  readonly value: string;
  /** Found out by the server, not listed by an operator. */
  readonly learned: boolean;
  readonly why: string;
  readonly atMs: number;
}

export const sharedIdentifiers = {
  async list(db: Kysely<Tables>): Promise<SharedIdentifier[]> {
    const rows = await db
      .selectFrom('shared_identifiers')
      .selectAll()
      .orderBy('kind')
      .orderBy('value')
      .execute();
    return rows.map((row) => ({
      kind: SharedKind.parse(row.kind),
      value: row.value,
      learned: row.learned === 1,
      why: row.why,
      atMs: row.at_ms,
    }));
  },

  /** Adds one; false when it is listed already. */
  async add(db: Kysely<Tables>, one: SharedIdentifier): Promise<boolean> {
    const answer = await db
      .insertInto('shared_identifiers')
      .values({
        kind: one.kind,
        value: one.value,
        learned: one.learned ? 1 : 0,
        why: one.why,
        at_ms: one.atMs,
      })
      .onConflict((conflict) => conflict.columns(['kind', 'value']).doNothing())
      .executeTakeFirst();
    return (answer.numInsertedOrUpdatedRows ?? 0n) > 0n;
  },

  /** Takes one away; false when it is not listed. */
  async remove(db: Kysely<Tables>, kind: SharedKind, value: string): Promise<boolean> {
    const answer = await db
      .deleteFrom('shared_identifiers')
      .where('kind', '=', kind)
      .where('value', '=', value)
      .executeTakeFirst();
    return answer.numDeletedRows > 0n;
  },
};

/** All of them: those that are listed here, and those of the site's settings. */
export async function allShared(db: Kysely<Tables>): Promise<SharedIdentifiers> {
  return sharedOf(await settings.get(db), await sharedIdentifiers.list(db));
}

/** All of them, of what is read already. */
export function sharedOf(
  site: Pick<SiteSettings, 'sharedMacs' | 'sharedGuids'>,
  listed: readonly Pick<SharedIdentifier, 'kind' | 'value'>[],
): SharedIdentifiers {
  const macs = new Set(site.sharedMacs);
  const guids = new Set(site.sharedGuids);
  for (const { kind, value } of listed)
    if (kind === 'mac') macs.add(MacAddress.parse(value));
    else guids.add(SmbiosGuid.parse(value));
  return { macs, guids };
}

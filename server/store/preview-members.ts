import type { Kysely } from 'kysely';
import { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import { planMembership } from '../inventory/membership/plan.ts';
import { dependenciesOf, type RuledCollection } from '../inventory/membership/rule.ts';
import { ruledCollections } from './collection-plan.ts';
import { devices } from './devices.ts';
import type { Member } from './memberships.ts';
import { readSubjects } from './query-subjects.ts';
import type { Tables } from './tables.ts';

/** Devices that are looked at in one call. */
const SLICE = 1000;
const PREVIEWED = CollectionId.parse('PREVIEW');

/** Rules that are looked at before they are kept. */
export interface Preview extends Pick<RuledCollection, 'limitingCollection' | 'rules'> {
  /** Devices that direct rules name. */
  readonly direct: readonly DeviceId[];
}

/** A part of the answer; `after` is where the next begins, null at the end. */
export interface PreviewSlice {
  readonly members: readonly Pick<Member, 'id' | 'name' | 'state'>[];
  readonly after: DeviceId | null;
}

export const previews = {
  /** Which of the devices after one would be members by rules that are not kept. */
  async slice(
    db: Kysely<Tables>,
    { direct, ...wish }: Preview,
    at: { readonly after: string; readonly nowMs: number },
  ): Promise<PreviewSlice> {
    const previewed = { ...wish, id: PREVIEWED, name: 'The preview' };
    const plan = planMembership(withDependencies(previewed, await ruledCollections(db)));
    const slice = await devices.page(db, { after: at.after, limit: SLICE });
    const named = Map.groupBy(
      await db
        .selectFrom('collection_direct_rules')
        .selectAll()
        .where('collection_id', 'in', plan.order)
        .where('device_id', 'in', ['', ...slice.map(({ id }) => id)])
        .execute(),
      (row) => row.device_id,
    );
    const directly = new Set(direct);
    const subjects = await readSubjects(db, slice, plan.needs);
    const members = subjects.flatMap((subject) => {
      const { name, state } = subject.inventory;
      const id = DeviceId.parse(subject.inventory.id);
      const own = (named.get(id) ?? []).map((row) => CollectionId.parse(row.collection_id));
      const rules = new Set(directly.has(id) ? [...own, PREVIEWED] : own);
      const found = plan.membershipsOf(subject, rules, { nowMs: at.nowMs });
      return found.has(PREVIEWED) ? [{ id, name, state }] : [];
    });
    return { members, after: slice.length < SLICE ? null : (slice.at(-1)?.id ?? null) };
  },
};

/** A collection with all that decide it; the others take no part. */
function withDependencies(
  root: RuledCollection,
  all: readonly RuledCollection[],
): readonly RuledCollection[] {
  const byId = new Map(all.map((one) => [one.id, one]));
  const found = new Set([root]);
  for (const one of found)
    for (const id of dependenciesOf(one)) {
      const next = byId.get(id);
      if (next !== undefined) found.add(next);
    }
  return [...found];
}

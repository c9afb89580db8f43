import type { Kysely } from 'kysely';
import { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import { builtInCollectionsOf } from '../inventory/collection.ts';
import { type MembershipPlan, planMembership } from '../inventory/membership/plan.ts';
import type { RuledCollection } from '../inventory/membership/rule.ts';
import type { SequenceOutline } from '../inventory/sequence-outline.ts';
import { ruledCollections } from './collection-plan.ts';
import { devices } from './devices.ts';
import { readSubjects } from './query-subjects.ts';
import { readyOutline, walkOutlines } from './sequence-images.ts';
import type { SequenceRisk } from './sequence-risk.ts';
import { nameKey, referencedRow } from './sequence-rows.ts';
import type { Tables } from './tables.ts';

/** Devices that are looked at in one call. */
const SLICE = 1000;

/** A collection as it is to be, stored by now or not. */
export interface CollectionToCome extends RuledCollection {
  /** Devices that direct rules name. */
  readonly direct: readonly DeviceId[];
}

/** What a task sequence does that is to come. */
export type SequenceToCome = Pick<SequenceOutline, 'name' | 'risky' | 'upgrades' | 'children'>;

/** Members of a collection among some devices. */
interface SliceMembers {
  readonly collection: CollectionId;
  readonly count: number;
  /** Names of those that are servers of the site. */
  readonly servers: readonly string[];
}

/** What deployments are held against before what they name is stored. Nothing is changed. */
export const deploymentChecks = {
  /** What each task sequence would do with those that are to come in the place of the stored ones. */
  async risks(
    db: Kysely<Tables>,
    wanted: readonly string[],
    toCome: readonly SequenceToCome[],
  ): Promise<readonly SequenceRisk[]> {
    const risks: SequenceRisk[] = [];
    for (const name of wanted) {
      const outlines = await outlinesWith(db, name, toCome);
      risks.push({
        risky: [...new Set(outlines.flatMap(({ risky }) => risky))],
        startsInPe: !outlines.some(({ upgrades }) => upgrades),
      });
    }
    return risks;
  },

  /** Collections that unknown machines would get into without being named (M17). */
  async reachesUnknown(
    db: Kysely<Tables>,
    toCome: readonly CollectionToCome[],
  ): Promise<ReadonlySet<CollectionId>> {
    return (await planWith(db, toCome)).reachesUnknown;
  },

  /** Which of the devices after one would be members of the wanted collections. */
  async slice(
    db: Kysely<Tables>,
    wish: {
      readonly toCome: readonly CollectionToCome[];
      readonly wanted: readonly CollectionId[];
      readonly siteMacs: readonly string[];
    },
    at: { readonly after: string; readonly nowMs: number },
  ): Promise<{ readonly members: readonly SliceMembers[]; readonly after: DeviceId | null }> {
    const plan = await planWith(db, wish.toCome);
    const slice = await devices.page(db, { after: at.after, limit: SLICE });
    const directOf = await directRules(
      db,
      slice.map(({ id }) => id),
      wish.toCome,
    );
    const found = new Map(wish.wanted.map((id) => [id, { count: 0, servers: [] as string[] }]));
    const macs: ReadonlySet<string> = new Set(wish.siteMacs);
    const subjects = await readSubjects(db, slice, plan.needs);
    for (const [index, subject] of subjects.entries()) {
      const device = slice[index];
      if (device === undefined) continue;
      const direct = directOf.get(device.id) ?? new Set();
      const own = plan.membershipsOf(subject, direct, { nowMs: at.nowMs });
      for (const id of [...own, ...builtInCollectionsOf(device)]) {
        const members = found.get(id);
        if (members === undefined) continue;
        members.count += 1;
        if (device.macAddresses.some((mac) => macs.has(mac))) members.servers.push(device.name);
      }
    }
    return {
      members: [...found].map(([collection, members]) => ({ collection, ...members })),
      after: slice.length < SLICE ? null : (slice.at(-1)?.id ?? null),
    };
  },
};

async function planWith(
  db: Kysely<Tables>,
  toCome: readonly CollectionToCome[],
): Promise<MembershipPlan> {
  const changed = new Set(toCome.map(({ id }) => id));
  const stay = (await ruledCollections(db)).filter(({ id }) => !changed.has(id));
  return planMembership([...stay, ...toCome]);
}

/** Collections that name each device by direct rules; those that are to come have their own. */
async function directRules(
  db: Kysely<Tables>,
  ids: readonly DeviceId[],
  toCome: readonly CollectionToCome[],
): Promise<ReadonlyMap<DeviceId, ReadonlySet<CollectionId>>> {
  const changed: ReadonlySet<string> = new Set(toCome.map(({ id }) => id));
  const found = new Map(ids.map((id) => [id, new Set<CollectionId>()]));
  const rows = await db
    .selectFrom('collection_direct_rules')
    .selectAll()
    .where('device_id', 'in', ['', ...ids])
    .execute();
  for (const { device_id, collection_id } of rows)
    if (!changed.has(collection_id))
      found.get(DeviceId.parse(device_id))?.add(CollectionId.parse(collection_id));
  for (const { id, direct } of toCome) for (const device of direct) found.get(device)?.add(id);
  return found;
}

/** Outlines of a task sequence and of all that it runs, its own first; by name, which one to come may share. */
async function outlinesWith(
  db: Kysely<Tables>,
  root: string,
  toCome: readonly SequenceToCome[],
): Promise<readonly Pick<SequenceOutline, 'risky' | 'upgrades' | 'children'>[]> {
  const byName = new Map(toCome.map((each) => [nameKey(each.name), each]));
  return await walkOutlines({ name: root }, async (reference) => {
    const row = await referencedRow(db, reference);
    const key = nameKey(row?.name ?? reference.name ?? '');
    const read = async () =>
      byName.get(key) ?? (row === undefined ? undefined : await readyOutline(db, row));
    return { key, read };
  });
}

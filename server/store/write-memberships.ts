import type { Kysely } from 'kysely';
import { CollectionId, type DeviceId } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { allDone } from './all-done.ts';
import { membershipPlan } from './collection-plan.ts';
import { insertRows, MOST_SHORT, padded } from './insert-rows.ts';
import { readSubjects } from './query-subjects.ts';
import type { Tables } from './tables.ts';

/**
 * Decides of which collections devices are members and writes what differs from before. Members of one
 * device depend on nothing but its own record and the rules, so each device is whole, however many are done.
 *
 * @param wanted the collections to decide about; all, where it is not given
 */
export async function writeMemberships(
  db: Kysely<Tables>,
  devices: readonly Device[],
  at: { readonly nowMs: number; readonly wanted?: ReadonlySet<CollectionId> },
): Promise<void> {
  const plan = await membershipPlan(db);
  const ids = devices.map(({ id }) => id);
  if (ids.length === 0 || plan.order.length === 0) return;
  const [named, were, subjects] = await allDone([
    db
      .selectFrom('collection_direct_rules')
      .selectAll()
      .where('device_id', 'in', padded(ids))
      .execute(),
    db
      .selectFrom('collection_members')
      .select(['collection_id', 'device_id'])
      .where('device_id', 'in', padded(ids))
      .execute(),
    readSubjects(db, devices, plan.needs),
  ]);
  const direct = Map.groupBy(named, (row) => row.device_id);
  const before = Map.groupBy(were, (row) => row.device_id);
  const added: Tables['collection_members'][] = [];
  const removed = new Map<string, string[]>();
  for (const subject of subjects) {
    const device = subject.inventory;
    const naming = new Set<CollectionId>(
      (direct.get(device.id) ?? []).map((row) => CollectionId.parse(row.collection_id)),
    );
    const now: ReadonlySet<string> = plan.membershipsOf(subject, naming, at);
    const was = new Set((before.get(device.id) ?? []).map((row) => row.collection_id));
    for (const id of now)
      if (!was.has(id)) added.push({ collection_id: id, device_id: device.id, since_ms: at.nowMs });
    const isWanted: (id: string) => boolean = (id) =>
      at.wanted === undefined || at.wanted.has(CollectionId.parse(id));
    for (const id of was)
      if (!now.has(id) && isWanted(id)) removed.set(id, [...(removed.get(id) ?? []), device.id]);
  }
  await insertRows(db, 'collection_members', added, MOST_SHORT);
  for (const [id, gone] of removed)
    await db
      .deleteFrom('collection_members')
      .where('collection_id', '=', id)
      .where('device_id', 'in', gone)
      .execute();
  const counts = new Map<string, number>();
  for (const row of added) counts.set(row.collection_id, (counts.get(row.collection_id) ?? 0) + 1);
  for (const [id, gone] of removed) counts.set(id, (counts.get(id) ?? 0) - gone.length);
  await (devices.length > 1 ? addToManyCounts(db, counts) : addToCounts(db, counts));
}

/** Takes a device out of all collections and rules: its record goes. */
export async function forgetMemberships(db: Kysely<Tables>, device: DeviceId): Promise<void> {
  const gone = await db
    .deleteFrom('collection_members')
    .where('device_id', '=', device)
    .returning('collection_id')
    .execute();
  await addToCounts(db, new Map(gone.map((row) => [row.collection_id, -1])));
  await db.deleteFrom('collection_direct_rules').where('device_id', '=', device).execute();
}

/** In the order of ids: two who write the same counts then never wait for each other. */
async function addToCounts(db: Kysely<Tables>, counts: ReadonlyMap<string, number>): Promise<void> {
  for (const [id, difference] of [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    if (difference !== 0)
      await db
        .updateTable('collection_evaluations')
        .set((set) => ({ member_count: set('member_count', '+', difference) }))
        .where('collection_id', '=', id)
        .execute();
}

/**
 * The same by a statement for each difference. Only for what is done to many devices, which runs alone: the order
 * in which a statement comes to its rows is not known.
 */
async function addToManyCounts(
  db: Kysely<Tables>,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  const changes = [...counts].filter(([, difference]) => difference !== 0);
  const byDifference = Map.groupBy(changes, ([, difference]) => difference);
  await allDone(
    [...byDifference].map(([difference, group]) =>
      db
        .updateTable('collection_evaluations')
        .set((set) => ({ member_count: set('member_count', '+', difference) }))
        .where('collection_id', 'in', padded(group.map(([id]) => id)))
        .execute(),
    ),
  );
}

import type { Kysely } from 'kysely';
import { z } from 'zod';
import { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import {
  ALL_SYSTEMS,
  ALL_UNKNOWN_COMPUTERS,
  builtInCollections,
  builtInCollectionsOf,
} from '../inventory/collection.ts';
import type { Device } from '../inventory/device.ts';
import { withDependents } from '../inventory/membership/order.ts';
import { membershipPlan, ruledCollections } from './collection-plan.ts';
import { devices } from './devices.ts';
import type { Tables } from './tables.ts';
import { writeMemberships } from './write-memberships.ts';

const DeviceStateText = z.enum(['waiting', 'approved', 'known', 'ignored']);

/** Devices decided at a time: a slice takes some 20 ms with 500 collections, and other calls come between two. */
const SLICE = 250;
/** A site of at most so many devices is evaluated at once, with the change itself. */
const AT_ONCE = 1000;
/** Statements take so many parameters at least, in every database. */
const IDS = 10_000;

/** What is known of the members of one collection. */
export interface CollectionStanding {
  readonly id: CollectionId;
  readonly memberCount: number;
  /** When all devices were decided last; null: not since it was made, or the built-in ones, which need not be. */
  readonly evaluatedMs: number | null;
  readonly tookMs: number | null;
  /** Rules have changed since, or it was asked for: a full evaluation is to come. */
  readonly pending: boolean;
  /** A query that cannot be read, in words; null: none. */
  readonly problem: string | null;
}

/** A member in a list. */
export interface Member {
  readonly id: DeviceId;
  readonly name: string;
  readonly state: Device['state'];
  /** Null for the built-in collections. */
  readonly sinceMs: number | null;
  /** Named by a direct rule. */
  readonly direct: boolean;
}

/** A collection that waits to be evaluated, and since when: a request that comes meanwhile is later. */
export interface PendingEvaluation {
  readonly id: CollectionId;
  readonly pendingMs: number;
}

export const memberships = {
  /** Collections of a device, by what was decided last. */
  async ofDevice(
    db: Kysely<Tables>,
    device: Pick<Device, 'id' | 'state'>,
  ): Promise<ReadonlySet<CollectionId>> {
    const rows = await db
      .selectFrom('collection_members')
      .select('collection_id')
      .where('device_id', '=', device.id)
      .execute();
    return new Set([
      ...builtInCollectionsOf(device),
      ...rows.map((row) => CollectionId.parse(row.collection_id)),
    ]);
  },

  /** Custom collections of several devices; of all, where none are given. */
  async ofDevices(
    db: Kysely<Tables>,
    ids: readonly DeviceId[],
  ): Promise<ReadonlyMap<DeviceId, readonly CollectionId[]>> {
    const found = new Map<DeviceId, CollectionId[]>();
    for (let from = 0; from < ids.length; from += IDS)
      for (const row of await db
        .selectFrom('collection_members')
        .select(['device_id', 'collection_id'])
        .where('device_id', 'in', ids.slice(from, from + IDS))
        .execute()) {
        const id = DeviceId.parse(row.device_id);
        found.set(id, [...(found.get(id) ?? []), CollectionId.parse(row.collection_id)]);
      }
    return found;
  },

  /** How many members each collection has, and since when it is known. */
  async standings(db: Kysely<Tables>): Promise<CollectionStanding[]> {
    const { broken } = await membershipPlan(db);
    const rows = await db.selectFrom('collection_evaluations').selectAll().execute();
    const builtIn = await Promise.all(
      builtInCollections.map(async ({ id }) => ({
        id,
        memberCount: await countBuiltIn(db, id),
        evaluatedMs: null,
        tookMs: null,
        pending: false,
        problem: null,
      })),
    );
    const own = rows.map((row) => {
      const id = CollectionId.parse(row.collection_id);
      return {
        id,
        memberCount: row.member_count,
        evaluatedMs: row.evaluated_ms,
        tookMs: row.took_ms,
        pending: row.pending_ms !== null,
        problem: broken.get(id) ?? null,
      };
    });
    return [...builtIn, ...own];
  },

  /** Members with an id above `after`, in the order of ids. */
  async members(
    db: Kysely<Tables>,
    collection: CollectionId,
    page: { readonly after: string; readonly limit: number },
  ): Promise<Member[]> {
    const rows = await membersQuery(db, collection, page);
    const named = await db
      .selectFrom('collection_direct_rules')
      .select('device_id')
      .where('collection_id', '=', collection)
      .where('device_id', 'in', ['', ...rows.map((row) => row.id)])
      .execute();
    const direct = new Set(named.map((row) => row.device_id));
    return rows.map((row) => ({
      id: DeviceId.parse(row.id),
      name: row.name,
      state: DeviceStateText.parse(row.state),
      sinceMs: row.since_ms,
      direct: direct.has(row.id),
    }));
  },

  /** *Update Membership*: a collection with all that depend on it, or all, is to be evaluated. */
  async request(
    db: Kysely<Tables>,
    collections: readonly CollectionId[] | null,
    nowMs: number,
  ): Promise<void> {
    const wanted =
      collections === null ? null : [...withDependents(collections, await ruledCollections(db))];
    const query = db.updateTable('collection_evaluations').set((set) => ({
      pending_ms: set
        .case()
        .when('pending_ms', '>=', nowMs)
        .then(set('pending_ms', '+', 1))
        .else(set.val(nowMs))
        .end(),
    }));
    await (wanted === null ? query : query.where('collection_id', 'in', ['', ...wanted])).execute();
    if (await isSmall(db)) await evaluateAll(db, nowMs);
  },

  /** Asks for those whose members change as time passes. */
  async requestTimed(db: Kysely<Tables>, nowMs: number): Promise<void> {
    const { asksTime } = await membershipPlan(db);
    if (asksTime.size > 0) await memberships.request(db, [...asksTime], nowMs);
  },

  /** What waits to be evaluated. */
  async pending(db: Kysely<Tables>): Promise<readonly PendingEvaluation[]> {
    const rows = await db
      .selectFrom('collection_evaluations')
      .select(['collection_id', 'pending_ms'])
      .where('pending_ms', 'is not', null)
      .execute();
    return rows.map((row) => ({
      id: CollectionId.parse(row.collection_id),
      pendingMs: row.pending_ms ?? 0,
    }));
  },

  /** Evaluates the devices that come after one. Answers the last of them; null: these were the last. */
  async evaluateSlice(
    db: Kysely<Tables>,
    wanted: readonly CollectionId[],
    at: { readonly after: string; readonly nowMs: number },
  ): Promise<DeviceId | null> {
    const slice = await devices.page(db, { after: at.after, limit: SLICE });
    await writeMemberships(db, slice, { nowMs: at.nowMs, wanted: new Set(wanted) });
    return slice.length < SLICE ? null : (slice.at(-1)?.id ?? null);
  },

  /** Keeps that all devices were evaluated. What was asked for again meanwhile goes on waiting. */
  async finish(
    db: Kysely<Tables>,
    done: readonly PendingEvaluation[],
    at: { readonly startedMs: number; readonly tookMs: number },
  ): Promise<void> {
    for (const { id, pendingMs } of done)
      await db
        .updateTable('collection_evaluations')
        .set({ evaluated_ms: at.startedMs, took_ms: at.tookMs, pending_ms: null })
        .where('collection_id', '=', id)
        .where('pending_ms', '=', pendingMs)
        .execute();
  },
};

/** Evaluates what waits in one transaction; for sites that are small enough. */
async function evaluateAll(db: Kysely<Tables>, nowMs: number): Promise<void> {
  const from = performance.now();
  const waiting = await memberships.pending(db);
  const wanted = waiting.map(({ id }) => id);
  for (let after: string | null = ''; after !== null; )
    after = await memberships.evaluateSlice(db, wanted, { after, nowMs });
  const tookMs = Math.round(performance.now() - from);
  await memberships.finish(db, waiting, { startedMs: nowMs, tookMs });
}

async function isSmall(db: Kysely<Tables>): Promise<boolean> {
  const rows = await db
    .selectFrom('devices')
    .select('id')
    .limit(AT_ONCE + 1)
    .execute();
  return rows.length <= AT_ONCE;
}

async function countBuiltIn(db: Kysely<Tables>, id: CollectionId): Promise<number> {
  if (id !== ALL_SYSTEMS && id !== ALL_UNKNOWN_COMPUTERS) return 0;
  const all = db.selectFrom('devices').select((row) => row.fn.countAll().as('count'));
  const { count } = await (id === ALL_SYSTEMS
    ? all
    : all.where('state', '=', 'approved')
  ).executeTakeFirstOrThrow();
  return Number(count);
}

function membersQuery(
  db: Kysely<Tables>,
  collection: CollectionId,
  page: { readonly after: string; readonly limit: number },
) {
  if (builtInCollections.every(({ id }) => id !== collection))
    return db
      .selectFrom('collection_members as member')
      .innerJoin('devices', 'devices.id', 'member.device_id')
      .where('member.collection_id', '=', collection)
      .where('member.device_id', '>', page.after)
      .orderBy('member.device_id')
      .limit(page.limit)
      .select(['devices.id', 'name', 'state', 'since_ms'])
      .execute();
  const query = db
    .selectFrom('devices')
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .select((row) => ['id', 'name', 'state', row.lit(null).as('since_ms')]);
  if (collection === ALL_SYSTEMS) return query.execute();
  const state = collection === ALL_UNKNOWN_COMPUTERS ? 'approved' : 'none';
  return query.where('state', '=', state).execute();
}

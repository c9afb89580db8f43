import type { Kysely } from 'kysely';
import { type CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS, builtInCollections, type Collection } from '../inventory/collection.ts';
import { InventoryError } from '../inventory/error.ts';
import { assertNoCircle, withDependents } from '../inventory/membership/order.ts';
import type { CollectionRule } from '../inventory/membership/rule.ts';
import { parseQuery } from '../inventory/query/parse.ts';
import { membershipPlan, noteRulesChanged, ruledCollections, toRule } from './collection-plan.ts';
import { devices } from './devices.ts';
import { StoreError } from './error.ts';
import { memberships } from './memberships.ts';
import type { Tables } from './tables.ts';
import { writeMemberships } from './write-memberships.ts';

/** Rules to add and to take away; direct ones by their devices. */
export interface RuleChange {
  readonly add: {
    readonly rules: readonly CollectionRule[];
    readonly direct: readonly DeviceId[];
  };
  readonly remove: {
    readonly rules: readonly Pick<Tables['collection_rules'], 'kind' | 'name_key'>[];
    readonly direct: readonly DeviceId[];
  };
}

/** Devices of a direct change that are decided at a time. */
const SLICE = 500;

export const collectionRules = {
  /** Rules beside direct ones, by kind and name. */
  async list(db: Kysely<Tables>, id: CollectionId): Promise<CollectionRule[]> {
    const rows = await db
      .selectFrom('collection_rules')
      .selectAll()
      .where('collection_id', '=', id)
      .orderBy('kind')
      .orderBy('name_key')
      .execute();
    return rows.map(toRule);
  },

  /** Devices that direct rules name. */
  async direct(db: Kysely<Tables>, id: CollectionId): Promise<DeviceId[]> {
    const rows = await db
      .selectFrom('collection_direct_rules')
      .select('device_id')
      .where('collection_id', '=', id)
      .orderBy('device_id')
      .execute();
    return rows.map((row) => DeviceId.parse(row.device_id));
  },

  /**
   * Takes rules away and adds others, or nothing of it.
   * @throws {InventoryError} {StoreError} what `add`, `remove` and `changeDirect` throw
   */
  async change(
    db: Kysely<Tables>,
    collection: Collection,
    { add, remove }: RuleChange,
    nowMs: number,
  ): Promise<void> {
    if (remove.rules.length > 0) await collectionRules.remove(db, collection, remove.rules, nowMs);
    if (add.rules.length > 0) await collectionRules.add(db, collection, add.rules, nowMs);
    if (add.direct.length + remove.direct.length > 0)
      await collectionRules.changeDirect(db, collection, {
        add: add.direct,
        remove: remove.direct,
      });
  },

  /**
   * Adds rules. All or none.
   * @throws {InventoryError} what `parseQuery` throws, `collection.built-in`, `collection.kind`,
   *   `collection.circle`, `collection.rule-exists`, `collection.reaches-unknown`
   */
  async add(
    db: Kysely<Tables>,
    collection: Collection,
    rules: readonly CollectionRule[],
    nowMs: number,
  ): Promise<void> {
    assertTakesRules(collection);
    for (const rule of rules) {
      await assertFits(db, collection, rule);
      const { name, value } = columnsOf(rule);
      const key = keyOf(rule);
      const before = (await collectionRules.list(db, collection.id)).find(
        (one) => one.kind === rule.kind && keyOf(one) === key,
      );
      if (before !== undefined)
        throw new InventoryError(
          'collection.rule-exists',
          `"${collection.name}" has the ${rule.kind} rule "${name}" already`,
          { hint: 'Take it away first, or give the query another name.' },
        );
      await db
        .insertInto('collection_rules')
        .values({ collection_id: collection.id, kind: rule.kind, name_key: key, name, value })
        .execute();
    }
    await changed(db, collection, nowMs);
  },

  /** Takes rules away. @throws {StoreError} `collection.rule-not-found` */
  async remove(
    db: Kysely<Tables>,
    collection: Collection,
    rules: readonly Pick<Tables['collection_rules'], 'kind' | 'name_key'>[],
    nowMs: number,
  ): Promise<void> {
    for (const { kind, name_key } of rules) {
      const gone = await db
        .deleteFrom('collection_rules')
        .where('collection_id', '=', collection.id)
        .where('kind', '=', kind)
        .where('name_key', '=', name_key)
        .executeTakeFirst();
      if (gone.numDeletedRows === 0n)
        throw new StoreError(
          'collection.rule-not-found',
          `"${collection.name}" has no ${kind} rule "${name_key}"`,
          { hint: 'metalwright collection show lists its rules.' },
        );
    }
    await changed(db, collection, nowMs);
  },

  /**
   * Adds and removes direct rules; only the devices that are named are decided anew.
   * @throws {InventoryError} `collection.built-in`, `collection.kind` {StoreError} `device.not-found`
   */
  async changeDirect(
    db: Kysely<Tables>,
    collection: Collection,
    change: { readonly add: readonly DeviceId[]; readonly remove: readonly DeviceId[] },
  ): Promise<void> {
    assertTakesRules(collection);
    const adds = new Set(change.add);
    const removes = new Set(change.remove);
    const touched = [...new Set([...change.add, ...change.remove])];
    for (let from = 0; from < touched.length; from += SLICE) {
      const ids = touched.slice(from, from + SLICE);
      const records = await devices.many(db, ids);
      const known = new Set(records.map(({ id }) => id));
      const add = ids.filter((id) => adds.has(id));
      const missing = add.find((id) => !known.has(id));
      if (missing !== undefined)
        throw new StoreError('device.not-found', `There is no device ${missing}`);
      await db
        .deleteFrom('collection_direct_rules')
        .where('collection_id', '=', collection.id)
        .where('device_id', 'in', ids)
        .execute();
      const kept = add.filter((id) => !removes.has(id));
      if (kept.length > 0)
        await db
          .insertInto('collection_direct_rules')
          .values(kept.map((device_id) => ({ collection_id: collection.id, device_id })))
          .execute();
      await writeMemberships(db, records, { nowMs: Date.now() });
    }
  },
};

/** @throws {InventoryError} `collection.built-in`, `collection.kind` */
function assertTakesRules({ id, name, kind }: Collection): void {
  if (builtInCollections.some((collection) => collection.id === id))
    throw new InventoryError('collection.built-in', 'A built-in collection has no rules');
  if (kind === 'user')
    throw new InventoryError(
      'collection.kind',
      `"${name}" is a collection of users, and none are recorded here`,
      { hint: 'Task sequences are deployed to collections of devices.' },
    );
}

async function assertFits(
  db: Kysely<Tables>,
  collection: Collection,
  rule: CollectionRule,
): Promise<void> {
  if (rule.kind === 'query') parseQuery(rule.query);
  if (rule.kind !== 'include' && rule.kind !== 'exclude') return;
  const isUserKind = builtInCollections.some(
    ({ id, kind }) => id === rule.collection && kind === 'user',
  );
  const all = await ruledCollections(db);
  const isDevices =
    all.some(({ id }) => id === rule.collection) ||
    (!isUserKind && builtInCollections.some(({ id }) => id === rule.collection));
  if (!isDevices)
    throw new InventoryError(
      'collection.kind',
      `"${collection.name}" holds devices, and ${rule.collection} is no collection of devices`,
    );
  const own = all.find(({ id }) => id === collection.id) ?? {
    id: collection.id,
    name: collection.name,
    limitingCollection: collection.limitingCollection ?? ALL_SYSTEMS,
    rules: [],
  };
  assertNoCircle({ ...own, rules: [...own.rules, rule] }, all);
}

/** Has the members found anew; refused where a required deployment would reach unknown machines unasked (M17). */
async function changed(db: Kysely<Tables>, collection: Collection, nowMs: number): Promise<void> {
  await noteRulesChanged(db);
  const { reachesUnknown } = await membershipPlan(db);
  const affected = [...withDependents([collection.id], await ruledCollections(db))];
  const reaching = affected.filter((id) => reachesUnknown.has(id));
  const deployed = await db
    .selectFrom('deployments')
    .select(['id', 'collection_id'])
    .where('collection_id', 'in', ['', ...reaching])
    .where('purpose', '=', 'required')
    .where('withdrawn_ms', 'is', null)
    .execute();
  const [first] = deployed;
  if (first !== undefined)
    throw new InventoryError(
      'collection.reaches-unknown',
      `With this rule unknown machines get into ${first.collection_id}, where ${deployed
        .map(({ id }) => id)
        .join(', ')} is required: each machine that boots from the network would be reinstalled`,
      {
        hint: 'Withdraw the required deployment first, or aim it at All Unknown Computers with its limits.',
      },
    );
  await memberships.request(db, [collection.id], nowMs);
}

/** What tells one rule of a kind from another within its collection, in lower case. */
function keyOf(rule: CollectionRule): string {
  return columnsOf(rule).name.trim().toLowerCase();
}

function columnsOf(rule: CollectionRule): { readonly name: string; readonly value: string } {
  switch (rule.kind) {
    case 'query':
      return { name: rule.name, value: rule.query };
    case 'include':
    case 'exclude':
      return { name: rule.collection, value: rule.collection };
    case 'unknown-computer':
      return { name: rule.architecture, value: rule.architecture };
  }
}

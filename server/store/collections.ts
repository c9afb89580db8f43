import type { Kysely } from 'kysely';
import { CollectionId, type DeviceId } from '#agent/protocol/identity.ts';
import {
  ALL_SYSTEMS,
  ALL_USERS,
  type Collection,
  type CollectionKind,
  DEFAULT_PRECEDENCE,
} from '../inventory/collection.ts';
import { InventoryError } from '../inventory/error.ts';
import { assertNoCircle } from '../inventory/membership/order.ts';
import type { CollectionRule } from '../inventory/membership/rule.ts';
import { noteRulesChanged, ruledCollections } from './collection-plan.ts';
import { findCollection, findLimit, listCollections } from './collection-rows.ts';
import { collectionRules } from './collection-rules.ts';
import { nextId } from './counters.ts';
import { StoreError } from './error.ts';
import { memberships } from './memberships.ts';
import { removeCollection } from './remove-collection.ts';
import type { Tables } from './tables.ts';

/** What is changed of a collection; what is left out stays. */
export interface CollectionChange {
  readonly name?: string | undefined;
  /** By name or id. */
  readonly limitingCollection?: string | undefined;
  readonly precedence?: number | undefined;
}

export const collections = {
  list: listCollections,
  find: findCollection,
  limit: findLimit,
  remove: removeCollection,

  /**
   * Makes a collection with its first rules, of the kind of the one that limits it.
   * @throws {StoreError} `collection.exists`, `collection.not-found` for the limiting one
   * @throws {InventoryError} `collection.kind`, and what `collectionRules` throws
   */
  async create(
    db: Kysely<Tables>,
    wish: {
      readonly name: string;
      readonly limitingCollection?: string | undefined;
      readonly kind?: CollectionKind | undefined;
      readonly rules?: readonly CollectionRule[];
      readonly direct?: readonly DeviceId[];
    },
    nowMs: number,
  ): Promise<Collection> {
    await assertNameIsFree(db, wish.name);
    const limit = await findLimit(
      db,
      wish.limitingCollection ?? (wish.kind === 'user' ? ALL_USERS : ALL_SYSTEMS),
    );
    const { kind = limit.kind } = wish;
    assertSameKind({ name: wish.name, kind }, limit);
    const id = CollectionId.parse(await nextId(db, 'collection'));
    await db
      .insertInto('collections')
      .values({
        id,
        name: wish.name,
        name_key: wish.name.trim().toLowerCase(),
        limiting_id: limit.id,
        built_in: 0,
        created_ms: nowMs,
        kind,
      })
      .execute();
    await db
      .insertInto('collection_evaluations')
      .values({
        collection_id: id,
        member_count: 0,
        evaluated_ms: nowMs,
        took_ms: 0,
        pending_ms: null,
      })
      .execute();
    await noteRulesChanged(db);
    const made = {
      id,
      name: wish.name,
      kind,
      builtIn: false,
      limitingCollection: limit.id,
      precedence: DEFAULT_PRECEDENCE,
    };
    const { rules = [], direct = [] } = wish;
    if (rules.length > 0) await collectionRules.add(db, made, rules, nowMs);
    if (direct.length > 0)
      await collectionRules.changeDirect(db, made, { add: direct, remove: [] });
    return made;
  },

  /**
   * Changes name, limit or precedence; a built-in collection has the last alone.
   * @throws {InventoryError} `collection.built-in`, `collection.circle`, `collection.kind`
   * @throws {StoreError} `collection.exists`, `collection.not-found`
   */
  async change(
    db: Kysely<Tables>,
    collection: Collection,
    { name, limitingCollection, precedence }: CollectionChange,
    nowMs: number,
  ): Promise<void> {
    if (precedence !== undefined) await collections.setPrecedence(db, collection.id, precedence);
    if (name === undefined && limitingCollection === undefined) return;
    if (collection.builtIn)
      throw new InventoryError('collection.built-in', 'A built-in collection stays as it is');
    if (name !== undefined && name.trim().toLowerCase() !== collection.name.trim().toLowerCase())
      await assertNameIsFree(db, name);
    if (name !== undefined)
      await db
        .updateTable('collections')
        .set({ name, name_key: name.trim().toLowerCase() })
        .where('id', '=', collection.id)
        .execute();
    if (limitingCollection === undefined) return await noteRulesChanged(db);
    const limit = await findLimit(db, limitingCollection);
    assertSameKind(collection, limit);
    const all = await ruledCollections(db);
    const before = all.find(({ id }) => id === collection.id);
    if (before !== undefined) assertNoCircle({ ...before, limitingCollection: limit.id }, all);
    await db
      .updateTable('collections')
      .set({ limiting_id: limit.id })
      .where('id', '=', collection.id)
      .execute();
    await noteRulesChanged(db);
    await memberships.request(db, [collection.id], nowMs);
  },

  /** Sets whose variables win: those of the higher number. A built-in collection has one too. */
  async setPrecedence(db: Kysely<Tables>, id: CollectionId, precedence: number): Promise<void> {
    await db
      .insertInto('collection_precedence')
      .values({ collection_id: id, precedence })
      .onConflict((conflict) => conflict.column('collection_id').doUpdateSet({ precedence }))
      .execute();
  },

  /**
   * A copy with the same rules, limited by the original, as Configuration Manager makes it. Variables and
   * deployments are not copied.
   * @throws {InventoryError} `collection.built-in` {StoreError} `collection.exists`
   */
  async copy(
    db: Kysely<Tables>,
    original: Collection,
    name: string,
    nowMs: number,
  ): Promise<Collection> {
    if (original.builtIn)
      throw new InventoryError('collection.built-in', 'A built-in collection has no rules to copy');
    const made = await collections.create(
      db,
      { name, limitingCollection: original.id, kind: original.kind },
      nowMs,
    );
    await db
      .insertInto('collection_rules')
      .columns(['collection_id', 'kind', 'name_key', 'name', 'value'])
      .expression((rule) =>
        rule
          .selectFrom('collection_rules')
          .where('collection_id', '=', original.id)
          .select((row) => [row.val(made.id).as('id'), 'kind', 'name_key', 'name', 'value']),
      )
      .execute();
    await db
      .insertInto('collection_direct_rules')
      .columns(['collection_id', 'device_id'])
      .expression((rule) =>
        rule
          .selectFrom('collection_direct_rules')
          .where('collection_id', '=', original.id)
          .select((row) => [row.val(made.id).as('id'), 'device_id']),
      )
      .execute();
    await noteRulesChanged(db);
    await memberships.request(db, [made.id], nowMs);
    return made;
  },

  /**
   * Adds and removes direct rules. @throws {InventoryError} `collection.built-in`, `collection.kind`;
   * {StoreError} `device.not-found`
   */
  async changeMembers(
    db: Kysely<Tables>,
    id: CollectionId,
    change: { readonly add: readonly DeviceId[]; readonly remove: readonly DeviceId[] },
  ): Promise<void> {
    await collectionRules.changeDirect(db, await findLimit(db, id), change);
  },
};

async function assertNameIsFree(db: Kysely<Tables>, name: string): Promise<void> {
  if ((await findCollection(db, name)) !== null)
    throw new StoreError('collection.exists', `There is a collection "${name}" already`);
}

function assertSameKind(
  one: Pick<Collection, 'name' | 'kind'>,
  other: Pick<Collection, 'name' | 'kind'>,
): void {
  if (one.kind !== other.kind)
    throw new InventoryError(
      'collection.kind',
      `"${one.name}" holds ${one.kind}s and "${other.name}" ${other.kind}s`,
      {
        hint: 'A collection of devices is limited by one of devices, one of users by one of users.',
      },
    );
}

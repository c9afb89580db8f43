import type { Kysely } from 'kysely';
import { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import {
  ALL_SYSTEMS,
  ALL_UNKNOWN_COMPUTERS,
  type Collection,
  DEFAULT_PRECEDENCE,
  type DirectRules,
} from '../inventory/collection.ts';
import { InventoryError } from '../inventory/error.ts';
import { nextId } from './counters.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

const builtIn = { builtIn: true, limitingCollection: null, precedence: DEFAULT_PRECEDENCE };
const builtInCollections: readonly Collection[] = [
  { id: ALL_SYSTEMS, name: 'All Systems', ...builtIn },
  { id: ALL_UNKNOWN_COMPUTERS, name: 'All Unknown Computers', ...builtIn },
];

export const collections = {
  /** The built-in ones first, then by name. */
  async list(db: Kysely<Tables>): Promise<Collection[]> {
    const rows = await db.selectFrom('collections').selectAll().orderBy('name_key').execute();
    const own = rows.map((row) => ({
      id: CollectionId.parse(row.id),
      name: row.name,
      builtIn: false,
      limitingCollection: row.limiting_id === null ? null : CollectionId.parse(row.limiting_id),
      precedence: DEFAULT_PRECEDENCE,
    }));
    const given = await db.selectFrom('collection_precedence').selectAll().execute();
    const numbers = new Map(given.map((row) => [row.collection_id, row.precedence]));
    return [...builtInCollections, ...own].map((collection) => ({
      ...collection,
      precedence: numbers.get(collection.id) ?? DEFAULT_PRECEDENCE,
    }));
  },

  /** By id or name without case. */
  async find(db: Kysely<Tables>, text: string): Promise<Collection | null> {
    const key = text.trim().toLowerCase();
    const all = await collections.list(db);
    return (
      all.find((collection) => collection.id.toLowerCase() === key) ??
      all.find((collection) => collection.name.toLowerCase() === key) ??
      null
    );
  },

  /** @throws {StoreError} `collection.exists`, `collection.not-found` for the limiting one */
  async create(
    db: Kysely<Tables>,
    wish: { readonly name: string; readonly limitingCollection?: string | undefined },
    nowMs: number,
  ): Promise<Collection> {
    if ((await collections.find(db, wish.name)) !== null)
      throw new StoreError('collection.exists', `There is a collection "${wish.name}" already`);
    const limit = await collections.find(db, wish.limitingCollection ?? ALL_SYSTEMS);
    if (limit === null)
      throw new StoreError(
        'collection.not-found',
        `There is no collection "${wish.limitingCollection}" to limit by`,
      );
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
      })
      .execute();
    const precedence = DEFAULT_PRECEDENCE;
    return { id, name: wish.name, builtIn: false, limitingCollection: limit.id, precedence };
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
   * Adds and removes direct rules. @throws {InventoryError} `collection.built-in`;
   * {StoreError} `device.not-found`
   */
  async changeMembers(
    db: Kysely<Tables>,
    id: CollectionId,
    change: { readonly add: readonly DeviceId[]; readonly remove: readonly DeviceId[] },
  ): Promise<void> {
    if (builtInCollections.some((collection) => collection.id === id))
      throw new InventoryError('collection.built-in', 'A built-in collection has no direct rules');
    for (const device of change.add) {
      const found = await db
        .selectFrom('devices')
        .select('id')
        .where('id', '=', device)
        .executeTakeFirst();
      if (found === undefined)
        throw new StoreError('device.not-found', `There is no device ${device}`);
      await db
        .insertInto('collection_members')
        .values({ collection_id: id, device_id: device })
        .onConflict((conflict) => conflict.columns(['collection_id', 'device_id']).doNothing())
        .execute();
    }
    if (change.remove.length > 0)
      await db
        .deleteFrom('collection_members')
        .where('collection_id', '=', id)
        .where('device_id', 'in', [...change.remove])
        .execute();
  },

  /** All direct rules, or those of one device. */
  async rules(db: Kysely<Tables>, device?: DeviceId): Promise<DirectRules> {
    const query = db.selectFrom('collection_members').selectAll();
    const rows = await (device === undefined
      ? query
      : query.where('device_id', '=', device)
    ).execute();
    const rules = new Map<CollectionId, Set<DeviceId>>();
    for (const row of rows) {
      const id = CollectionId.parse(row.collection_id);
      const members = rules.get(id) ?? new Set<DeviceId>();
      rules.set(id, members.add(DeviceId.parse(row.device_id)));
    }
    return rules;
  },
};

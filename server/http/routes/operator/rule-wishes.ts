import type { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import type { Collection } from '../../../inventory/collection.ts';
import type { CollectionRule } from '../../../inventory/membership/rule.ts';
import { parseQuery } from '../../../inventory/query/parse.ts';
import type { Store } from '../../../store/operations.ts';
import type { RuleName, RuleWish } from '../../api-collections.ts';
import { findDevice } from './find-device.ts';
import { notFound } from './not-found.ts';

/** Rules apart from the devices that direct ones name. */
export interface FoundRules<Rule> {
  readonly rules: readonly Rule[];
  readonly direct: readonly DeviceId[];
}

/** The collection that a name or id means. @throws {HttpError} `collection.not-found` */
export async function findCollection(store: Store, wanted: string): Promise<Collection> {
  const collection = await store.collections.find(wanted);
  if (collection !== null) return collection;
  const names = (await store.collections.list()).map(({ name }) => name);
  throw notFound(wanted, { what: 'collection', code: 'collection', names });
}

/**
 * Rules with the devices and collections that they name, these as `collectionId` finds them.
 * @throws {HttpError} `collection.not-found`, `device.not-found` {InventoryError} what `parseQuery` throws
 */
export async function findRules(
  store: Store,
  wishes: readonly RuleWish[],
  collectionId: (wanted: string) => Promise<CollectionId> = async (wanted) =>
    (await findCollection(store, wanted)).id,
): Promise<FoundRules<CollectionRule>> {
  const rules: CollectionRule[] = [];
  const direct: DeviceId[] = [];
  for (const wish of wishes)
    switch (wish.kind) {
      case 'query':
        parseQuery(wish.query);
        rules.push({ ...wish, name: wish.name ?? wish.query.slice(0, 120) });
        break;
      case 'include':
      case 'exclude':
        rules.push({ kind: wish.kind, collection: await collectionId(wish.collection) });
        break;
      case 'unknown-computer':
        rules.push(wish);
        break;
      case 'direct':
        direct.push((await findDevice(store, wish.device)).id);
    }
  return { rules, direct };
}

/** Rules that are to go, as the store has them. @throws {HttpError} `collection.not-found`, `device.not-found` */
export async function findRuleNames(
  store: Store,
  names: readonly RuleName[],
): Promise<FoundRules<{ readonly kind: string; readonly name_key: string }>> {
  const rules: { kind: string; name_key: string }[] = [];
  const direct: DeviceId[] = [];
  for (const { kind, name } of names)
    if (kind === 'direct') direct.push((await findDevice(store, name)).id);
    else if (kind === 'include' || kind === 'exclude')
      rules.push({ kind, name_key: (await findCollection(store, name)).id.toLowerCase() });
    else rules.push({ kind, name_key: name.toLowerCase() });
  return { rules, direct };
}

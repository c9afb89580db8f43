import type { CollectionId } from '#agent/protocol/identity.ts';
import { InventoryError } from '../error.ts';
import { dependenciesOf, type RuledCollection } from './rule.ts';

/**
 * Sorts collections so that each comes after those that decide it. Those of a circle, which only a
 * database that was changed by hand has, are left out, with all that depend on them.
 */
export function inDependencyOrder(
  collections: readonly RuledCollection[],
): readonly RuledCollection[] {
  const byId = new Map(collections.map((one) => [one.id, one]));
  const waiting = new Map<CollectionId, number>();
  const dependents = new Map<CollectionId, RuledCollection[]>();
  for (const one of collections) {
    const own = new Set(dependenciesOf(one).filter((id) => byId.has(id)));
    waiting.set(one.id, own.size);
    for (const id of own) dependents.set(id, [...(dependents.get(id) ?? []), one]);
  }
  const ordered = collections.filter(({ id }) => waiting.get(id) === 0);
  for (const { id } of ordered)
    for (const dependent of dependents.get(id) ?? []) {
      const left = (waiting.get(dependent.id) ?? 0) - 1;
      waiting.set(dependent.id, left);
      if (left === 0) ordered.push(dependent);
    }
  return ordered;
}

/** Collections with all that are decided by them, however indirectly. */
export function withDependents(
  ids: readonly CollectionId[],
  collections: readonly RuledCollection[],
): ReadonlySet<CollectionId> {
  const found = new Set(ids);
  const dependents = new Map<CollectionId, CollectionId[]>();
  for (const one of collections)
    for (const id of dependenciesOf(one))
      dependents.set(id, [...(dependents.get(id) ?? []), one.id]);
  for (const id of found) for (const dependent of dependents.get(id) ?? []) found.add(dependent);
  return found;
}

/**
 * Refuses a collection that would be decided by itself.
 *
 * @param changed the collection as it would be, with its new limit or rules
 * @throws {InventoryError} `collection.circle`, with the way round
 */
export function assertNoCircle(
  changed: RuledCollection,
  collections: readonly RuledCollection[],
): void {
  const byId = new Map([...collections, changed].map((one) => [one.id, one]));
  const cameFrom = new Map<CollectionId, CollectionId>();
  const waiting: CollectionId[] = [changed.id];
  for (const id of waiting) {
    const one = byId.get(id);
    if (one === undefined) continue;
    for (const next of dependenciesOf(one)) {
      if (next === changed.id) throw circle(wayTo(id, cameFrom), byId, changed);
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, id);
      waiting.push(next);
    }
  }
}

function wayTo(id: CollectionId, cameFrom: ReadonlyMap<CollectionId, CollectionId>) {
  const way = [id];
  for (let at = cameFrom.get(id); at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}

function circle(
  way: readonly CollectionId[],
  byId: ReadonlyMap<CollectionId, RuledCollection>,
  { id, name }: RuledCollection,
): InventoryError {
  const steps = way.map((from, index) => {
    const to = way[index + 1] ?? id;
    const rule = byId.get(from)?.rules.find((one) => 'collection' in one && one.collection === to);
    const how =
      rule?.kind === 'include'
        ? 'includes'
        : rule?.kind === 'exclude'
          ? 'excludes'
          : 'is limited by';
    return `"${byId.get(from)?.name ?? from}" ${how} "${byId.get(to)?.name ?? to}"`;
  });
  return new InventoryError(
    'collection.circle',
    `"${name}" would be decided by itself: ${steps.join(', ')}`,
    { hint: 'Take one of these rules away, or use another collection.' },
  );
}

import { CollectionId, type DeviceId } from '#agent/protocol/identity.ts';
import type { DeviceState } from './device.ts';

/** Configuration Manager's own ids of the built-in collections. */
export const ALL_SYSTEMS = CollectionId.parse('SMS00001');
export const ALL_UNKNOWN_COMPUTERS = CollectionId.parse('SMS000US');

/** A named set of devices: direct rules within a limiting collection. */
export interface Collection {
  readonly id: CollectionId;
  readonly name: string;
  readonly builtIn: boolean;
  /** Only its members can be members; null for the built-in ones. */
  readonly limitingCollection: CollectionId | null;
  /** Whose variables win where collections of a device differ: those of the higher number. */
  readonly precedence: number;
}

/** Precedence of a collection that was given none. */
export const DEFAULT_PRECEDENCE = 1;

/** Direct rules: which devices were named for which collection. */
export type DirectRules = ReadonlyMap<CollectionId, ReadonlySet<DeviceId>>;

/**
 * All collections a device is a member of. *All Systems* has every device; *All Unknown Computers*
 * those approved and not known yet, until a run on them has succeeded.
 */
export function collectionsOf(
  device: { readonly id: DeviceId; readonly state: DeviceState },
  collections: readonly Collection[],
  rules: DirectRules,
): ReadonlySet<CollectionId> {
  const byId = new Map(collections.map((collection) => [collection.id, collection]));
  const verdicts = new Map<CollectionId, boolean>([
    [ALL_SYSTEMS, true],
    [ALL_UNKNOWN_COMPUTERS, device.state === 'approved'],
  ]);
  const isMember = (id: CollectionId): boolean => {
    const known = verdicts.get(id);
    if (known !== undefined) return known;
    verdicts.set(id, false); // a cycle of limits has no members
    const collection = byId.get(id);
    const limit = collection?.limitingCollection ?? ALL_SYSTEMS;
    const verdict =
      collection !== undefined && (rules.get(id)?.has(device.id) ?? false) && isMember(limit);
    verdicts.set(id, verdict);
    return verdict;
  };
  for (const collection of collections) isMember(collection.id);
  return new Set([...verdicts].filter(([, member]) => member).map(([id]) => id));
}

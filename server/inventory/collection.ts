import { CollectionId } from '#agent/protocol/identity.ts';
import type { DeviceState } from './device.ts';

/** Configuration Manager's own ids of the built-in collections. */
export const ALL_SYSTEMS = CollectionId.parse('SMS00001');
export const ALL_UNKNOWN_COMPUTERS = CollectionId.parse('SMS000US');
export const ALL_USERS = CollectionId.parse('SMS00002');
const ALL_USER_GROUPS = CollectionId.parse('SMS00003');
const ALL_USERS_AND_USER_GROUPS = CollectionId.parse('SMS00004');

/** A collection holds devices or users, never both. No user is recorded here: those of users have no members. */
export type CollectionKind = 'device' | 'user';

/** A named set of devices, by rules, within a limiting collection. */
export interface Collection {
  readonly id: CollectionId;
  readonly name: string;
  readonly kind: CollectionKind;
  readonly builtIn: boolean;
  /** Only its members can be members; null for the built-in ones. */
  readonly limitingCollection: CollectionId | null;
  /** Whose variables win where collections of a device differ: those of the higher number. */
  readonly precedence: number;
}

/** Precedence of a collection that was given none. */
export const DEFAULT_PRECEDENCE = 1;

const builtIn = { builtIn: true, limitingCollection: null, precedence: DEFAULT_PRECEDENCE };

/** They are there from the beginning, have no rules, and stay. */
export const builtInCollections: readonly Collection[] = [
  { id: ALL_SYSTEMS, name: 'All Systems', kind: 'device', ...builtIn },
  { id: ALL_UNKNOWN_COMPUTERS, name: 'All Unknown Computers', kind: 'device', ...builtIn },
  { id: ALL_USERS, name: 'All Users', kind: 'user', ...builtIn },
  { id: ALL_USER_GROUPS, name: 'All User Groups', kind: 'user', ...builtIn },
  { id: ALL_USERS_AND_USER_GROUPS, name: 'All Users and User Groups', kind: 'user', ...builtIn },
];

/**
 * Members of the built-in collections are known from the state of a device: *All Systems* has every
 * device; *All Unknown Computers* those approved and not known yet, until a run on them has succeeded.
 */
export function builtInCollectionsOf(device: {
  readonly state: DeviceState;
}): readonly CollectionId[] {
  return device.state === 'approved' ? [ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS] : [ALL_SYSTEMS];
}

import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { mergeVariables } from '../inventory/variables.ts';
import { collections } from './collections.ts';
import type { Tables } from './tables.ts';
import { openVariables } from './variables.ts';

/**
 * Variables that a run of a device starts with, secrets in the clear: those of its collections, the
 * higher precedence winning and of equal ones the higher id, then its own.
 *
 * @throws {InventoryError} `variable.sealed`
 */
export async function startVariables(
  db: Kysely<Tables>,
  device: DeviceId,
  memberOf: ReadonlySet<string>,
  key: Uint8Array,
): Promise<VariableChange[]> {
  const own = (await collections.list(db))
    .filter(({ id }) => memberOf.has(id))
    .sort((a, b) => a.precedence - b.precedence || (a.id < b.id ? -1 : 1));
  const ofCollections: VariableChange[][] = [];
  for (const { id } of own)
    ofCollections.push(await openVariables(db, { kind: 'collection', id }, key));
  return mergeVariables(
    ofCollections,
    await openVariables(db, { kind: 'device', id: device }, key),
  );
}

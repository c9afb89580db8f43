import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { startVariables } from '#agent/sequence/start-variables.ts';
import { collections } from './collections.ts';
import type { Tables } from './tables.ts';
import { openVariables } from './variables.ts';

/**
 * Variables that a run of a device starts with, secrets in the clear: those of its collections, of equal
 * precedence the higher id winning, then its own.
 *
 * @throws {InventoryError} `variable.sealed`
 */
export async function variablesOfRun(
  db: Kysely<Tables>,
  device: DeviceId,
  memberOf: ReadonlySet<string>,
  key: Uint8Array,
): Promise<VariableChange[]> {
  const own = (await collections.list(db))
    .filter(({ id }) => memberOf.has(id))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const ofCollections = [];
  for (const { id, precedence } of own) {
    const variables = await openVariables(db, { kind: 'collection', id }, key);
    ofCollections.push({ precedence, variables });
  }
  const ofDevice = await openVariables(db, { kind: 'device', id: device }, key);
  return startVariables({ collections: ofCollections, device: ofDevice });
}

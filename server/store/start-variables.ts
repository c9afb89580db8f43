import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { startVariables } from '#agent/sequence/start-variables.ts';
import { collections } from './collections.ts';
import type { Tables } from './tables.ts';
import type { VariableOwner } from './variables.ts';

/** Reads the variables of one collection or device. */
type ReadVariables = (owner: VariableOwner) => Promise<VariableChange[]>;

/**
 * Variables that a run of a device starts with: those of its collections, of equal precedence the higher
 * id winning, then its own.
 */
export async function variablesOfRun(
  db: Kysely<Tables>,
  device: DeviceId,
  memberOf: ReadonlySet<string>,
  read: ReadVariables,
): Promise<VariableChange[]> {
  const own = (await collections.list(db))
    .filter(({ id }) => memberOf.has(id))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const ofCollections = [];
  for (const { id, precedence } of own) {
    const variables = await read({ kind: 'collection', id });
    ofCollections.push({ precedence, variables });
  }
  const ofDevice = await read({ kind: 'device', id: device });
  return startVariables({ collections: ofCollections, device: ofDevice });
}

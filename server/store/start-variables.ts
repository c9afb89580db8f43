import type { Kysely } from 'kysely';
import type { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { startVariables } from '#agent/sequence/start-variables.ts';
import { DEFAULT_PRECEDENCE } from '../inventory/collection.ts';
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
  memberOf: ReadonlySet<CollectionId>,
  read: ReadVariables,
): Promise<VariableChange[]> {
  const ids = [...memberOf].toSorted();
  const given = await db
    .selectFrom('collection_precedence')
    .selectAll()
    .where('collection_id', 'in', ['', ...ids])
    .execute();
  const precedences = new Map(given.map((row) => [row.collection_id, row.precedence]));
  const ofCollections = [];
  for (const id of ids) {
    const precedence = precedences.get(id) ?? DEFAULT_PRECEDENCE;
    const variables = await read({ kind: 'collection', id });
    ofCollections.push({ precedence, variables });
  }
  const ofDevice = await read({ kind: 'device', id: device });
  return startVariables({ collections: ofCollections, device: ofDevice });
}

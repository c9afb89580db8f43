import type { Kysely } from 'kysely';
import type { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import type { AskedVariable, RunRequest } from '#agent/protocol/policy.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import {
  emptyVariables,
  type StartLayers,
  startVariables,
} from '#agent/sequence/start-variables.ts';
import { DEFAULT_PRECEDENCE } from '../inventory/collection.ts';
import { InventoryError } from '../inventory/error.ts';
import type { Tables } from './tables.ts';
import type { VariableOwner } from './variables.ts';

/** Reads the variables of one collection or device. */
type ReadVariables = (owner: VariableOwner) => Promise<VariableChange[]>;

/**
 * Variables that a run of a device starts with: those of its collections, of equal precedence the higher
 * id winning, then its own, then what was typed at the machine for those that are empty.
 */
export async function variablesOfRun(
  db: Kysely<Tables>,
  of: DeviceVariables,
  typed: RunRequest['variables'] = [],
): Promise<VariableChange[]> {
  const layers = await layersOf(db, of);
  const asked = new Map(emptyVariables(layers).map((one) => [one.name.toLowerCase(), one]));
  const prestart = typed.map(({ name, value }) => {
    const one = asked.get(name.toLowerCase());
    if (one === undefined)
      throw new InventoryError('run.not-asked', `Nobody asks for the variable "${name}"`, {
        hint: 'At the machine only variables are typed that are set to nothing.',
      });
    return { name: one.name, value, secret: one.secret };
  });
  return startVariables({ ...layers, prestart });
}

/** The variables that whoever starts a run of a device at the machine is asked for. */
export async function askedVariables(
  db: Kysely<Tables>,
  of: DeviceVariables,
): Promise<AskedVariable[]> {
  return emptyVariables(await layersOf(db, of));
}

/** Whose variables, and how their values are read. */
interface DeviceVariables {
  readonly device: DeviceId;
  readonly memberOf: ReadonlySet<CollectionId>;
  readonly read: ReadVariables;
}

async function layersOf(
  db: Kysely<Tables>,
  { device, memberOf, read }: DeviceVariables,
): Promise<StartLayers> {
  const ids = [...memberOf].toSorted();
  const given = await db
    .selectFrom('collection_precedence')
    .selectAll()
    .where('collection_id', 'in', ['', ...ids])
    .execute();
  const precedences = new Map(given.map((row) => [row.collection_id, row.precedence]));
  const collections = [];
  for (const id of ids) {
    const precedence = precedences.get(id) ?? DEFAULT_PRECEDENCE;
    const variables = await read({ kind: 'collection', id });
    collections.push({ precedence, variables });
  }
  return { collections, device: await read({ kind: 'device', id: device }) };
}

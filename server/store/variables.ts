import type { Kysely } from 'kysely';
import { CollectionId, type DeviceId } from '#agent/protocol/identity.ts';
import type { AskedVariable } from '#agent/protocol/policy.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { isSecretName } from '#agent/sequence/secret-names.ts';
import { HIDDEN, variableNameProblem, variableValueProblem } from '#agent/sequence/variables.ts';
import type { Device } from '../inventory/device.ts';
import { InventoryError } from '../inventory/error.ts';
import { openValue, sealValue } from '../trust/variable-seal.ts';
import { devices } from './devices.ts';
import { StoreError } from './error.ts';
import { evaluateDevice } from './evaluate-device.ts';
import { memberships } from './memberships.ts';
import { askedVariables, variablesOfRun } from './start-variables.ts';
import type { Tables } from './tables.ts';

/** A device may have at most 1,000 assigned variables (Configuration Manager); a collection here too. */
const LIMIT = 1000;

export type VariableOwner =
  | { readonly kind: 'collection'; readonly id: CollectionId }
  | { readonly kind: 'device'; readonly id: DeviceId };

/** What is set. `secret` not given: as it was, and never less than its name asks for. */
export interface VariableWish {
  readonly name: string;
  readonly value: string;
  readonly secret?: boolean | undefined;
}

export const variables = {
  /** Sorted by name; the value of a secret one is empty here. */
  async list(db: Kysely<Tables>, owner: VariableOwner): Promise<VariableChange[]> {
    return (await rowsOf(db, owner)).map(({ name, value, secret }) =>
      secret === 1 ? { name, value: '', secret: true } : { name, value, secret: false },
    );
  },

  /** Of all collections that have some; the values of secret ones are empty. */
  async ofCollections(
    db: Kysely<Tables>,
  ): Promise<ReadonlyMap<CollectionId, readonly VariableChange[]>> {
    const rows = await db
      .selectFrom('variables')
      .select(['owner_id', 'name', 'value', 'secret'])
      .where('owner_kind', '=', 'collection')
      .orderBy('name_key')
      .execute();
    const found = new Map<CollectionId, VariableChange[]>();
    for (const { owner_id, name, value, secret } of rows) {
      const id = CollectionId.parse(owner_id);
      const shown = { name, value: secret === 1 ? '' : value, secret: secret === 1 };
      found.set(id, [...(found.get(id) ?? []), shown]);
    }
    return found;
  },

  /** What a run of a device would start with; the values of secret ones are hidden. */
  async ofRun(db: Kysely<Tables>, device: Device): Promise<VariableChange[]> {
    return await variablesOfRun(db, await hiddenOf(db, device));
  },

  /** Variables that whoever starts a run of a device at the machine is asked for. */
  async asked(db: Kysely<Tables>, id: DeviceId): Promise<AskedVariable[]> {
    const device = await devices.get(db, id);
    return device === null ? [] : await askedVariables(db, await hiddenOf(db, device));
  },

  /**
   * Sets one; names have no case. An empty value is kept: it takes away what a collection of lower
   * precedence says. A secret value is sealed before it is written, and a name that was secret stays so until it is removed.
   *
   * @param key `SiteSecret.variableKey`
   * @throws {InventoryError} `variable.name`, `variable.too-long`, `variable.too-many`
   */
  async set(
    db: Kysely<Tables>,
    owner: VariableOwner,
    wish: VariableWish,
    key: Uint8Array,
  ): Promise<VariableChange> {
    const name = wish.name.trim();
    const bad = variableNameProblem(name);
    if (bad !== undefined) throw new InventoryError('variable.name', bad);
    const tooLong = variableValueProblem(wish.value);
    if (tooLong !== undefined) throw new InventoryError('variable.too-long', `${name}: ${tooLong}`);
    const before = await rowsOf(db, owner);
    const name_key = name.toLowerCase();
    const known = before.find((row) => row.name_key === name_key);
    if (known === undefined && before.length >= LIMIT)
      throw new InventoryError('variable.too-many', `There are ${LIMIT} variables already`, {
        hint: 'Remove some, or put them into the task sequence.',
      });
    const secret = wish.secret === true || known?.secret === 1 || isSecretName(name);
    const place = { owner: ownerText(owner), name };
    // That one is empty is no secret: the machine asks for it.
    const isSealed = secret && wish.value !== '';
    const value = isSealed ? sealValue(key, place, wish.value) : wish.value;
    const columns = { name, value, secret: secret ? 1 : 0 };
    await db
      .insertInto('variables')
      .values({ owner_kind: owner.kind, owner_id: owner.id, name_key, ...columns })
      .onConflict((conflict) =>
        conflict.columns(['owner_kind', 'owner_id', 'name_key']).doUpdateSet(columns),
      )
      .execute();
    if (owner.kind === 'device') await evaluateDevice(db, owner.id, 'variables');
    return { name, value: secret ? '' : value, secret };
  },

  /** Takes one away. @throws {StoreError} `variable.not-found` */
  async remove(db: Kysely<Tables>, owner: VariableOwner, name: string): Promise<void> {
    const removed = await db
      .deleteFrom('variables')
      .where('owner_kind', '=', owner.kind)
      .where('owner_id', '=', owner.id)
      .where('name_key', '=', name.trim().toLowerCase())
      .executeTakeFirst();
    if (removed.numDeletedRows === 0n)
      throw new StoreError('variable.not-found', `There is no variable "${name.trim()}" here`);
    if (owner.kind === 'device') await evaluateDevice(db, owner.id, 'variables');
  },
};

/** With the values of secret ones in the clear: for a grant alone. @throws {InventoryError} `variable.sealed` */
export async function openVariables(
  db: Kysely<Tables>,
  owner: VariableOwner,
  key: Uint8Array,
): Promise<VariableChange[]> {
  return (await rowsOf(db, owner)).map(({ name, value, secret }) =>
    secret === 1 && value !== ''
      ? { name, value: openValue(key, { owner: ownerText(owner), name }, value), secret: true }
      : { name, value, secret: secret === 1 },
  );
}

/** The variables that a run of a device would start with now, secret ones in the clear. @throws {InventoryError} `variable.sealed` */
export async function variablesNow(
  db: Kysely<Tables>,
  id: DeviceId,
  key: Uint8Array,
): Promise<VariableChange[]> {
  const device = await devices.get(db, id);
  if (device === null) return [];
  const memberOf = await memberships.ofDevice(db, device);
  return await variablesOfRun(db, {
    device: id,
    memberOf,
    read: (owner) => openVariables(db, owner, key),
  });
}

/** How the variables of a device and its collections are read where secret values must not be. */
async function hiddenOf(db: Kysely<Tables>, device: Device) {
  return {
    device: device.id,
    memberOf: await memberships.ofDevice(db, device),
    read: async (owner: VariableOwner): Promise<VariableChange[]> =>
      (await rowsOf(db, owner)).map(({ name, value, secret }) =>
        secret === 1
          ? { name, value: value === '' ? '' : HIDDEN, secret: true }
          : { name, value, secret: false },
      ),
  };
}

function ownerText({ kind, id }: VariableOwner): string {
  return `${kind}:${id}`;
}

function rowsOf(db: Kysely<Tables>, owner: VariableOwner) {
  return db
    .selectFrom('variables')
    .select(['name_key', 'name', 'value', 'secret'])
    .where('owner_kind', '=', owner.kind)
    .where('owner_id', '=', owner.id)
    .orderBy('name_key')
    .execute();
}

import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { isAutomaticName } from '../inventory/device-name.ts';
import { devices } from './devices.ts';
import { StoreError } from './error.ts';
import { moveInventories } from './move-inventories.ts';
import type { Tables } from './tables.ts';
import { openVariables, variables } from './variables.ts';

/** What a merge did. */
export interface MergedDevices {
  readonly device: Device;
  /** Names of variables that both had: those of the target stayed. */
  readonly keptVariables: readonly string[];
  readonly runs: number;
}

export const mergedDevices = {
  /**
   * Makes one record of two: runs, memberships, variables, identifiers and hardware history of `from` go
   * to `into`, which wins where both say something, and `from` is gone.
   * @throws {StoreError} `device.not-found`, `device.merge-same`, `device.merge-open-runs`
   */
  async merge(
    db: Kysely<Tables>,
    ids: { readonly from: DeviceId; readonly into: DeviceId },
    variableKey: Uint8Array,
  ): Promise<MergedDevices> {
    const [from, into] = [await devices.get(db, ids.from), await devices.get(db, ids.into)];
    if (from === null || into === null)
      throw new StoreError('device.not-found', `There is no device ${from ? ids.into : ids.from}`);
    if (from.id === into.id)
      throw new StoreError('device.merge-same', 'A device cannot be merged with itself');
    await assertOneOpenRun(db, from, into);
    const moved = await db
      .updateTable('runs')
      .set({ device_id: into.id })
      .where('device_id', '=', from.id)
      .executeTakeFirst();
    const keptVariables = await moveVariables(db, { from, into }, variableKey);
    await moveRules(db, { from, into });
    for (const table of ['agent_tokens', 'expected_devices'] as const)
      await db
        .updateTable(table)
        .set({ device_id: into.id })
        .where('device_id', '=', from.id)
        .execute();
    await db
      .deleteFrom('device_conflicts')
      .where((where) =>
        where.or([where('device_id', '=', from.id), where('other_id', '=', from.id)]),
      )
      .execute();
    await moveInventories(db, { from, into: into.id });
    await devices.remove(db, from.id);
    const device = await devices.put(db, united(from, into));
    return { device, keptVariables, runs: Number(moved.numUpdatedRows) };
  },
};

/** Two records as one; `into` wins, but for a name that nobody gave it. */
function united(from: Device, into: Device): Device {
  const isKnown = from.state === 'known' || into.state === 'known';
  const hasName = !isAutomaticName(into) || isAutomaticName(from);
  return {
    ...into,
    name: hasName ? into.name : from.name,
    state: isKnown && into.state !== 'ignored' ? 'known' : into.state,
    smbiosGuid: into.smbiosGuid ?? from.smbiosGuid,
    macAddresses: [...new Set([...into.macAddresses, ...from.macAddresses])],
    serialNumber: into.serialNumber ?? from.serialNumber,
    assetTag: into.assetTag ?? from.assetTag,
    manufacturer: into.manufacturer ?? from.manufacturer,
    model: into.model ?? from.model,
    architecture: into.architecture ?? from.architecture,
    firmware: into.firmware ?? from.firmware,
    notes: [into.notes, from.notes].filter(Boolean).join('\n'),
    seenAt: into.seenAt ?? from.seenAt,
    createdMs: Math.min(into.createdMs, from.createdMs),
    lastSeenMs: Math.max(into.lastSeenMs ?? 0, from.lastSeenMs ?? 0) || null,
  };
}

async function assertOneOpenRun(db: Kysely<Tables>, from: Device, into: Device): Promise<void> {
  const open = await db
    .selectFrom('runs')
    .select('device_id')
    .where('device_id', 'in', [from.id, into.id])
    .where('state', 'in', ['running', 'restarting'])
    .execute();
  if (new Set(open.map((row) => row.device_id)).size > 1)
    throw new StoreError(
      'device.merge-open-runs',
      `"${from.name}" and "${into.name}" both have a run that goes on: they are two machines`,
      { hint: 'Merge them when one of the runs has ended.' },
    );
}

/** @returns names of variables that both had */
async function moveVariables(
  db: Kysely<Tables>,
  { from, into }: { readonly from: Device; readonly into: Device },
  key: Uint8Array,
): Promise<string[]> {
  const owner = { kind: 'device', id: into.id } as const;
  const has = new Set((await variables.list(db, owner)).map(({ name }) => name.toLowerCase()));
  const kept: string[] = [];
  // A sealed value is bound to its owner: it is opened and sealed anew.
  for (const variable of await openVariables(db, { kind: 'device', id: from.id }, key))
    if (has.has(variable.name.toLowerCase())) kept.push(variable.name);
    else await variables.set(db, owner, variable, key);
  return kept;
}

async function moveRules(
  db: Kysely<Tables>,
  { from, into }: { readonly from: Device; readonly into: Device },
): Promise<void> {
  const rules = await db
    .selectFrom('collection_direct_rules')
    .select('collection_id')
    .where('device_id', '=', from.id)
    .execute();
  for (const { collection_id } of rules)
    await db
      .insertInto('collection_direct_rules')
      .values({ collection_id, device_id: into.id })
      .onConflict((conflict) => conflict.columns(['collection_id', 'device_id']).doNothing())
      .execute();
}

import type { Kysely } from 'kysely';
import type { DeviceId, RunId } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { isOpen } from '../inventory/run.ts';
import { type SplitWish, splitDevice } from '../inventory/split-device.ts';
import { deviceConflicts } from './device-conflicts.ts';
import { devices } from './devices.ts';
import { StoreError } from './error.ts';
import { evaluateDevice } from './evaluate-device.ts';
import { giveInventories } from './move-inventories.ts';
import { assertNameFree, withFreeName } from './naming.ts';
import { runs } from './runs.ts';
import { allShared, sharedIdentifiers } from './shared-identifiers.ts';
import type { Tables } from './tables.ts';

/** What a split has made. */
export interface DeviceHalves {
  /** The record that was split. */
  readonly device: Device;
  readonly made: Device;
  readonly runs: number;
}

export const deviceSplits = {
  /**
   * Makes a second record of identifiers of a record that two machines share. Memberships, variables and
   * runs stay, but for the runs that are named; the new record waits for approval. Both machines register
   * anew, each as its own.
   * @throws {StoreError} `device.not-found`, `device.split-open-run`, `device.split-run`, `device.name-taken`
   * @throws {InventoryError} `device.split-identifier`, `device.split-nothing`
   */
  async split(
    db: Kysely<Tables>,
    id: DeviceId,
    wish: SplitWish & { readonly runs: readonly RunId[] },
    at: { readonly newId: DeviceId; readonly nowMs: number },
  ): Promise<DeviceHalves> {
    const device = await devices.get(db, id);
    if (device === null) throw new StoreError('device.not-found', `There is no device ${id}`);
    const halves = splitDevice(device, wish, { ...at, shared: await allShared(db) });
    await assertRunsAreOver(db, device, wish.runs);
    if (wish.name !== undefined) await assertNameFree(db, wish.name, at.newId);
    const why = `"${device.name}" was split: both machines have it`;
    for (const one of halves.shared)
      await sharedIdentifiers.add(db, { ...one, learned: false, why, atMs: at.nowMs });
    const rest = await devices.put(db, await withFreeName(db, halves.rest));
    const made = await withFreeName(db, halves.made);
    await giveInventories(db, { from: rest, to: made });
    await devices.put(db, made);
    await evaluateDevice(db, rest.id, 'hardware');
    await deviceConflicts.settle(db, [rest.id, made.id], at.nowMs);
    // What was registered as the one record is either machine: each says again who it is.
    await db.deleteFrom('agent_tokens').where('device_id', '=', device.id).execute();
    if (wish.runs.length > 0)
      await db
        .updateTable('runs')
        .set({ device_id: made.id })
        .where('run_id', 'in', [...wish.runs])
        .execute();
    return { device: rest, made, runs: wish.runs.length };
  },
};

/** @throws {StoreError} `device.split-open-run`, `device.split-run` */
async function assertRunsAreOver(
  db: Kysely<Tables>,
  device: Device,
  wanted: readonly RunId[],
): Promise<void> {
  const all = await runs.ofDevice(db, device.id);
  const open = all.find(isOpen);
  if (open !== undefined)
    throw new StoreError(
      'device.split-open-run',
      `A run goes on on "${device.name}": nothing tells which of the two machines it is on`,
      { hint: 'Split it when the run has ended.' },
    );
  const own = new Set<string>(all.map((run) => run.id));
  const foreign = wanted.find((run) => !own.has(run));
  if (foreign !== undefined)
    throw new StoreError('device.split-run', `"${device.name}" has no run ${foreign}`, {
      hint: '"metalwright run list" lists them',
    });
}

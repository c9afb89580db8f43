import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { type ExpectedKind, expectedKey } from '../inventory/expected-device.ts';
import { approvals } from './approvals.ts';
import { readDevices } from './device-rows.ts';
import { StoreError } from './error.ts';
import { type ExpectedWish, expectedDevices } from './expected-devices.ts';
import { keepDevice } from './keep-device.ts';
import { assertNameFree } from './naming.ts';
import type { Tables } from './tables.ts';

/** A device that was there already when its name was said. */
export interface Renamed {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export const deviceNames = {
  /**
   * Names a device. @throws {StoreError} `device.not-found`, `device.name-taken`
   */
  async rename(db: Kysely<Tables>, id: DeviceId, name: string): Promise<Device> {
    const rows = await db.selectFrom('devices').selectAll().where('id', '=', id).execute();
    const [device] = await readDevices(db, rows);
    if (device === undefined) throw new StoreError('device.not-found', `There is no device ${id}`);
    await assertNameFree(db, name, id);
    const after = { ...device, name };
    await keepDevice(db, after);
    return after;
  },

  /**
   * Says names and approvals of machines, whether they are there or not: those that are get them at once,
   * the others are expected. All or nothing. @throws {StoreError} `device.name-taken`
   */
  async tell(
    db: Kysely<Tables>,
    wishes: readonly ExpectedWish[],
    by: { readonly who: string; readonly nowMs: number },
  ): Promise<Renamed[]> {
    await expectedDevices.add(db, wishes, by);
    const renamed: Renamed[] = [];
    for (const { kind, key: text, name, approve } of wishes) {
      const key = expectedKey(kind, text);
      const [only, ...others] = await devicesWith(db, kind, key);
      if (only === undefined || others.length > 0 || only.state === 'ignored') continue;
      if (approve === true && only.state === 'waiting')
        await approvals.approve(db, [only.id], { name });
      else if (name !== undefined) await deviceNames.rename(db, only.id, name);
      if (name !== undefined) renamed.push({ id: only.id, from: only.name, to: name });
      await expectedDevices.use(db, { kind, key }, { id: only.id, nowMs: by.nowMs });
    }
    return renamed;
  },
};

/** Devices that have an identifier; none by port: a port is not a machine's own. */
async function devicesWith(db: Kysely<Tables>, kind: ExpectedKind, key: string): Promise<Device[]> {
  const all = db.selectFrom('devices').selectAll('devices');
  switch (kind) {
    case 'serial':
      return readDevices(db, await all.where('serial_key', '=', key).execute());
    case 'asset-tag':
      return readDevices(db, await all.where('asset_key', '=', key).execute());
    case 'mac':
      return readDevices(
        db,
        await all
          .innerJoin('device_macs', 'device_macs.device_id', 'devices.id')
          .where('device_macs.mac', '=', key)
          .execute(),
      );
    case 'port':
      return [];
  }
}

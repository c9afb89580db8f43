import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import {
  type DeviceInventory,
  deviceInventory,
  type KeptInventory,
  sameInventory,
} from '../inventory/device-inventory.ts';
import { devices } from './devices.ts';
import { evaluateDevice } from './evaluate-device.ts';
import { parseKept } from './kept-inventory.ts';
import type { Tables } from './tables.ts';

/** So many different ones are kept of a device, the newest. */
const KEPT = 20;

/** What was found from one start to another. */
export interface InventoryPeriod {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly inventory: KeptInventory;
}

export const deviceInventories = {
  /** Keeps what a machine had at this start; where it is what it had, only until when. */
  async keep(
    db: Kysely<Tables>,
    deviceId: DeviceId,
    { inventory, nowMs }: { readonly inventory: KeptInventory; readonly nowMs: number },
  ): Promise<void> {
    const [last] = await deviceInventories.history(db, deviceId);
    // An agent of before this field, or one that could not read its hardware, takes nothing away.
    const next = { ...inventory, hardware: inventory.hardware ?? last?.inventory.hardware ?? null };
    const own = db.updateTable('device_inventories').where('device_id', '=', deviceId);
    // Also when the clock was set back: two rows of one time cannot be told apart.
    if (last !== undefined && (sameInventory(last.inventory, next) || nowMs <= last.fromMs)) {
      await own
        .set({ until_ms: Math.max(nowMs, last.untilMs), inventory_json: JSON.stringify(next) })
        .where('from_ms', '=', last.fromMs)
        .execute();
      return await evaluateDevice(db, deviceId, 'hardware');
    }
    await own.set({ current: 0 }).where('current', '=', 1).execute();
    await db
      .insertInto('device_inventories')
      .values({
        device_id: deviceId,
        from_ms: nowMs,
        until_ms: nowMs,
        current: 1,
        inventory_json: JSON.stringify(next),
      })
      .execute();
    const oldest = (await deviceInventories.history(db, deviceId))[KEPT];
    if (oldest !== undefined)
      await db
        .deleteFrom('device_inventories')
        .where('device_id', '=', deviceId)
        .where('from_ms', '<=', oldest.fromMs)
        .execute();
    await evaluateDevice(db, deviceId, 'hardware');
  },

  /** What a device had at its starts, the newest first. */
  async history(db: Kysely<Tables>, deviceId: DeviceId): Promise<InventoryPeriod[]> {
    const rows = await db
      .selectFrom('device_inventories')
      .selectAll()
      .where('device_id', '=', deviceId)
      .orderBy('from_ms', 'desc')
      .execute();
    return rows.map((row) => ({
      fromMs: row.from_ms,
      untilMs: row.until_ms,
      inventory: parseKept(row.inventory_json),
    }));
  },

  /** All that is known of all devices, in two reads. */
  async all(db: Kysely<Tables>): Promise<DeviceInventory[]> {
    const rows = await db
      .selectFrom('device_inventories')
      .select(['device_id', 'inventory_json'])
      .where('current', '=', 1)
      .execute();
    const kept = new Map<string, string>(rows.map((row) => [row.device_id, row.inventory_json]));
    return (await devices.list(db)).map((device) => {
      const json = kept.get(device.id);
      return deviceInventory(device, json === undefined ? null : parseKept(json));
    });
  },

  /** All that is known of one device; null without such a device. */
  async of(db: Kysely<Tables>, deviceId: DeviceId): Promise<DeviceInventory | null> {
    const device = await devices.get(db, deviceId);
    if (device === null) return null;
    const [newest] = await deviceInventories.history(db, deviceId);
    return deviceInventory(device, newest?.inventory ?? null);
  },
};

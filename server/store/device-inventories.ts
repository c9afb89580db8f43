import type { Kysely, Selectable } from 'kysely';
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
  /** The record that had it before it was merged into this one; null for the device's own. */
  readonly source: { readonly id: string; readonly name: string } | null;
}

export const deviceInventories = {
  /** Keeps what a machine had at this start; where it is what it had, only until when. */
  async keep(
    db: Kysely<Tables>,
    deviceId: DeviceId,
    { inventory, nowMs }: { readonly inventory: KeptInventory; readonly nowMs: number },
  ): Promise<void> {
    const rows = await inventoryRows(db, deviceId);
    const last = rows.find(({ current }) => current === 1);
    const before = last === undefined ? null : parseKept(last.inventory_json);
    // An agent of before this field, or one that could not read its hardware, takes nothing away.
    const next = { ...inventory, hardware: inventory.hardware ?? before?.hardware ?? null };
    const isOwn = last?.source_id === '';
    // Also when the clock was set back: two rows of one time cannot be told apart.
    if (last && isOwn && before && (sameInventory(before, next) || nowMs <= last.from_ms)) {
      await db
        .updateTable('device_inventories')
        .set({ until_ms: Math.max(nowMs, last.until_ms), inventory_json: JSON.stringify(next) })
        .where('device_id', '=', deviceId)
        .where('from_ms', '=', last.from_ms)
        .execute();
      return await evaluateDevice(db, deviceId, 'hardware');
    }
    await db
      .updateTable('device_inventories')
      .set({ current: 0 })
      .where('device_id', '=', deviceId)
      .where('current', '=', 1)
      .execute();
    await db
      .insertInto('device_inventories')
      .values({
        device_id: deviceId,
        from_ms: freeTime(rows, nowMs),
        until_ms: nowMs,
        current: 1,
        inventory_json: JSON.stringify(next),
        source_id: '',
        source_name: '',
      })
      .execute();
    const oldest = rows.filter(({ source_id }) => source_id === '')[KEPT - 1];
    if (oldest !== undefined)
      await db
        .deleteFrom('device_inventories')
        .where('device_id', '=', deviceId)
        .where('source_id', '=', '')
        .where('from_ms', '<=', oldest.from_ms)
        .execute();
    await evaluateDevice(db, deviceId, 'hardware');
  },

  /** What a device had at its starts, and records that were merged into it, the newest first. */
  async history(db: Kysely<Tables>, deviceId: DeviceId): Promise<InventoryPeriod[]> {
    return (await inventoryRows(db, deviceId)).map((row) => ({
      fromMs: row.from_ms,
      untilMs: row.until_ms,
      inventory: parseKept(row.inventory_json),
      source: row.source_id === '' ? null : { id: row.source_id, name: row.source_name },
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
    const newest = (await inventoryRows(db, deviceId)).find(({ current }) => current === 1);
    return deviceInventory(device, newest ? parseKept(newest.inventory_json) : null);
  },
};

/** All entries of a device, the newest first. */
export function inventoryRows(
  db: Kysely<Tables>,
  deviceId: DeviceId,
): Promise<Selectable<Tables['device_inventories']>[]> {
  return db
    .selectFrom('device_inventories')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('from_ms', 'desc')
    .execute();
}

/** The first time from a given one on at which no entry begins: the time is the key of an entry. */
export function freeTime(rows: readonly { readonly from_ms: number }[], fromMs: number): number {
  const taken = new Set(rows.map(({ from_ms }) => from_ms));
  let free = fromMs;
  while (taken.has(free)) free += 1;
  return free;
}

import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { freeTime, inventoryRows } from './device-inventories.ts';
import { parseKept } from './kept-inventory.ts';
import type { Tables } from './tables.ts';

/**
 * Gives the hardware history of a record that goes to the one that stays, with where each entry comes
 * from. What the device has now stays what it has; where nothing is known of that, it is what the other
 * one had.
 */
export async function moveInventories(
  db: Kysely<Tables>,
  { from, into }: { readonly from: Pick<Device, 'id' | 'name'>; readonly into: DeviceId },
): Promise<void> {
  const rows = await inventoryRows(db, into);
  const hasOwn = rows.some(({ current }) => current === 1);
  for (const row of (await inventoryRows(db, from.id)).toReversed()) {
    const moved = {
      ...row,
      device_id: into,
      from_ms: freeTime(rows, row.from_ms),
      current: hasOwn ? 0 : row.current,
      ...(row.source_id === '' ? { source_id: from.id, source_name: from.name } : {}),
    };
    rows.push(moved);
    await db.insertInto('device_inventories').values(moved).execute();
  }
  await db.deleteFrom('device_inventories').where('device_id', '=', from.id).execute();
}

/**
 * Gives a record that was split from another one those entries whose network adapters are its own, and none
 * of the other's: an entry that tells no adapters, or those of both, stays where it is.
 */
export async function giveInventories(
  db: Kysely<Tables>,
  { from, to }: { readonly from: Device; readonly to: Device },
): Promise<void> {
  const [theirs, own] = [new Set(to.macAddresses), new Set(from.macAddresses)];
  for (const row of await inventoryRows(db, from.id)) {
    const adapters = parseKept(row.inventory_json).hardware?.networkAdapters ?? [];
    const macs = adapters.flatMap(({ mac }) => mac ?? []);
    if (!macs.some((mac) => theirs.has(mac)) || macs.some((mac) => own.has(mac))) continue;
    await db
      .updateTable('device_inventories')
      .set({ device_id: to.id, current: 0 })
      .where('device_id', '=', from.id)
      .where('from_ms', '=', row.from_ms)
      .execute();
  }
  for (const { id } of [from, to]) await markNewest(db, id);
}

/** Makes the newest entry what the device has now, where no entry is that. */
async function markNewest(db: Kysely<Tables>, id: DeviceId): Promise<void> {
  const rows = await inventoryRows(db, id);
  const [newest] = rows;
  if (newest === undefined || rows.some(({ current }) => current === 1)) return;
  await db
    .updateTable('device_inventories')
    .set({ current: 1 })
    .where('device_id', '=', id)
    .where('from_ms', '=', newest.from_ms)
    .execute();
}

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
import { excluded, insertRows, padded, pieces } from './insert-rows.ts';
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
    await writeInventory(db, { deviceId, inventory, nowMs });
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

/** What a machine had at a start. */
export interface InventoryWish {
  readonly deviceId: DeviceId;
  readonly inventory: KeptInventory;
  readonly nowMs: number;
}

/** Keeps what many machines had, each of its own device; their collections are the caller's to evaluate. */
export async function writeInventories(
  db: Kysely<Tables>,
  wishes: readonly InventoryWish[],
): Promise<void> {
  const newest = new Map<string, Entry>(
    (
      await db
        .selectFrom('device_inventories')
        .selectAll()
        .where('device_id', 'in', padded(wishes.map(({ deviceId }) => deviceId)))
        .where('current', '=', 1)
        .execute()
    ).map((row) => [row.device_id, row]),
  );
  const goingOn: Tables['device_inventories'][] = [];
  const others: InventoryWish[] = [];
  for (const wish of wishes) {
    const row = goOn(newest.get(wish.deviceId), wish);
    if (row === undefined) others.push(wish);
    else goingOn.push(row);
  }
  await writeUntil(db, goingOn);
  const known = await withInventory(db, others);
  const first = others.filter(({ deviceId }) => !known.has(deviceId));
  await insertRows(
    db,
    'device_inventories',
    first.map((wish) => newEntry(wish, wish.nowMs)),
  );
  for (const wish of others) if (known.has(wish.deviceId)) await writeInventory(db, wish);
}

/** Those of which anything is kept. */
async function withInventory(
  db: Kysely<Tables>,
  wishes: readonly InventoryWish[],
): Promise<ReadonlySet<string>> {
  if (wishes.length === 0) return new Set();
  const rows = await db
    .selectFrom('device_inventories')
    .select('device_id')
    .distinct()
    .where('device_id', 'in', padded(wishes.map(({ deviceId }) => deviceId)))
    .execute();
  return new Set(rows.map((row) => row.device_id));
}

async function writeInventory(db: Kysely<Tables>, wish: InventoryWish): Promise<void> {
  const { deviceId, nowMs } = wish;
  const rows = await inventoryRows(db, deviceId);
  const last = rows.find(({ current }) => current === 1);
  const same = goOn(last, wish);
  if (same !== undefined) {
    await writeUntil(db, [same]);
    return;
  }
  if (last !== undefined)
    await db
      .updateTable('device_inventories')
      .set({ current: 0 })
      .where('device_id', '=', deviceId)
      .where('current', '=', 1)
      .execute();
  await insertRows(db, 'device_inventories', [newEntry(wish, freeTime(rows, nowMs), last)]);
  const oldest = rows.filter(({ source_id }) => source_id === '')[KEPT - 1];
  if (oldest !== undefined)
    await db
      .deleteFrom('device_inventories')
      .where('device_id', '=', deviceId)
      .where('source_id', '=', '')
      .where('from_ms', '<=', oldest.from_ms)
      .execute();
}

type Entry = Selectable<Tables['device_inventories']>;

function newEntry(
  { deviceId, inventory, nowMs }: InventoryWish,
  fromMs: number,
  last?: Entry,
): Entry {
  return {
    device_id: deviceId,
    from_ms: fromMs,
    until_ms: nowMs,
    current: 1,
    inventory_json: JSON.stringify(withKnown(inventory, last)),
    source_id: '',
    source_name: '',
  };
}

/** The newest entry as it is when the machine still has the same; undefined where a new one begins. */
function goOn(last: Entry | undefined, { inventory, nowMs }: InventoryWish): Entry | undefined {
  if (last?.source_id !== '') return undefined;
  const next = withKnown(inventory, last);
  // Also when the clock was set back: two rows of one time cannot be told apart.
  if (!sameInventory(parseKept(last.inventory_json), next) && nowMs > last.from_ms)
    return undefined;
  return {
    ...last,
    until_ms: Math.max(nowMs, last.until_ms),
    inventory_json: JSON.stringify(next),
  };
}

/** An agent of before this field, or one that could not read its hardware, takes nothing away. */
function withKnown(inventory: KeptInventory, last: Entry | undefined): KeptInventory {
  const known = last === undefined ? null : parseKept(last.inventory_json).hardware;
  return { ...inventory, hardware: inventory.hardware ?? known };
}

/** Keeps of entries that are there until when they go on. */
async function writeUntil(db: Kysely<Tables>, entries: readonly Entry[]): Promise<void> {
  for (const piece of pieces(entries))
    await db
      .insertInto('device_inventories')
      .values(piece)
      .onConflict((conflict) =>
        conflict
          .columns(['device_id', 'from_ms'])
          .doUpdateSet(excluded(['until_ms', 'inventory_json'])),
      )
      .execute();
}

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

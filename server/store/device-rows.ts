import { isDeepStrictEqual } from 'node:util';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import {
  DeviceId,
  FirmwareKind,
  MacAddress,
  MachineArchitecture,
  SmbiosGuid,
} from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { nameKey, serialKey } from '../inventory/device-keys.ts';
import { SeenAt } from '../inventory/seen-at.ts';
import { allDone } from './all-done.ts';
import { excluded, insertRows, padded, pieces } from './insert-rows.ts';
import type { Tables } from './tables.ts';

const State = z.enum(['waiting', 'approved', 'known', 'ignored']);
const Facts = z.object({
  assetTag: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  architecture: MachineArchitecture.nullable(),
  firmware: FirmwareKind.nullable(),
  unclaimedDevices: z.array(z.string()),
});

/** A database takes only so many parameters in a query; for more rows than these, all are read. */
const CHUNK = 500;
const FEW = 10 * CHUNK;

/** Rows as records, in their order, with their MAC addresses. */
export async function readDevices(
  db: Kysely<Tables>,
  rows: readonly Tables['devices'][],
): Promise<Device[]> {
  if (rows.length === 0) return [];
  const all = db.selectFrom('device_macs').selectAll().orderBy('position');
  const found: Tables['device_macs'][] = rows.length > FEW ? await all.execute() : [];
  for (let start = 0; start < rows.length && rows.length <= FEW; start += CHUNK) {
    const ids = rows.slice(start, start + CHUNK).map((row) => row.id);
    found.push(...(await all.where('device_id', 'in', padded(ids)).execute()));
  }
  const macs = Map.groupBy(found, (row) => row.device_id);
  return rows.map((row) => ({
    id: DeviceId.parse(row.id),
    name: row.name,
    state: State.parse(row.state),
    smbiosGuid: row.smbios_guid === null ? null : SmbiosGuid.parse(row.smbios_guid),
    macAddresses: (macs.get(row.id) ?? []).map((mac) => MacAddress.parse(mac.mac)),
    serialNumber: row.serial_number,
    ...Facts.parse(JSON.parse(row.facts_json)),
    notes: row.notes,
    seenAt: row.seen_at_json === '' ? null : SeenAt.parse(JSON.parse(row.seen_at_json)),
    createdMs: row.created_ms,
    lastSeenMs: row.last_seen_ms,
  }));
}

/** A record as it is to be kept. */
export interface DeviceChange {
  readonly device: Device;
  /** The record as it is kept, where that is known: addresses that are the same stay as they are. */
  readonly before: Pick<Device, 'macAddresses'> | null;
}

/** Writes records and their MAC addresses, whether they are there or not. Each is given once. */
export async function writeDevices(
  db: Kysely<Tables>,
  changes: readonly DeviceChange[],
): Promise<void> {
  const moved = changes.flatMap(({ device, before }) => {
    const macs = [...new Set(device.macAddresses)];
    return before !== null && isDeepStrictEqual(macs, before.macAddresses)
      ? []
      : [{ id: device.id, macs }];
  });
  const records = pieces(changes.map(({ device }) => toRow(device))).map((rows) =>
    db
      .insertInto('devices')
      .values(rows)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(excluded(changing)))
      .execute(),
  );
  await allDone([
    ...records,
    ...(moved.length === 0
      ? []
      : [
          forgetMacs(
            db,
            moved.map(({ id }) => id),
          ),
        ]),
    insertRows(
      db,
      'device_macs',
      moved.flatMap(({ id, macs }) =>
        macs.map((mac, position) => ({ device_id: id, mac, position })),
      ),
    ),
  ]);
}

async function forgetMacs(db: Kysely<Tables>, ids: readonly DeviceId[]): Promise<void> {
  await db.deleteFrom('device_macs').where('device_id', 'in', padded(ids)).execute();
}

/** All columns but the id and when it was made. */
const changing = [
  'name',
  'state',
  'smbios_guid',
  'serial_number',
  'facts_json',
  'last_seen_ms',
  'name_key',
  'serial_key',
  'asset_key',
  'notes',
  'seen_at_json',
] as const satisfies readonly (keyof Tables['devices'])[];

function toRow(device: Device): Tables['devices'] {
  const facts: z.infer<typeof Facts> = {
    assetTag: device.assetTag,
    manufacturer: device.manufacturer,
    model: device.model,
    architecture: device.architecture,
    firmware: device.firmware,
    unclaimedDevices: [...device.unclaimedDevices],
  };
  return {
    id: device.id,
    created_ms: device.createdMs,
    name: device.name,
    state: device.state,
    smbios_guid: device.smbiosGuid,
    serial_number: device.serialNumber,
    facts_json: JSON.stringify(facts),
    last_seen_ms: device.lastSeenMs,
    name_key: nameKey(device.name),
    serial_key: serialKey(device.serialNumber),
    asset_key: serialKey(device.assetTag),
    notes: device.notes,
    seen_at_json: device.seenAt === null ? '' : JSON.stringify(device.seenAt),
  };
}

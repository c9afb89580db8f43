import type { Kysely } from 'kysely';
import { z } from 'zod';
import {
  DeviceId,
  FirmwareKind,
  MacAddress,
  MachineArchitecture,
  type MachineIdentity,
  SmbiosGuid,
} from '#agent/protocol/identity.ts';
import { type Device, type DeviceState, learnIdentity, newDevice } from '../inventory/device.ts';
import { type DeviceMatch, matchDevice } from '../inventory/match.ts';
import { StoreError } from './error.ts';
import { settings } from './settings.ts';
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

export const devices = {
  async list(db: Kysely<Tables>): Promise<Device[]> {
    return readDevices(db, await db.selectFrom('devices').selectAll().orderBy('name').execute());
  },

  async get(db: Kysely<Tables>, id: DeviceId): Promise<Device | null> {
    const rows = await db.selectFrom('devices').selectAll().where('id', '=', id).execute();
    const [device] = await readDevices(db, rows);
    return device ?? null;
  },

  /** By id, name without case, MAC or GUID; null when none or several fit. */
  async find(db: Kysely<Tables>, text: string): Promise<Device | null> {
    const key = text.trim().toLowerCase();
    const mac = MacAddress.safeParse(key).data;
    const all = await devices.list(db);
    const fitting = all.filter(
      (device) =>
        device.id === key ||
        device.name.toLowerCase() === key ||
        device.smbiosGuid === key ||
        (mac !== undefined && device.macAddresses.includes(mac)),
    );
    return fitting.length === 1 ? (fitting[0] ?? null) : null;
  },

  /** Makes or replaces a record. */
  async put(db: Kysely<Tables>, device: Device): Promise<Device> {
    const facts: z.infer<typeof Facts> = {
      assetTag: device.assetTag,
      manufacturer: device.manufacturer,
      model: device.model,
      architecture: device.architecture,
      firmware: device.firmware,
      unclaimedDevices: [...device.unclaimedDevices],
    };
    const columns = {
      name: device.name,
      state: device.state,
      smbios_guid: device.smbiosGuid,
      serial_number: device.serialNumber,
      facts_json: JSON.stringify(facts),
      last_seen_ms: device.lastSeenMs,
    };
    await db
      .insertInto('devices')
      .values({ id: device.id, created_ms: device.createdMs, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute();
    await db.deleteFrom('device_macs').where('device_id', '=', device.id).execute();
    const macs = [...new Set(device.macAddresses)];
    if (macs.length > 0)
      await db
        .insertInto('device_macs')
        .values(macs.map((mac, position) => ({ device_id: device.id, mac, position })))
        .execute();
    return device;
  },

  /** @throws {StoreError} `device.not-found` */
  async setState(
    db: Kysely<Tables>,
    id: DeviceId,
    change: { readonly state: DeviceState; readonly name?: string },
  ): Promise<Device> {
    const device = await devices.get(db, id);
    if (device === null) throw new StoreError('device.not-found', `There is no device ${id}`);
    return devices.put(db, { ...device, ...change });
  },

  /** Takes a record away, with its memberships and variables; its runs stay in the history. */
  async remove(db: Kysely<Tables>, id: DeviceId): Promise<void> {
    await db.deleteFrom('device_macs').where('device_id', '=', id).execute();
    await db.deleteFrom('collection_members').where('device_id', '=', id).execute();
    await db
      .deleteFrom('variables')
      .where('owner_kind', '=', 'device')
      .where('owner_id', '=', id)
      .execute();
    await db.deleteFrom('agent_tokens').where('device_id', '=', id).execute();
    await db
      .deleteFrom('boot_chains')
      .where('scope', '=', 'device')
      .where('key', '=', id)
      .execute();
    await db.deleteFrom('devices').where('id', '=', id).execute();
  },

  /**
   * Finds the record of a machine that registers and lays what it says over it; makes a record where
   * there is none and unknown machines are let in. In one transaction: two registrations of one
   * machine make one record. `match.device` is null when unknown machines are ignored.
   */
  async identify(
    db: Kysely<Tables>,
    identity: MachineIdentity,
    at: { readonly newId: DeviceId; readonly nowMs: number },
  ): Promise<DeviceMatch> {
    const site = await settings.get(db);
    const shared = { macs: new Set(site.sharedMacs), guids: new Set(site.sharedGuids) };
    const match = matchDevice(identity, await candidates(db, identity), shared);
    if (match.device !== null)
      return {
        ...match,
        device: await devices.put(db, learnIdentity(match.device, identity, at.nowMs)),
      };
    if (site.unknownMachines === 'ignore') return match;
    const state = site.unknownMachines === 'deploy' ? 'approved' : 'waiting';
    await assertRoomToWait(db);
    const made = newDevice(at.newId, identity, { state, nowMs: at.nowMs });
    return { ...match, device: await devices.put(db, made) };
  },
};

/** Anyone on the wire can invent machines: what nobody has approved may not fill the database. */
const WAITING_LIMIT = 5000;

async function assertRoomToWait(db: Kysely<Tables>): Promise<void> {
  const { count } = await db
    .selectFrom('devices')
    .where('state', '=', 'waiting')
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  if (Number(count) >= WAITING_LIMIT)
    throw new StoreError(
      'device.too-many-waiting',
      `${WAITING_LIMIT} unknown machines wait already`,
      {
        hint: 'Approve or ignore some, or set unknown machines to be ignored.',
      },
    );
}

/** All records with any identifier of this machine. */
async function candidates(db: Kysely<Tables>, identity: MachineIdentity): Promise<Device[]> {
  const { smbiosGuid, serialNumber, macAddresses } = identity;
  const byMac =
    macAddresses.length === 0
      ? []
      : await db
          .selectFrom('device_macs')
          .select('device_id')
          .where('mac', 'in', macAddresses)
          .execute();
  const rows = await db
    .selectFrom('devices')
    .selectAll()
    .where((where) =>
      where.or([
        ...(smbiosGuid === null ? [] : [where('smbios_guid', '=', smbiosGuid)]),
        ...(serialNumber === null ? [] : [where('serial_number', '=', serialNumber)]),
        where('id', 'in', ['', ...byMac.map((row) => row.device_id)]),
      ]),
    )
    .execute();
  return readDevices(db, rows);
}

async function readDevices(
  db: Kysely<Tables>,
  rows: readonly Tables['devices'][],
): Promise<Device[]> {
  if (rows.length === 0) return [];
  const macs = Map.groupBy(
    await (rows.length > 500
      ? db.selectFrom('device_macs').selectAll().orderBy('position').execute()
      : db
          .selectFrom('device_macs')
          .selectAll()
          .where(
            'device_id',
            'in',
            rows.map((row) => row.id),
          )
          .orderBy('position')
          .execute()),
    (row) => row.device_id,
  );
  return rows.map((row) => ({
    id: DeviceId.parse(row.id),
    name: row.name,
    state: State.parse(row.state),
    smbiosGuid: row.smbios_guid === null ? null : SmbiosGuid.parse(row.smbios_guid),
    macAddresses: (macs.get(row.id) ?? []).map((mac) => MacAddress.parse(mac.mac)),
    serialNumber: row.serial_number,
    ...Facts.parse(JSON.parse(row.facts_json)),
    createdMs: row.created_ms,
    lastSeenMs: row.last_seen_ms,
  }));
}

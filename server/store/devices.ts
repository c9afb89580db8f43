import type { Kysely } from 'kysely';
import { type DeviceId, MacAddress, type MachineIdentity } from '#agent/protocol/identity.ts';
import { type Device, type DeviceState, learnIdentity, newDevice } from '../inventory/device.ts';
import { nameKey, serialKey } from '../inventory/device-keys.ts';
import { isAutomaticName } from '../inventory/device-name.ts';
import { type DeviceMatch, matchDevice } from '../inventory/match.ts';
import type { SeenAt } from '../inventory/seen-at.ts';
import { allDone } from './all-done.ts';
import { admit } from './approvals.ts';
import { noteConflicts } from './device-conflicts.ts';
import { readDevices } from './device-rows.ts';
import { StoreError } from './error.ts';
import { padded } from './insert-rows.ts';
import { keepDevice } from './keep-device.ts';
import { withFreeName } from './naming.ts';
import { settings } from './settings.ts';
import { sharedIdentifiers, sharedOf } from './shared-identifiers.ts';
import type { Tables } from './tables.ts';
import { tellWaiting } from './webhooks.ts';
import { forgetMemberships } from './write-memberships.ts';

export const devices = {
  async list(db: Kysely<Tables>): Promise<Device[]> {
    return readDevices(db, await db.selectFrom('devices').selectAll().orderBy('name').execute());
  },

  /** Records with an id above `after`, in the order of ids. */
  async page(
    db: Kysely<Tables>,
    { after, limit }: { readonly after: string; readonly limit: number },
  ): Promise<Device[]> {
    const query = db.selectFrom('devices').selectAll().where('id', '>', after);
    return readDevices(db, await query.orderBy('id').limit(limit).execute());
  },

  /** Those of several ids that have a record. */
  async many(db: Kysely<Tables>, ids: readonly DeviceId[]): Promise<Device[]> {
    const query = db.selectFrom('devices').selectAll();
    return readDevices(db, await query.where('id', 'in', ['', ...ids]).execute());
  },

  async get(db: Kysely<Tables>, id: DeviceId): Promise<Device | null> {
    const rows = await db.selectFrom('devices').selectAll().where('id', '=', id).execute();
    const [device] = await readDevices(db, rows);
    return device ?? null;
  },

  /** By id, name without case, serial number, asset tag, MAC or GUID; null when none or several fit. */
  async find(db: Kysely<Tables>, text: string): Promise<Device | null> {
    const key = nameKey(text);
    const mac = MacAddress.safeParse(key).data;
    const macRows =
      mac === undefined
        ? []
        : await db.selectFrom('device_macs').select('device_id').where('mac', '=', mac).execute();
    const rows = await db
      .selectFrom('devices')
      .selectAll()
      .where((where) =>
        where.or([
          where('id', 'in', [key, ...macRows.map((row) => row.device_id)]),
          where('name_key', '=', key),
          where('smbios_guid', '=', key),
          ...(key === '' ? [] : [where('serial_key', '=', key), where('asset_key', '=', key)]),
        ]),
      )
      .limit(2)
      .execute();
    // A name is what people mean first: a serial number may be another machine's name.
    const named = rows.filter((row) => row.name_key === key);
    const fitting = named.length === 1 ? named : rows;
    return fitting.length === 1 ? ((await readDevices(db, fitting))[0] ?? null) : null;
  },

  /** Those with a serial number, as `serialKey` writes it. */
  async withSerial(db: Kysely<Tables>, key: string): Promise<Device[]> {
    const rows = await db
      .selectFrom('devices')
      .selectAll()
      .where('serial_key', '=', key)
      .where('serial_key', '!=', '')
      .execute();
    return readDevices(db, rows);
  },

  /** Makes or replaces a record, and finds its collections. */
  async put(db: Kysely<Tables>, device: Device): Promise<Device> {
    await keepDevice(db, device);
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
    await db.deleteFrom('device_inventories').where('device_id', '=', id).execute();
    for (const column of ['device_id', 'other_id'] as const)
      await db.deleteFrom('device_conflicts').where(column, '=', id).execute();
    await forgetMemberships(db, id);
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
    at: { readonly newId: DeviceId; readonly nowMs: number; readonly seenAt?: SeenAt | null },
  ): Promise<DeviceMatch> {
    const [site, listed, possible] = await allDone([
      settings.get(db),
      sharedIdentifiers.list(db),
      devicesOf(db, [identity]),
    ]);
    const shared = sharedOf(site, listed);
    const match = matchDevice(identity, possible, shared);
    const keep = async (device: Device): Promise<DeviceMatch> => {
      const isNew = device.state !== 'ignored' && isAutomaticName(device);
      const admits = device.state === 'waiting' || isNew;
      // Kept first: a naming rule may be for members of a collection, and members are found from records.
      await keepDevice(db, device, match.device);
      const seen = { identity, candidates: possible, shared, match, device };
      await noteConflicts(db, seen, { nowMs: at.nowMs, auditId: at.newId });
      if (!admits) return { ...match, device };
      const after = await admit(db, device, { ...at, auditId: at.newId });
      if (after !== device) await keepDevice(db, after, device);
      return { ...match, device: after };
    };
    if (match.device !== null) return keep(learnIdentity(match.device, identity, at));
    if (site.unknownMachines === 'ignore') return match;
    const state = site.unknownMachines === 'deploy' ? 'approved' : 'waiting';
    if (state === 'waiting') await assertRoomToWait(db);
    const made = await keep(
      await withFreeName(db, newDevice(at.newId, identity, { ...at, state })),
    );
    if (made.device?.state === 'waiting') await tellWaiting(db, made.device, at.nowMs);
    return made;
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

/** All records with any identifier of these machines. */
export async function devicesOf(
  db: Kysely<Tables>,
  identities: readonly Pick<MachineIdentity, 'smbiosGuid' | 'serialNumber' | 'macAddresses'>[],
): Promise<Device[]> {
  const macs = identities.flatMap(({ macAddresses }) => macAddresses);
  const guids = identities.flatMap(({ smbiosGuid }) => smbiosGuid ?? []);
  const serials = identities.flatMap(({ serialNumber }) => serialKey(serialNumber) || []);
  const byMac =
    macs.length === 0
      ? []
      : await db
          .selectFrom('device_macs')
          .select('device_id')
          .where('mac', 'in', padded(macs))
          .execute();
  const ids = byMac.map((row) => row.device_id);
  const rows = await db
    .selectFrom('devices')
    .selectAll()
    .where((where) =>
      where.or([
        ...(guids.length === 0 ? [] : [where('smbios_guid', 'in', padded(guids))]),
        ...(serials.length === 0 ? [] : [where('serial_key', 'in', padded(serials))]),
        where('id', 'in', padded(['', ...ids])),
      ]),
    )
    .execute();
  return readDevices(db, rows);
}

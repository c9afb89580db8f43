import type { Kysely } from 'kysely';
import type { DeviceId, MachineIdentity } from '#agent/protocol/identity.ts';
import { type Device, learnIdentity, newDevice } from '../inventory/device.ts';
import { nameKey, serialKey } from '../inventory/device-keys.ts';
import { isAutomaticName } from '../inventory/device-name.ts';
import { expectedKeys } from '../inventory/expected-device.ts';
import {
  type DeviceMatch,
  identifiesByGuid,
  learnedMacs,
  matchDevice,
  type SharedIdentifiers,
} from '../inventory/match.ts';
import { isSet } from '../inventory/placeholder-identifiers.ts';
import { inventoryOf, type Registered, type RegisterWish, tokenRow } from './agents.ts';
import { allDone } from './all-done.ts';
import { writeInventories } from './device-inventories.ts';
import { writeDevices } from './device-rows.ts';
import { devicesOf } from './devices.ts';
import { insertRows, padded } from './insert-rows.ts';
import { naming } from './naming.ts';
import { type SiteSettings, settings } from './settings.ts';
import { sharedIdentifiers, sharedOf } from './shared-identifiers.ts';
import type { Tables } from './tables.ts';
import { writeMemberships } from './write-memberships.ts';

/** A machine has up to 64 MAC addresses, and a statement of SQLite 32,766 values. */
const AT_ONCE = 64;

/** A machine, the record that is its own, and the record as it is to be kept. */
interface Plan {
  readonly wish: RegisterWish;
  readonly match: DeviceMatch;
  readonly device: Device;
}

/**
 * `agents.register` of many machines at once, as when a bench is switched on or a server comes back. It takes
 * what most are: a machine that shares nothing with another record, waits for nobody, is named by no rule
 * or table, and whose run, if it has one, its own key has.
 *
 * @returns answers by place; undefined for a machine that has to be registered by itself
 */
export async function registerTogether(
  db: Kysely<Tables>,
  calls: readonly (readonly [RegisterWish])[],
): Promise<readonly (Registered | undefined)[]> {
  const answers: (Registered | undefined)[] = [];
  for (let from = 0; from < calls.length; from += AT_ONCE)
    answers.push(
      ...(await registerSome(
        db,
        calls.slice(from, from + AT_ONCE).map(([wish]) => wish),
      )),
    );
  return answers;
}

async function registerSome(
  db: Kysely<Tables>,
  wishes: readonly RegisterWish[],
): Promise<readonly (Registered | undefined)[]> {
  const matched = await matchAll(db, wishes);
  const [named, runs] = await allDone([perhapsNamed(db, matched), runsOf(db, matched)]);
  const kept = matched.filter((plan) => !named.has(plan.device.id) && runs.areOwn(plan));
  const devices = kept.map(({ device }) => device);
  await allDone([
    writeDevices(
      db,
      kept.map(({ device, match }) => ({ device, before: match.device })),
    ),
    writeInventories(
      db,
      kept.map(({ device, wish }) => ({
        deviceId: device.id,
        inventory: inventoryOf(wish),
        nowMs: wish.nowMs,
      })),
    ),
    insertRows(
      db,
      'agent_tokens',
      kept.map(({ wish, device }) => tokenRow(wish, device.id)),
    ),
  ]);
  // After records and inventories: collections may ask for either.
  await writeMemberships(db, devices, { nowMs: Date.now() });
  const answers = new Map(
    kept.map(({ wish, match, device }) => [
      wish,
      { ...match, device, knowsRun: wish.provenRun !== null && runs.known.has(wish.provenRun) },
    ]),
  );
  return wishes.map((wish) => answers.get(wish));
}

/** Finds the records of those that share nothing with another record, nor with each other. */
async function matchAll(db: Kysely<Tables>, wishes: readonly RegisterWish[]): Promise<Plan[]> {
  const [site, listed, records] = await allDone([
    settings.get(db),
    sharedIdentifiers.list(db),
    devicesOf(
      db,
      wishes.map(({ identity }) => identity),
    ),
  ]);
  const shared = sharedOf(site, listed);
  const candidatesOf = byIdentifier(records);
  const claimed = new Set<string>();
  return wishes.flatMap((wish) => {
    const keys = identifying(wish.identity, shared);
    const isOnly = keys.every((key) => !claimed.has(key));
    for (const key of keys) claimed.add(key);
    const plan = planOf(wish, { candidates: candidatesOf(wish.identity), shared, site });
    return isOnly && plan !== undefined ? [plan] : [];
  });
}

function planOf(
  wish: RegisterWish,
  at: {
    readonly candidates: readonly Device[];
    readonly shared: SharedIdentifiers;
    readonly site: Pick<SiteSettings, 'unknownMachines'>;
  },
): Plan | undefined {
  const { identity, newDeviceId, nowMs, seenAt = null } = wish;
  const match = matchDevice(identity, at.candidates, at.shared);
  const hasOthers =
    match.conflicts.length > 0 || learnedMacs(identity, at.candidates, at.shared).length > 0;
  if (hasOthers || match.device?.state === 'waiting') return undefined;
  if (match.device !== null)
    return { wish, match, device: learnIdentity(match.device, identity, { nowMs, seenAt }) };
  if (at.site.unknownMachines !== 'deploy') return undefined;
  const device = newDevice(newDeviceId, identity, { nowMs, seenAt, state: 'approved' });
  return { wish, match, device };
}

/** Identifiers by which two machines could be taken for one. */
function identifying(identity: MachineIdentity, shared: SharedIdentifiers): string[] {
  const { smbiosGuid, macAddresses, serialNumber } = identity;
  return [
    ...(identifiesByGuid(smbiosGuid, shared) ? [`guid ${smbiosGuid}`] : []),
    ...macAddresses.filter((mac) => !shared.macs.has(mac)).map((mac) => `mac ${mac}`),
    ...(isSet(serialNumber) ? [`serial ${serialKey(serialNumber)}`] : []),
  ];
}

/** Finds records that have any identifier of a machine. */
function byIdentifier(records: readonly Device[]): (identity: MachineIdentity) => Device[] {
  const found = new Map<string, Device[]>();
  const keysOf = (of: Pick<Device, 'smbiosGuid' | 'macAddresses' | 'serialNumber'>) => [
    `guid ${of.smbiosGuid ?? ''}`,
    `serial ${serialKey(of.serialNumber)}`,
    ...of.macAddresses.map((mac) => `mac ${mac}`),
  ];
  for (const record of records)
    for (const key of keysOf(record)) found.set(key, [...(found.get(key) ?? []), record]);
  return (identity) => [...new Set(keysOf(identity).flatMap((key) => found.get(key) ?? []))];
}

/**
 * Devices that nobody has named yet and that a rule or the table of expected machines may name, or whose
 * automatic name another has.
 */
async function perhapsNamed(
  db: Kysely<Tables>,
  plans: readonly Plan[],
): Promise<ReadonlySet<DeviceId>> {
  const nameless = plans.filter(({ device }) => isAutomaticName(device));
  if (nameless.length === 0) return new Set();
  const keys = nameless.flatMap(({ device }) => expectedKeys(device).map(({ key }) => key));
  const names = nameless.flatMap(({ device, match }) =>
    match.device === null ? [nameKey(device.name)] : [],
  );
  const [rules, expected, taken, promised] = await allDone([
    naming.rules(db),
    db
      .selectFrom('expected_devices')
      .select(['kind', 'key'])
      .where('key', 'in', padded([...new Set(keys)]))
      .execute(),
    db.selectFrom('devices').select('name_key').where('name_key', 'in', padded(names)).execute(),
    db
      .selectFrom('expected_devices')
      .select('name_key')
      .where('name_key', 'in', padded(names))
      .execute(),
  ]);
  const isExpected = new Set(expected.map(({ kind, key }) => `${kind} ${key}`));
  const isTaken = new Set([...taken, ...promised].map((row) => row.name_key));
  const isSpoken = ({ device, match }: Plan): boolean => {
    if (rules.length > 0) return true;
    if (expectedKeys(device).some(({ kind, key }) => isExpected.has(`${kind} ${key}`))) return true;
    return match.device === null && isTaken.has(nameKey(device.name));
  };
  return new Set(nameless.filter(isSpoken).map(({ device }) => device.id));
}

/** Runs that are open, or that a resume token was right for. */
async function runsOf(db: Kysely<Tables>, plans: readonly Plan[]) {
  const devices = plans.flatMap(({ match }) => match.device?.id ?? []);
  const proven = plans.flatMap(({ wish }) => wish.provenRun ?? []);
  const rows = await db
    .selectFrom('runs')
    .select(['run_id', 'device_id', 'key_thumbprint'])
    .where((where) =>
      where.or([
        where('device_id', 'in', padded(devices)).and('state', 'in', ['running', 'restarting']),
        where('run_id', 'in', padded(proven)),
      ]),
    )
    .execute();
  const byDevice = Map.groupBy(rows, (row) => row.device_id);
  return {
    known: new Set<string>(rows.map((row) => row.run_id)),
    /** Whether the key that registers has all of the device's: then nothing is handed over. */
    areOwn: ({ device, wish }: Plan) =>
      (byDevice.get(device.id) ?? []).every((row) => row.key_thumbprint === wish.keyThumbprint),
  };
}

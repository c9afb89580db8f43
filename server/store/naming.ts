import type { Kysely } from 'kysely';
import { CollectionId, type DeviceId } from '#agent/protocol/identity.ts';
import { builtInCollectionsOf } from '../inventory/collection.ts';
import type { Device } from '../inventory/device.ts';
import { nameKey } from '../inventory/device-keys.ts';
import {
  automaticName,
  counts,
  isAutomaticName,
  makeName,
  parsePattern,
  withSuffix,
} from '../inventory/device-name.ts';
import { fitsRule, type NamingRule, NamingRules } from '../inventory/naming-rule.ts';
import { StoreError } from './error.ts';
import { expectedDevices } from './expected-devices.ts';
import type { Tables } from './tables.ts';

const SETTING = 'naming';
/** So many numbers are tried behind a name, or by a counter in one go. */
const MOST_TRIES = 1000;

/** What a device is or would be named, and by what; `reasons` says why rules before it made none. */
export interface NameChoice {
  readonly name: string | null;
  readonly by: string | null;
  readonly reasons: readonly string[];
}

export const naming = {
  async rules(db: Kysely<Tables>): Promise<NamingRule[]> {
    const row = await db
      .selectFrom('settings')
      .select('value_json')
      .where('name', '=', SETTING)
      .executeTakeFirst();
    return NamingRules.parse(row === undefined ? [] : JSON.parse(row.value_json));
  },

  /** Replaces all rules. */
  async setRules(db: Kysely<Tables>, rules: readonly NamingRule[]): Promise<void> {
    const value_json = JSON.stringify(rules);
    await db
      .insertInto('settings')
      .values({ name: SETTING, value_json })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value_json }))
      .execute();
  },

  /**
   * Chooses the name of a device: one from the table of expected machines, else the first that a rule
   * makes. Counters go on only where `uses` is true. @param rules others than those that are set, to try
   */
  async choose(
    db: Kysely<Tables>,
    device: Device,
    { uses, rules: tried }: { readonly uses: boolean; readonly rules?: readonly NamingRule[] },
  ): Promise<NameChoice> {
    const reasons: string[] = [];
    for (const { kind, key, name } of await expectedDevices.of(db, device)) {
      if (name === null) continue;
      if (!(await isTaken(db, name, { device, kind, key })))
        return { name, by: `table, by ${kind} ${key}`, reasons };
      reasons.push(`The name ${name} of ${kind} ${key} is another device's`);
    }
    const rules = tried ?? (await naming.rules(db));
    if (rules.length === 0) return { name: null, by: null, reasons };
    const memberOf = await collectionsOf(db, device);
    for (const rule of rules) {
      if (!fitsRule(rule, device, memberOf)) continue;
      const made = await byRule(db, rule, { device, uses });
      if (made.name !== null) return { name: made.name, by: `rule ${rule.pattern}`, reasons };
      reasons.push(`${rule.pattern}: ${made.reason}`);
    }
    return { name: null, by: null, reasons };
  },

  /** Names a device that nobody has named yet; the same record where no name is found. */
  async apply(db: Kysely<Tables>, device: Device): Promise<Device> {
    if (!isAutomaticName(device)) return device;
    const { name } = await naming.choose(db, device, { uses: true });
    return name === null ? device : { ...device, name };
  },
};

/** The name that one rule makes and no other device has, or why it makes none. */
async function byRule(
  db: Kysely<Tables>,
  rule: NamingRule,
  { device, uses }: { readonly device: Device; readonly uses: boolean },
): Promise<
  | { readonly name: string; readonly reason: null }
  | { readonly name: null; readonly reason: string }
> {
  const pattern = parsePattern(rule.pattern);
  const counter = `name ${rule.pattern}`;
  const last = counts(pattern) ? await lastCount(db, counter) : 0;
  let reason = '';
  for (let number = 1; number <= MOST_TRIES; number += 1) {
    const count = last + number;
    const made = makeName(pattern, device, count);
    if (made.kind === 'none') return { name: null, reason: made.reason };
    const base = inLetters(made.name, rule.letters);
    const name = counts(pattern) || number === 1 ? base : withSuffix(base, number);
    if (!(await isTaken(db, name, { device }))) {
      if (uses && counts(pattern)) await setCount(db, counter, count);
      return { name, reason: null };
    }
    reason = `another device has the name ${name}`;
    // A counter goes on to the next number: that is what it is for.
    if (rule.onCollision === 'refuse' && !counts(pattern)) break;
  }
  return { name: null, reason };
}

/** All collections of a device as they are kept. */
async function collectionsOf(
  db: Kysely<Tables>,
  device: Device,
): Promise<ReadonlySet<CollectionId>> {
  const rows = await db
    .selectFrom('collection_members')
    .select('collection_id')
    .where('device_id', '=', device.id)
    .execute();
  return new Set([
    ...builtInCollectionsOf(device),
    ...rows.map((row) => CollectionId.parse(row.collection_id)),
  ]);
}

function inLetters(name: string, letters: NamingRule['letters']): string {
  if (letters === 'as-is') return name;
  return letters === 'upper' ? name.toUpperCase() : name.toLowerCase();
}

/** Whether another device has a name, or another machine is expected by it. */
async function isTaken(
  db: Kysely<Tables>,
  name: string,
  own: { readonly device: Device; readonly kind?: string; readonly key?: string },
): Promise<boolean> {
  const key = nameKey(name);
  const other = await db
    .selectFrom('devices')
    .select('id')
    .where('name_key', '=', key)
    .where('id', '!=', own.device.id)
    .executeTakeFirst();
  if (other !== undefined) return true;
  const expected = await db
    .selectFrom('expected_devices')
    .select(['kind', 'key', 'device_id'])
    .where('name_key', '=', key)
    .execute();
  return expected.some(
    (row) => row.device_id !== own.device.id && (row.kind !== own.kind || row.key !== own.key),
  );
}

async function lastCount(db: Kysely<Tables>, name: string): Promise<number> {
  const row = await db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', name)
    .executeTakeFirst();
  return row?.value ?? 0;
}

async function setCount(db: Kysely<Tables>, name: string, value: number): Promise<void> {
  await db
    .insertInto('counters')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** A device with its automatic name, made from its id where another device is called as it would be. */
export async function withFreeName(db: Kysely<Tables>, device: Device): Promise<Device> {
  if (!isAutomaticName(device) || !(await isTaken(db, device.name, { device }))) return device;
  return { ...device, name: automaticName(device, 'id') };
}

/** Refuses a name that another device has. @throws {StoreError} `device.name-taken` */
export async function assertNameFree(
  db: Kysely<Tables>,
  name: string,
  id: DeviceId,
): Promise<void> {
  const other = await db
    .selectFrom('devices')
    .select(['name', 'serial_number'])
    .where('name_key', '=', nameKey(name))
    .where('id', '!=', id)
    .executeTakeFirst();
  if (other === undefined) return;
  const serial = other.serial_number === null ? '' : ` (serial number ${other.serial_number})`;
  throw new StoreError('device.name-taken', `Another device is named "${other.name}"${serial}`, {
    hint: 'Take another name, or name that device something else first.',
  });
}

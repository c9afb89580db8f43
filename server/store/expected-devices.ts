import type { Kysely } from 'kysely';
import type { Device } from '../inventory/device.ts';
import { nameKey } from '../inventory/device-keys.ts';
import {
  type ExpectedDevice,
  ExpectedKind,
  expectedKey,
  expectedKeys,
} from '../inventory/expected-device.ts';
import type { Tables } from './tables.ts';

/** What is said of a machine before it comes; what is left out stays as it was. */
export interface ExpectedWish {
  readonly kind: ExpectedKind;
  readonly key: string;
  readonly name?: string | undefined;
  readonly approve?: boolean | undefined;
}

export const expectedDevices = {
  async list(db: Kysely<Tables>): Promise<ExpectedDevice[]> {
    const rows = await db
      .selectFrom('expected_devices')
      .selectAll()
      .orderBy('created_ms')
      .orderBy('kind')
      .orderBy('key')
      .execute();
    return rows.map(toExpected);
  },

  /** Adds machines, or says more of those that are expected already. All of them or none. */
  async add(
    db: Kysely<Tables>,
    wishes: readonly ExpectedWish[],
    by: { readonly who: string; readonly nowMs: number },
  ): Promise<void> {
    for (const { kind, key: text, name, approve } of wishes) {
      const key = expectedKey(kind, text);
      const before = await read(db, kind, key);
      const next = {
        name: name ?? before?.name ?? '',
        name_key: nameKey(name ?? before?.name ?? ''),
        approve: (approve ?? before?.approve ?? false) ? 1 : 0,
        who: by.who,
        // What is said anew is said of the next machine.
        device_id: null,
        used_ms: null,
      };
      await db
        .insertInto('expected_devices')
        .values({ kind, key, created_ms: by.nowMs, ...next })
        .onConflict((conflict) => conflict.columns(['kind', 'key']).doUpdateSet(next))
        .execute();
    }
  },

  /** Takes one away; false when there is none. */
  async remove(db: Kysely<Tables>, kind: ExpectedKind, key: string): Promise<boolean> {
    const answer = await db
      .deleteFrom('expected_devices')
      .where('kind', '=', kind)
      .where('key', '=', expectedKey(kind, key))
      .executeTakeFirst();
    return answer.numDeletedRows > 0n;
  },

  /** What was said of this machine, the strongest key first; used ones count for their own device only. */
  async of(db: Kysely<Tables>, device: Device): Promise<ExpectedDevice[]> {
    const keys = expectedKeys(device);
    if (keys.length === 0) return [];
    const rows = await db
      .selectFrom('expected_devices')
      .selectAll()
      .where((where) =>
        where.or(keys.map(({ kind, key }) => where('kind', '=', kind).and('key', '=', key))),
      )
      .execute();
    return keys.flatMap(({ kind, key }) => {
      const row = rows.find((each) => each.kind === kind && each.key === key);
      const isMine = row?.device_id === null || row?.device_id === device.id || kind === 'port';
      return row !== undefined && isMine ? [toExpected(row)] : [];
    });
  },

  /** Notes which device an expected one turned out to be. */
  async use(
    db: Kysely<Tables>,
    { kind, key }: Pick<ExpectedDevice, 'kind' | 'key'>,
    { id, nowMs }: { readonly id: string; readonly nowMs: number },
  ): Promise<void> {
    await db
      .updateTable('expected_devices')
      .set({ device_id: id, used_ms: nowMs })
      .where('kind', '=', kind)
      .where('key', '=', key)
      .execute();
  },
};

async function read(db: Kysely<Tables>, kind: string, key: string) {
  const row = await db
    .selectFrom('expected_devices')
    .selectAll()
    .where('kind', '=', kind)
    .where('key', '=', key)
    .executeTakeFirst();
  return row === undefined ? undefined : toExpected(row);
}

function toExpected(row: Tables['expected_devices']): ExpectedDevice {
  return {
    kind: ExpectedKind.parse(row.kind),
    key: row.key,
    name: row.name === '' ? null : row.name,
    approve: row.approve === 1,
    who: row.who,
    createdMs: row.created_ms,
    deviceId: row.device_id,
    usedMs: row.used_ms,
  };
}

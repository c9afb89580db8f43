import type { Kysely } from 'kysely';
import type { Device } from '../inventory/device.ts';
import { writeDevices } from './device-rows.ts';
import type { Tables } from './tables.ts';
import { writeMemberships } from './write-memberships.ts';

/**
 * Writes a record and finds of which collections it is a member now.
 *
 * @param before the record as it is kept, where that is known
 */
export async function keepDevice(
  db: Kysely<Tables>,
  device: Device,
  before: Device | null = null,
): Promise<void> {
  await writeDevices(db, [{ device, before }]);
  await writeMemberships(db, [device], { nowMs: Date.now() });
}

/** Devices that are written by the statements of one. */
const AT_ONCE = 250;

/** `keepDevice` of many, each given once. */
export async function keepDevices(db: Kysely<Tables>, devices: readonly Device[]): Promise<void> {
  for (let from = 0; from < devices.length; from += AT_ONCE) {
    const some = devices.slice(from, from + AT_ONCE);
    await writeDevices(
      db,
      some.map((device) => ({ device, before: null })),
    );
    await writeMemberships(db, some, { nowMs: Date.now() });
  }
}

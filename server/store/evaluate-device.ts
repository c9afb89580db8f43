import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { QueryNeed } from '../inventory/query/field.ts';
import { membershipPlan } from './collection-plan.ts';
import { devices } from './devices.ts';
import type { Tables } from './tables.ts';
import { writeMemberships } from './write-memberships.ts';

/** Finds the collections of one device anew, when something changed that queries ask for. */
export async function evaluateDevice(
  db: Kysely<Tables>,
  id: DeviceId,
  changed: QueryNeed | 'record',
): Promise<void> {
  const { needs } = await membershipPlan(db);
  if (changed !== 'record' && !needs.has(changed)) return;
  const device = await devices.get(db, id);
  if (device !== null) await writeMemberships(db, [device], { nowMs: Date.now() });
}

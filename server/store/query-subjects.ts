import type { Kysely } from 'kysely';
import type { Device } from '../inventory/device.ts';
import { deviceInventory, type KeptInventory } from '../inventory/device-inventory.ts';
import type { LastRun, QueryNeed, QuerySubject } from '../inventory/query/field.ts';
import { padded } from './insert-rows.ts';
import { parseKept } from './kept-inventory.ts';
import type { Tables } from './tables.ts';

const NO_VARIABLES: ReadonlyMap<string, string> = new Map();

/** Devices as queries see them, with what the queries ask for beside their records. */
export async function readSubjects(
  db: Kysely<Tables>,
  devices: readonly Device[],
  needs: ReadonlySet<QueryNeed>,
): Promise<QuerySubject[]> {
  const ids = padded(devices.map(({ id }) => id));
  const hardware = new Map<string, KeptInventory>();
  if (needs.has('hardware'))
    for (const row of await db
      .selectFrom('device_inventories')
      .select(['device_id', 'inventory_json'])
      .where('current', '=', 1)
      .where('device_id', 'in', ids)
      .execute())
      hardware.set(row.device_id, parseKept(row.inventory_json));
  const variables = new Map<string, Map<string, string>>();
  if (needs.has('variables'))
    for (const row of await db
      .selectFrom('variables')
      .select(['owner_id', 'name_key', 'value'])
      .where('owner_kind', '=', 'device')
      .where('owner_id', 'in', ids)
      .where('secret', '=', 0)
      .execute()) {
      const own = variables.get(row.owner_id) ?? new Map<string, string>();
      variables.set(row.owner_id, own.set(row.name_key, row.value));
    }
  const runs = new Map<string, LastRun>();
  if (needs.has('runs'))
    for (const row of await db
      .selectFrom('runs')
      .select(['device_id', 'state', 'sequence_name', 'started_ms'])
      .where('device_id', 'in', ids)
      .orderBy('started_ms')
      .execute())
      runs.set(row.device_id, {
        state: row.state,
        sequenceName: row.sequence_name,
        startedMs: row.started_ms,
      });
  return devices.map((device) => ({
    inventory: deviceInventory(device, hardware.get(device.id) ?? null),
    variables: variables.get(device.id) ?? NO_VARIABLES,
    lastRun: runs.get(device.id) ?? null,
  }));
}

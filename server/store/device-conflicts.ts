import type { Kysely } from 'kysely';
import { z } from 'zod';
import { DeviceId, type MachineIdentity } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { type DeviceMatch, learnedMacs, type SharedIdentifiers } from '../inventory/match.ts';
import { audit } from './audit.ts';
import { sharedIdentifiers } from './shared-identifiers.ts';
import type { Tables } from './tables.ts';

export const Resolution = z.enum(['open', 'merge', 'new', 'block']);
export type Resolution = z.infer<typeof Resolution>;

/** Two records that could be one machine, or that an identifier contradicts. */
export interface DeviceConflict {
  /** The record that the machine was given. */
  readonly deviceId: DeviceId;
  readonly otherId: DeviceId;
  readonly why: string;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly resolution: Resolution;
}

export const deviceConflicts = {
  /** Those that nobody has decided about, the newest first; all of them with `all`. */
  async list(db: Kysely<Tables>, all = false): Promise<DeviceConflict[]> {
    const query = db.selectFrom('device_conflicts').selectAll().orderBy('last_ms', 'desc');
    const rows = await (all ? query : query.where('resolution', '=', 'open')).execute();
    return rows.map((row) => ({
      deviceId: DeviceId.parse(row.device_id),
      otherId: DeviceId.parse(row.other_id),
      why: row.why,
      firstMs: row.first_ms,
      lastMs: row.last_ms,
      resolution: Resolution.parse(row.resolution),
    }));
  },

  /** Notes what was decided; false when there is no such conflict. */
  async resolve(
    db: Kysely<Tables>,
    { deviceId, otherId }: Pick<DeviceConflict, 'deviceId' | 'otherId'>,
    resolution: Exclude<Resolution, 'open'>,
  ): Promise<boolean> {
    const answer = await db
      .updateTable('device_conflicts')
      .set({ resolution })
      .where('device_id', '=', deviceId)
      .where('other_id', '=', otherId)
      .executeTakeFirst();
    return answer.numUpdatedRows > 0n;
  },

  /** Notes that two records are two machines, whether they were ever in conflict or not. */
  async settle(
    db: Kysely<Tables>,
    [one, other]: readonly [DeviceId, DeviceId],
    nowMs: number,
  ): Promise<void> {
    for (const [device_id, other_id] of [
      [one, other],
      [other, one],
    ] as const)
      await db
        .insertInto('device_conflicts')
        .values({
          device_id,
          other_id,
          why: 'an operator split them',
          first_ms: nowMs,
          last_ms: nowMs,
          resolution: 'new',
        })
        .onConflict((conflict) =>
          conflict.columns(['device_id', 'other_id']).doUpdateSet({ resolution: 'new' }),
        )
        .execute();
  },
};

/**
 * Keeps what a registration has shown of other records: a MAC address that two machines have is a dock's
 * or an adapter's, and identifies none of them from now on; what else two records share is a conflict,
 * which an operator decides about once.
 */
export async function noteConflicts(
  db: Kysely<Tables>,
  {
    identity,
    candidates,
    shared,
    match,
    device,
  }: {
    readonly identity: MachineIdentity;
    readonly candidates: readonly Device[];
    readonly shared: SharedIdentifiers;
    readonly match: DeviceMatch;
    readonly device: Device;
  },
  at: { readonly nowMs: number; readonly auditId: string },
): Promise<void> {
  const explained = new Set<string>();
  for (const { mac, other } of learnedMacs(identity, candidates, shared)) {
    explained.add(other.id);
    const why = `"${device.name}" and "${other.name}" have it`;
    const one = { kind: 'mac', value: mac, learned: true, why, atMs: at.nowMs } as const;
    if (await sharedIdentifiers.add(db, one))
      await audit.add(db, `${at.auditId}:${mac}`, {
        atMs: at.nowMs,
        who: 'server',
        action: 'device.shared-mac',
        detail: { mac, device: device.id, other: other.id },
      });
  }
  for (const { device: other, why } of match.conflicts) {
    if (other.id === device.id || explained.has(other.id)) continue;
    await db
      .insertInto('device_conflicts')
      .values({
        device_id: device.id,
        other_id: other.id,
        why,
        first_ms: at.nowMs,
        last_ms: at.nowMs,
        resolution: 'open',
      })
      .onConflict((conflict) =>
        conflict.columns(['device_id', 'other_id']).doUpdateSet({ why, last_ms: at.nowMs }),
      )
      .execute();
  }
}

import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { DeviceScope } from '../inventory/device-scope.ts';
import { type StandingApproval, standingApprovalFor } from '../inventory/standing-approval.ts';
import { audit } from './audit.ts';
import { readDevices } from './device-rows.ts';
import { StoreError } from './error.ts';
import { expectedDevices } from './expected-devices.ts';
import { keepDevice } from './keep-device.ts';
import { assertNameFree, naming } from './naming.ts';
import type { Tables } from './tables.ts';

/** Ids of the audit entries that an operation may write begin with `auditId`, made by its caller. */
interface Occasion {
  readonly nowMs: number;
  readonly auditId: string;
}

export const approvals = {
  /** All that stand or stood, the newest first. */
  async list(db: Kysely<Tables>): Promise<StandingApproval[]> {
    const rows = await db
      .selectFrom('standing_approvals')
      .selectAll()
      .orderBy('created_ms', 'desc')
      .limit(200)
      .execute();
    return rows.map(toApproval);
  },

  /** Makes one that stands from now on, and approves those that wait already and fit it. */
  async stand(
    db: Kysely<Tables>,
    wish: Pick<StandingApproval, 'id' | 'who' | 'endsMs' | 'scope' | 'most'>,
    at: Occasion,
  ): Promise<{ readonly approval: StandingApproval; readonly approved: Device[] }> {
    await db
      .insertInto('standing_approvals')
      .values({
        id: wish.id,
        who: wish.who,
        created_ms: at.nowMs,
        ends_ms: wish.endsMs,
        ended_ms: null,
        scope_json: JSON.stringify(wish.scope),
        most: wish.most,
        used: 0,
      })
      .execute();
    const approved: Device[] = [];
    for (const device of await waitingDevices(db)) {
      const after = await admit(db, device, { ...at, auditId: `${at.auditId}:${device.id}` });
      if (after.state === 'waiting') continue;
      await keepDevice(db, after);
      approved.push(after);
    }
    const approval = (await approvals.list(db)).find(({ id }) => id === wish.id);
    if (approval === undefined) throw new Error('a standing approval was not kept');
    return { approval, approved };
  },

  /** Ends one before its time; false when there is none, or it has ended. */
  async end(db: Kysely<Tables>, id: string, nowMs: number): Promise<boolean> {
    const answer = await db
      .updateTable('standing_approvals')
      .set({ ended_ms: nowMs })
      .where('id', '=', id)
      .where('ended_ms', 'is', null)
      .executeTakeFirst();
    return answer.numUpdatedRows > 0n;
  },

  /**
   * Approves devices by hand, and names those that nobody has named. One that is known stays known.
   * @throws {StoreError} `device.not-found`; `device.name-taken` where `name` is another device's
   */
  async approve(
    db: Kysely<Tables>,
    ids: readonly DeviceId[],
    { name }: { readonly name?: string | undefined } = {},
  ): Promise<Device[]> {
    const approved: Device[] = [];
    for (const id of ids) {
      const rows = await db.selectFrom('devices').selectAll().where('id', '=', id).execute();
      const [device] = await readDevices(db, rows);
      if (device === undefined)
        throw new StoreError('device.not-found', `There is no device ${id}`);
      // A machine that is known stays known: approving it lets its new key take an open run over.
      const admitted: Device = device.state === 'known' ? device : { ...device, state: 'approved' };
      if (name !== undefined) await assertNameFree(db, name, id);
      const after = name === undefined ? await naming.apply(db, admitted) : { ...admitted, name };
      await keepDevice(db, after);
      approved.push(after);
    }
    return approved;
  },
};

/**
 * What happens to a machine that has just registered and waits or has no name: it is approved if it is
 * expected or a standing approval is for it, and named. The record is not written here; what was
 * approved is in the audit.
 */
export async function admit(db: Kysely<Tables>, device: Device, at: Occasion): Promise<Device> {
  const expected = await expectedDevices.of(db, device);
  const approved = device.state === 'waiting' ? await approvedBy(db, device, at) : null;
  const named = await naming.apply(
    db,
    approved === null ? device : { ...device, state: 'approved' },
  );
  for (const one of expected)
    if (one.deviceId === null || one.kind === 'port')
      await expectedDevices.use(db, one, { id: device.id, nowMs: at.nowMs });
  if (approved !== null)
    await audit.add(db, `${at.auditId}:approve`, {
      atMs: at.nowMs,
      who: approved.who,
      action: 'device.approve',
      detail: { device: device.id, name: named.name, by: approved.by, seenAt: device.seenAt },
    });
  return named;
}

/** Who approved a waiting machine beforehand, and how; null when nobody did. */
async function approvedBy(
  db: Kysely<Tables>,
  device: Device,
  { nowMs }: Occasion,
): Promise<{ readonly who: string; readonly by: string } | null> {
  const expected = (await expectedDevices.of(db, device)).find(({ approve }) => approve);
  if (expected !== undefined)
    return { who: expected.who, by: `expected by ${expected.kind} ${expected.key}` };
  const open = await db
    .selectFrom('standing_approvals')
    .selectAll()
    .where('ends_ms', '>', nowMs)
    .where('ended_ms', 'is', null)
    .orderBy('created_ms')
    .execute();
  const standing = standingApprovalFor(device, open.map(toApproval), nowMs);
  if (standing === undefined) return null;
  await db
    .updateTable('standing_approvals')
    .set((update) => ({ used: update('used', '+', 1) }))
    .where('id', '=', standing.id)
    .execute();
  return { who: standing.who, by: `standing approval ${standing.id}` };
}

async function waitingDevices(db: Kysely<Tables>): Promise<Device[]> {
  const rows = await db
    .selectFrom('devices')
    .selectAll()
    .where('state', '=', 'waiting')
    .orderBy('name_key')
    .execute();
  return readDevices(db, rows);
}

function toApproval(row: Tables['standing_approvals']): StandingApproval {
  return {
    id: row.id,
    who: row.who,
    createdMs: row.created_ms,
    endsMs: row.ends_ms,
    endedMs: row.ended_ms,
    scope: DeviceScope.parse(JSON.parse(row.scope_json)),
    most: row.most,
    used: row.used,
  };
}

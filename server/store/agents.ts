import type { Kysely } from 'kysely';
import { DeviceId, MachineIdentity, type RunId } from '#agent/protocol/identity.ts';
import { Environment } from '#agent/protocol/policy.ts';
import type { DeviceMatch } from '../inventory/match.ts';
import { devices } from './devices.ts';
import type { Tables } from './tables.ts';

/** What a token stands for: a key, and the machine that it says it is. */
export interface AgentSession {
  readonly keyThumbprint: string;
  /** Null for a machine that has no record: unknown ones are ignored. */
  readonly deviceId: DeviceId | null;
  readonly identity: MachineIdentity;
  readonly environment: Environment;
}

export const agents = {
  /**
   * Finds or makes the device of a machine and keeps the hash of its new token. `provenRun` is an open
   * run whose resume token was right: it is taken over, if it is this device's.
   */
  async register(
    db: Kysely<Tables>,
    wish: Omit<AgentSession, 'deviceId'> & {
      readonly tokenHash: string;
      readonly expiresMs: number;
      readonly newDeviceId: DeviceId;
      readonly provenRun: RunId | null;
      readonly nowMs: number;
    },
  ): Promise<DeviceMatch> {
    const match = await devices.identify(db, wish.identity, {
      newId: wish.newDeviceId,
      nowMs: wish.nowMs,
    });
    await db.deleteFrom('agent_tokens').where('expires_ms', '<', wish.nowMs).execute();
    await db
      .insertInto('agent_tokens')
      .values({
        token_hash: wish.tokenHash,
        key_thumbprint: wish.keyThumbprint,
        device_id: match.device?.id ?? null,
        identity_json: JSON.stringify(wish.identity),
        environment: wish.environment,
        created_ms: wish.nowMs,
        expires_ms: wish.expiresMs,
      })
      .execute();
    if (wish.provenRun !== null && match.device !== null)
      await db
        .updateTable('runs')
        .set({ key_thumbprint: wish.keyThumbprint, takeover_approved: 0 })
        .where('run_id', '=', wish.provenRun)
        .where('device_id', '=', match.device.id)
        .execute();
    return match;
  },

  /** Who has this token; null for an unknown or expired one. */
  async session(
    db: Kysely<Tables>,
    tokenHash: string,
    nowMs: number,
  ): Promise<AgentSession | null> {
    const row = await db
      .selectFrom('agent_tokens')
      .selectAll()
      .where('token_hash', '=', tokenHash)
      .where('expires_ms', '>', nowMs)
      .executeTakeFirst();
    if (row === undefined) return null;
    return {
      keyThumbprint: row.key_thumbprint,
      deviceId: row.device_id === null ? null : DeviceId.parse(row.device_id),
      identity: MachineIdentity.parse(JSON.parse(row.identity_json)),
      environment: Environment.parse(row.environment),
    };
  },
};

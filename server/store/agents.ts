import type { Kysely } from 'kysely';
import type { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import { DeploymentId, DeviceId, MachineIdentity, type RunId } from '#agent/protocol/identity.ts';
import { BootImageIdentity, Environment } from '#agent/protocol/policy.ts';
import type { KeptInventory } from '../inventory/device-inventory.ts';
import type { DeviceMatch } from '../inventory/match.ts';
import type { SeenAt } from '../inventory/seen-at.ts';
import { takesOver } from '../inventory/takeover.ts';
import { allDone } from './all-done.ts';
import { deviceInventories } from './device-inventories.ts';
import { devices } from './devices.ts';
import { grantHasSecrets } from './grant-secrets.ts';
import { insertRows } from './insert-rows.ts';
import { provenMedia } from './proven-media.ts';
import type { Tables } from './tables.ts';

/** What a token stands for: a key, and the machine that it says it is. */
export interface AgentSession {
  readonly keyThumbprint: string;
  /** Null for a machine that has no record: unknown ones are ignored. */
  readonly deviceId: DeviceId | null;
  readonly identity: MachineIdentity;
  readonly environment: Environment;
  /** The Windows PE that it was started from; null where it did not say. */
  readonly bootImage: BootImageIdentity | null;
  /** `SMSTSPreferredAdvertID`, as it was told at the machine; null where nothing was. */
  readonly preferred: DeploymentId | null;
  /** Media that it was started from, and proved to have the key of; null for none. */
  readonly media: string | null;
}

/** What a machine says of itself when it registers, and what is made for it. */
export type RegisterWish = Omit<AgentSession, 'deviceId' | 'preferred' | 'media'> & {
  readonly preferred?: DeploymentId | null;
  readonly media?: string | null;
  readonly tokenHash: string;
  readonly expiresMs: number;
  readonly newDeviceId: DeviceId;
  readonly provenRun: RunId | null;
  readonly hardware?: HardwareInventory | null;
  readonly seenAt?: SeenAt | null;
  readonly nowMs: number;
};

/** Which record a machine was given; `knowsRun`: the database has the proven run. */
export type Registered = DeviceMatch & { readonly knowsRun: boolean };

export const agents = {
  /**
   * Finds or makes the device of a machine and keeps the hash of its new token. Its open run is handed to
   * the key when `takesOver` says so; `provenRun` is one whose resume token was right.
   */
  async register(db: Kysely<Tables>, wish: RegisterWish): Promise<Registered> {
    const match = await devices.identify(db, wish.identity, {
      newId: wish.newDeviceId,
      seenAt: wish.seenAt ?? null,
      nowMs: wish.nowMs,
    });
    const keepInventory = async () => {
      if (match.device === null) return;
      await deviceInventories.keep(db, match.device.id, {
        inventory: inventoryOf(wish),
        nowMs: wish.nowMs,
      });
    };
    const keepToken = async () => {
      const before = await takeOver(db, match, wish);
      const media = wish.media ?? (before === null ? null : await provenMedia(db, before));
      await insertRows(db, 'agent_tokens', [
        tokenRow({ ...wish, media }, match.device?.id ?? null),
      ]);
    };
    const [hasRun] = await allDone([knowsRun(db, wish.provenRun), keepInventory(), keepToken()]);
    return { ...match, knowsRun: hasRun };
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
      bootImage:
        row.boot_image_json === ''
          ? null
          : BootImageIdentity.parse(JSON.parse(row.boot_image_json)),
      preferred:
        row.preferred_deployment === '' ? null : DeploymentId.parse(row.preferred_deployment),
      media: row.media_id === '' ? null : row.media_id,
    };
  },
};

/** What of it is kept as the hardware of its device. */
export function inventoryOf({ identity, hardware = null }: RegisterWish): KeptInventory {
  const { secureBoot, memoryBytes } = identity;
  return { hardware, secureBoot, memoryBytes };
}

/** What is kept of its token. */
export function tokenRow(wish: RegisterWish, deviceId: DeviceId | null): Tables['agent_tokens'] {
  return {
    token_hash: wish.tokenHash,
    key_thumbprint: wish.keyThumbprint,
    device_id: deviceId,
    identity_json: JSON.stringify(wish.identity),
    environment: wish.environment,
    boot_image_json: wish.bootImage === null ? '' : JSON.stringify(wish.bootImage),
    preferred_deployment: wish.preferred ?? '',
    media_id: wish.media ?? '',
    created_ms: wish.nowMs,
    expires_ms: wish.expiresMs,
  };
}

/** Whether the run of a journal is in the database: not in one that was restored from an older backup. */
async function knowsRun(db: Kysely<Tables>, run: RunId | null): Promise<boolean> {
  if (run === null) return false;
  const row = await db
    .selectFrom('runs')
    .select('run_id')
    .where('run_id', '=', run)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Hands a run of a machine to a key that registers, or leaves it with the one that has it.
 * @returns the key that had it, where the journal of the run proves that it is the same machine; else null
 */
async function takeOver(
  db: Kysely<Tables>,
  { device, sure }: DeviceMatch,
  wish: { readonly keyThumbprint: string; readonly provenRun: RunId | null },
): Promise<string | null> {
  if (device === null) return null;
  const { provenRun } = wish;
  const candidates = await db
    .selectFrom('runs')
    .select(['run_id', 'key_thumbprint'])
    .where('device_id', '=', device.id)
    .where((where) =>
      where.or([
        where('state', 'in', ['running', 'restarting']),
        // One that is over still takes the rest of its log.
        where('run_id', '=', provenRun ?? ''),
      ]),
    )
    .execute();
  const open = candidates.find(({ run_id }) => run_id === provenRun) ?? candidates[0];
  if (open === undefined || open.key_thumbprint === wish.keyThumbprint) return null;
  const claim = {
    proven: open.run_id === provenRun,
    sure,
    ignored: device.state === 'ignored',
    hasSecrets: await grantHasSecrets(db, open.run_id),
    firstSeenMs: await firstSeen(db, wish.keyThumbprint),
    holderFirstSeenMs: await firstSeen(db, open.key_thumbprint),
  };
  if (!takesOver(claim)) return null;
  await db
    .updateTable('runs')
    .set({ key_thumbprint: wish.keyThumbprint, takeover_approved: 0 })
    .where('run_id', '=', open.run_id)
    .execute();
  return claim.proven ? open.key_thumbprint : null;
}

async function firstSeen(db: Kysely<Tables>, keyThumbprint: string): Promise<number | null> {
  const row = await db
    .selectFrom('agent_tokens')
    .select((select) => select.fn.min('created_ms').as('at'))
    .where('key_thumbprint', '=', keyThumbprint)
    .executeTakeFirst();
  return row?.at ?? null;
}

import type { Kysely } from 'kysely';
import { z } from 'zod';
import { CollectionId, DeploymentId, type DeviceId, SequenceId } from '#agent/protocol/identity.ts';
import { PasswordHash } from '#agent/protocol/password-hash.ts';
import { builtInCollectionsOf } from '../inventory/collection.ts';
import { checkNewDeployment, checkTarget, type Deployment } from '../inventory/deployment.ts';
import {
  checkDeploymentSettings,
  DEFAULT_DEPLOYMENT_SETTINGS,
  DeploymentSettings,
} from '../inventory/deployment-settings.ts';
import type { Device } from '../inventory/device.ts';
import { checkHighRisk, type RiskWarning } from '../inventory/high-risk.ts';
import { membershipPlan } from './collection-plan.ts';
import { collections } from './collections.ts';
import { nextId } from './counters.ts';
import { devices } from './devices.ts';
import { StoreError } from './error.ts';
import { sequenceRisk } from './sequence-risk.ts';
import { settings } from './settings.ts';
import type { Tables } from './tables.ts';

/** Values of one query: databases have limits. */
const IDS_AT_ONCE = 500;

const Scope = z.object({
  subnets: z.array(z.string()),
  ports: z.array(z.object({ port: z.string(), switchId: z.string().nullable() })).default([]),
  interfaces: z.array(z.string()).default([]),
  endsMs: z.int(),
  perHour: z.int(),
});

export const deployments = {
  /** Withdrawn ones too, the newest last. */
  async list(db: Kysely<Tables>): Promise<Deployment[]> {
    const rows = await db
      .selectFrom('deployments')
      .selectAll()
      .orderBy('created_ms')
      .orderBy('id')
      .execute();
    return rows.map(toDeployment);
  },

  /** @throws {StoreError} `deployment.not-found` */
  async get(db: Kysely<Tables>, id: DeploymentId): Promise<Deployment> {
    const row = await db
      .selectFrom('deployments')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw noDeployment(id);
    return toDeployment(row);
  },

  /**
   * @throws {InventoryError} what `checkNewDeployment` and `checkTarget` refuse (M16-M18); {StoreError}
   *   `collection.not-found`, `sequence.not-found`
   */
  async create(
    db: Kysely<Tables>,
    wish: Pick<Deployment, 'sequenceId' | 'collectionId' | 'purpose' | 'scope'> &
      Partial<Pick<Deployment, 'commandPrompt' | 'settings'>> & { readonly guard?: RiskGuard },
    nowMs: number,
  ): Promise<Deployment> {
    checkNewDeployment(wish, nowMs);
    const {
      guard,
      commandPrompt = null,
      settings: own = DEFAULT_DEPLOYMENT_SETTINGS,
      ...rest
    } = wish;
    const collection = await collections.find(db, wish.collectionId);
    if (collection === null)
      throw new StoreError('collection.not-found', `There is no collection ${wish.collectionId}`, {
        hint: 'metalwright collection list shows those that there are.',
      });
    checkTarget(wish, collection, (await membershipPlan(db)).reachesUnknown);
    const sequence = await db
      .selectFrom('sequences')
      .select('id')
      .where('id', '=', wish.sequenceId)
      .executeTakeFirst();
    if (sequence === undefined)
      throw new StoreError('sequence.not-found', `There is no task sequence ${wish.sequenceId}`);
    await checkSettings(db, { ...wish, settings: own });
    if (guard !== undefined) await checkRisk(db, wish, guard);
    const id = DeploymentId.parse(await nextId(db, 'deployment'));
    await db
      .insertInto('deployments')
      .values({
        id,
        sequence_id: wish.sequenceId,
        collection_id: wish.collectionId,
        purpose: wish.purpose,
        scope_json: wish.scope === null ? null : JSON.stringify(wish.scope),
        withdrawn_ms: null,
        created_ms: nowMs,
        command_prompt: commandPrompt === null ? '' : JSON.stringify(commandPrompt),
        settings_json: JSON.stringify(own),
      })
      .execute();
    return { id, ...rest, settings: own, commandPrompt, withdrawnMs: null, createdMs: nowMs };
  },

  /**
   * Changes its settings; a run that has started goes on as it was granted.
   *
   * @throws {StoreError} `deployment.not-found`; {InventoryError} what `checkDeploymentSettings` refuses
   */
  async change(db: Kysely<Tables>, id: DeploymentId, own: DeploymentSettings): Promise<void> {
    const before = await deployments.get(db, id);
    await checkSettings(db, { ...before, settings: own });
    await db
      .updateTable('deployments')
      .set({ settings_json: JSON.stringify(own) })
      .where('id', '=', id)
      .execute();
  },

  /** What opens a command prompt on its machines, if anything does. */
  async commandPrompt(db: Kysely<Tables>, id: DeploymentId): Promise<PasswordHash | null> {
    const row = await db
      .selectFrom('deployments')
      .select('command_prompt')
      .where('id', '=', id)
      .executeTakeFirst();
    return promptOf(row?.command_prompt ?? '');
  },

  /** Takes the offer back. A run that has started goes on (M32). @throws {StoreError} `deployment.not-found` */
  async withdraw(db: Kysely<Tables>, id: DeploymentId, nowMs: number): Promise<void> {
    const changed = await db
      .updateTable('deployments')
      .set((set) => ({ withdrawn_ms: set.fn.coalesce('withdrawn_ms', set.val(nowMs)) }))
      .where('id', '=', id)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw noDeployment(id);
  },

  /**
   * *Clear Required PXE Deployments*: lets what has run on a device run again. Answers how many runs
   * were cleared; open ones are not.
   */
  async clear(db: Kysely<Tables>, device: DeviceId, nowMs: number): Promise<number> {
    return await clearRuns(db, [device], nowMs);
  },

  /** How many devices a collection has now. */
  async countMembers(db: Kysely<Tables>, id: CollectionId): Promise<number> {
    return (await membersOf(db, id)).length;
  },

  /** The same for all devices that are members of a collection now. */
  async clearCollection(db: Kysely<Tables>, id: CollectionId, nowMs: number): Promise<number> {
    const members = (await membersOf(db, id)).map((device) => device.id);
    let cleared = 0;
    for (let at = 0; at < members.length; at += IDS_AT_ONCE)
      cleared += await clearRuns(db, members.slice(at, at + IDS_AT_ONCE), nowMs);
    return cleared;
  },

  /** That a deployment was offered to a device by PXE. */
  async noteOffer(
    db: Kysely<Tables>,
    offer: { readonly device: DeviceId; readonly deployment: DeploymentId; readonly atMs: number },
  ): Promise<void> {
    await db
      .insertInto('pxe_offers')
      .values({ device_id: offer.device, deployment_id: offer.deployment, at_ms: offer.atMs })
      .onConflict((conflict) =>
        conflict.columns(['device_id', 'deployment_id']).doUpdateSet({ at_ms: offer.atMs }),
      )
      .execute();
  },
};

/** What an operator has said to the risks of a deployment, and what servers of the site are known by. */
export interface RiskGuard {
  readonly unhide: boolean;
  readonly accepts: readonly RiskWarning[];
  readonly siteMacs: readonly string[];
}

/** Holds it against the limits of the site, and keeps in the audit what was accepted, by whom and for how many. */
async function checkRisk(
  db: Kysely<Tables>,
  wish: Pick<Deployment, 'sequenceId' | 'collectionId' | 'purpose'>,
  guard: RiskGuard,
): Promise<void> {
  const { risky } = await sequenceRisk(db, wish.sequenceId);
  if (wish.purpose !== 'required' || risky.length === 0) return;
  const members = await membersOf(db, wish.collectionId);
  const macs: ReadonlySet<string> = new Set(guard.siteMacs);
  checkHighRisk(
    {
      purpose: wish.purpose,
      risky,
      collectionName: (await collections.find(db, wish.collectionId))?.name ?? wish.collectionId,
      size: members.length,
      servers: members
        .filter(({ macAddresses }) => macAddresses.some((mac) => macs.has(mac)))
        .map(({ name }) => name),
    },
    (await settings.get(db)).deployments,
    guard,
  );
}

/** The devices of a collection, by what was decided last. */
export async function membersOf(db: Kysely<Tables>, id: CollectionId): Promise<Device[]> {
  const rows = await db
    .selectFrom('collection_members')
    .select('device_id')
    .where('collection_id', '=', id)
    .execute();
  const members: ReadonlySet<string> = new Set(rows.map((row) => row.device_id));
  return (await devices.list(db)).filter(
    (device) => members.has(device.id) || builtInCollectionsOf(device).includes(id),
  );
}

async function clearRuns(
  db: Kysely<Tables>,
  of: readonly DeviceId[],
  nowMs: number,
): Promise<number> {
  const changed = await db
    .updateTable('runs')
    .set({ cleared_ms: nowMs })
    .where('device_id', 'in', [...of])
    .where('cleared_ms', 'is', null)
    .where('state', 'in', ['succeeded', 'failed', 'forked'])
    .executeTakeFirst();
  return Number(changed.numUpdatedRows);
}

async function checkSettings(
  db: Kysely<Tables>,
  wish: Pick<Deployment, 'sequenceId' | 'purpose' | 'settings'>,
): Promise<void> {
  const { deployments: site } = await settings.get(db);
  const risk = await sequenceRisk(db, wish.sequenceId);
  checkDeploymentSettings(wish.settings, {
    purpose: wish.purpose,
    siteZone: site.timeZone,
    startsInPe: risk.startsInPe,
  });
}

function toDeployment(row: Tables['deployments']): Deployment {
  return {
    id: DeploymentId.parse(row.id),
    sequenceId: SequenceId.parse(row.sequence_id),
    collectionId: CollectionId.parse(row.collection_id),
    purpose: z.enum(['available', 'required']).parse(row.purpose),
    scope: row.scope_json === null ? null : Scope.parse(JSON.parse(row.scope_json)),
    settings: settingsOf(row.settings_json),
    commandPrompt: promptOf(row.command_prompt),
    withdrawnMs: row.withdrawn_ms,
    createdMs: row.created_ms,
  };
}

function noDeployment(id: string): StoreError {
  return new StoreError('deployment.not-found', `There is no deployment ${id}`);
}

/** Empty where it was made before there were settings. */
function settingsOf(json: string): DeploymentSettings {
  return json === '' ? DEFAULT_DEPLOYMENT_SETTINGS : DeploymentSettings.parse(JSON.parse(json));
}

function promptOf(json: string): PasswordHash | null {
  return json === '' ? null : PasswordHash.parse(JSON.parse(json));
}

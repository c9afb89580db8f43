import type { Kysely } from 'kysely';
import { z } from 'zod';
import { CollectionId, DeploymentId, type DeviceId, SequenceId } from '#agent/protocol/identity.ts';
import { PasswordHash } from '#agent/protocol/password-hash.ts';
import { checkNewDeployment, checkTarget, type Deployment } from '../inventory/deployment.ts';
import { membershipPlan } from './collection-plan.ts';
import { collections } from './collections.ts';
import { nextId } from './counters.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

const Scope = z.object({
  subnets: z.array(z.string()),
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
    return rows.map((row) => ({
      id: DeploymentId.parse(row.id),
      sequenceId: SequenceId.parse(row.sequence_id),
      collectionId: CollectionId.parse(row.collection_id),
      purpose: z.enum(['available', 'required']).parse(row.purpose),
      scope: row.scope_json === null ? null : Scope.parse(JSON.parse(row.scope_json)),
      commandPrompt: promptOf(row.command_prompt),
      withdrawnMs: row.withdrawn_ms,
      createdMs: row.created_ms,
    }));
  },

  /**
   * @throws {InventoryError} what `checkNewDeployment` and `checkTarget` refuse (M16-M18); {StoreError}
   *   `collection.not-found`, `sequence.not-found`
   */
  async create(
    db: Kysely<Tables>,
    wish: Pick<Deployment, 'sequenceId' | 'collectionId' | 'purpose' | 'scope'> &
      Partial<Pick<Deployment, 'commandPrompt'>>,
    nowMs: number,
  ): Promise<Deployment> {
    checkNewDeployment(wish, nowMs);
    const { commandPrompt = null } = wish;
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
      })
      .execute();
    return { id, ...wish, commandPrompt, withdrawnMs: null, createdMs: nowMs };
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
    if (changed.numUpdatedRows === 0n)
      throw new StoreError('deployment.not-found', `There is no deployment ${id}`);
  },

  /**
   * *Clear Required PXE Deployments*: lets what has run on a device run again. Answers how many runs
   * were cleared; open ones are not.
   */
  async clear(db: Kysely<Tables>, device: DeviceId, nowMs: number): Promise<number> {
    const changed = await db
      .updateTable('runs')
      .set({ cleared_ms: nowMs })
      .where('device_id', '=', device)
      .where('cleared_ms', 'is', null)
      .where('state', 'in', ['succeeded', 'failed', 'forked'])
      .executeTakeFirst();
    return Number(changed.numUpdatedRows);
  },
};

function promptOf(json: string): PasswordHash | null {
  return json === '' ? null : PasswordHash.parse(JSON.parse(json));
}

import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import {
  type DeploymentId,
  type DeviceId,
  type PackageId,
  type RunId,
} from '#agent/protocol/identity.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { InventoryError } from '../inventory/error.ts';
import { pinDocument } from '../inventory/pin.ts';
import { decidePolicy } from '../inventory/policy.ts';
import { mergeVariables } from '../inventory/variables.ts';
import { collections } from './collections.ts';
import { StoreError } from './error.ts';
import { packages } from './packages.ts';
import { policy } from './policy.ts';
import { speaking } from './runs.ts';
import { sequences } from './sequences.ts';
import type { Tables } from './tables.ts';
import { variables } from './variables.ts';

/**
 * What is pinned for the whole run. Resume token, run key, content sources and `have` are the answerer's: they
 * depend on the server's secret, the address it is reached by, and the moment.
 */
export type PinnedGrant = Omit<RunGrant, 'resumeToken' | 'runKey' | 'have'>;
const PinnedGrant = RunGrant.omit({ resumeToken: true, runKey: true, have: true });

/** Who asks for a run. */
export interface GrantRequest {
  readonly runId: RunId;
  readonly deploymentId: DeploymentId;
  readonly deviceId: DeviceId;
  readonly keyThumbprint: string;
  readonly remoteAddress: string;
  readonly nowMs: number;
}

export const grants = {
  /**
   * Grants a run: checks again that the deployment may start here now, pins the newest version of
   * everything, keeps it. The same run id again from the same key is answered the same.
   *
   * @throws {StoreError} `run.exists`, `sequence.not-found`; {InventoryError} `run.refused` or
   *   the code of the refusal
   */
  async make(
    db: Kysely<Tables>,
    wish: GrantRequest,
  ): Promise<{ grant: PinnedGrant; have: number }> {
    const before = await db
      .selectFrom('runs')
      .select(['device_id', 'key_thumbprint'])
      .where('run_id', '=', wish.runId)
      .executeTakeFirst();
    if (before !== undefined) {
      if (before.device_id !== wish.deviceId || before.key_thumbprint !== wish.keyThumbprint)
        throw new StoreError('run.exists', `Run ${wish.runId} belongs to another machine or key`);
      return grants.get(db, wish.runId, wish.keyThumbprint);
    }
    const facts = await policy.facts(db, wish);
    const decision = decidePolicy(facts, wish);
    if (decision.kind === 'resume')
      throw new InventoryError('run.open', `Run ${decision.runId} is open on this machine`, {
        hint: 'It is resumed, and cannot be replaced or cancelled.',
      });
    if (decision.kind !== 'offers') throw new InventoryError(decision.code, decision.reason);
    const offer = decision.offers.find(({ deploymentId }) => deploymentId === wish.deploymentId);
    if (offer === undefined)
      throw new InventoryError(
        'run.refused',
        `Deployment ${wish.deploymentId} is not offered to this machine now`,
        { hint: 'It was withdrawn, has run here, or is aimed at another collection.' },
      );
    const sequence = await sequences.find(db, offer.sequenceId);
    if (sequence === null)
      throw new StoreError('sequence.not-found', `There is no task sequence ${offer.sequenceId}`);

    const pinned = pinDocument(sequence.documentJson, await packages.index(db));
    const content: RunGrant['content'] = {};
    for (const id of pinned.references) content[id] = await resolve(db, id);
    const { device } = facts;
    const grant: PinnedGrant = {
      runId: wish.runId,
      deploymentId: wish.deploymentId,
      sequenceName: sequence.name,
      purpose: offer.purpose,
      documentJson: pinned.documentJson,
      documentSha256: createHash('sha256').update(pinned.documentJson).digest('hex'),
      deviceName: device?.name ?? null,
      variables: await startVariables(db, wish.deviceId, facts.memberOf),
      content,
    };
    await db
      .insertInto('runs')
      .values({
        run_id: wish.runId,
        device_id: wish.deviceId,
        deployment_id: wish.deploymentId,
        sequence_id: sequence.id,
        sequence_version: sequence.version,
        sequence_name: sequence.name,
        purpose: offer.purpose,
        grant_json: JSON.stringify(grant),
        key_thumbprint: wish.keyThumbprint,
        takeover_approved: 0,
        state: 'running',
        next_boot: 'pe',
        error_json: null,
        started_ms: wish.nowMs,
        ended_ms: null,
        last_event_ms: wish.nowMs,
        have: 0,
        log_bytes: 0,
        cleared_ms: null,
      })
      .execute();
    return { grant, have: 0 };
  },

  /** The grant again. @throws {StoreError} `run.not-found`, `run.key` */
  async get(
    db: Kysely<Tables>,
    id: RunId,
    keyThumbprint: string,
  ): Promise<{ grant: PinnedGrant; have: number }> {
    const { have } = await speaking(db, id, keyThumbprint);
    const row = await db
      .selectFrom('runs')
      .select('grant_json')
      .where('run_id', '=', id)
      .executeTakeFirstOrThrow();
    return { grant: PinnedGrant.parse(JSON.parse(row.grant_json)), have };
  },
};

async function resolve(db: Kysely<Tables>, id: PackageId): Promise<RunGrant['content'][PackageId]> {
  const found = await packages.get(db, id);
  return found === null
    ? { kind: 'missing', packageId: id, reason: `There is no package ${id} on this server` }
    : { kind: 'found', manifest: found.manifest, sources: [] };
}

async function startVariables(
  db: Kysely<Tables>,
  device: DeviceId,
  memberOf: ReadonlySet<string>,
): Promise<RunGrant['variables']> {
  const all = (await collections.list(db)).filter(({ id }) => memberOf.has(id));
  const ofCollections = [];
  for (const { id } of all)
    ofCollections.push(await variables.list(db, { kind: 'collection', id }));
  return mergeVariables(ofCollections, await variables.list(db, { kind: 'device', id: device }));
}

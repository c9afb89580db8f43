import type { Kysely } from 'kysely';
import type { CollectionId, DeploymentId, DeviceId, SequenceId } from '#agent/protocol/identity.ts';
import type { OfferedDeployment } from '../inventory/choose-deployments.ts';
import type { Deployment } from '../inventory/deployment.ts';
import type { PolicyFacts } from '../inventory/policy.ts';
import { NO_IMAGES, type SequenceImages } from '../inventory/sequence-images.ts';
import { allDone } from './all-done.ts';
import { deployments } from './deployments.ts';
import { devices } from './devices.ts';
import { grantHasSecrets } from './grant-secrets.ts';
import { memberships } from './memberships.ts';
import { preferredFinder } from './preferred-deployments.ts';
import { runColumns, toRun } from './run-rows.ts';
import { imageFinder } from './sequence-images.ts';
import { settings } from './settings.ts';
import type { Tables } from './tables.ts';
import { windows } from './windows.ts';

const NOWHERE: ReadonlySet<CollectionId> = new Set();
const HOUR_MS = 60 * 60 * 1000;

export const policy = {
  /**
   * All that decides what a device is to do. A take-over that an operator approved is used up here: the
   * key that asks then speaks for the open run.
   */
  async facts(
    db: Kysely<Tables>,
    ask: {
      readonly deviceId: DeviceId;
      readonly keyThumbprint: string;
      /** What was told at the machine, before what its variables say. */
      readonly preferred?: DeploymentId | null;
      readonly nowMs: number;
    },
  ): Promise<PolicyFacts> {
    const [device, rows, site, allWindows] = await allDone([
      devices.get(db, ask.deviceId),
      db.selectFrom('runs').select(runColumns).where('device_id', '=', ask.deviceId).execute(),
      settings.get(db),
      windows.list(db),
    ]);
    const open = rows.find((row) => row.state === 'running' || row.state === 'restarting');
    const approved = open?.takeover_approved === 1;
    if (open !== undefined && approved)
      await db
        .updateTable('runs')
        .set({ key_thumbprint: ask.keyThumbprint, takeover_approved: 0 })
        .where('run_id', '=', open.run_id)
        .execute();
    const mayResume = approved || open?.key_thumbprint === ask.keyThumbprint;
    const memberOf = device === null ? NOWHERE : await memberships.ofDevice(db, device);
    return {
      device,
      memberOf,
      site: site.deployments,
      windows: allWindows,
      preferred: ask.preferred ?? (await preferredFinder(db))(ask.deviceId, memberOf),
      deployments: await offered(db, ask.nowMs, memberOf),
      runs: rows.map(toRun),
      mayResume,
      holdsSecrets: open !== undefined && !mayResume && (await grantHasSecrets(db, open.run_id)),
    };
  },
};

/** All deployments that are not withdrawn, with what is shown of their sequences; those to some collections. */
export async function offered(
  db: Kysely<Tables>,
  nowMs: number,
  memberOf?: ReadonlySet<CollectionId>,
): Promise<OfferedDeployment[]> {
  const all = (await deployments.list(db)).filter(
    ({ withdrawnMs, collectionId }) =>
      withdrawnMs === null && (memberOf === undefined || memberOf.has(collectionId)),
  );
  return await describe(db, all, nowMs);
}

/** One deployment, withdrawn or not, with what is shown of its sequence. */
export async function offeredOne(
  db: Kysely<Tables>,
  deployment: Deployment,
  nowMs: number,
): Promise<OfferedDeployment> {
  const [one] = await describe(db, [deployment], nowMs);
  if (one === undefined) throw new Error('a deployment was not described');
  return one;
}

async function describe(
  db: Kysely<Tables>,
  all: readonly Deployment[],
  nowMs: number,
): Promise<OfferedDeployment[]> {
  if (all.length === 0) return [];
  const names = new Map(
    (
      await db.selectFrom('sequences').select(['id', 'name', 'description', 'disabled']).execute()
    ).map((row) => [row.id, row]),
  );
  const granted = await db
    .selectFrom('runs')
    .select((select) => ['deployment_id', select.fn.countAll().as('count')])
    .where('started_ms', '>', nowMs - HOUR_MS)
    // Only a scope has a cap, and counting the runs of all takes long.
    .where('deployment_id', 'in', [
      '',
      ...all.filter(({ scope }) => scope !== null).map(({ id }) => id),
    ])
    .groupBy('deployment_id')
    .execute();
  const counts = new Map(granted.map((row) => [row.deployment_id, Number(row.count)]));
  const imagesOf = await imageFinder(db);
  const images = new Map<SequenceId, SequenceImages>();
  for (const { sequenceId } of all)
    if (names.has(sequenceId)) images.set(sequenceId, await imagesOf(sequenceId));
  return all.map((deployment) => ({
    deployment,
    images: images.get(deployment.sequenceId) ?? NO_IMAGES,
    sequenceName: names.get(deployment.sequenceId)?.name ?? deployment.sequenceId,
    sequenceDisabled: names.get(deployment.sequenceId)?.disabled === 1,
    sequenceDescription: names.get(deployment.sequenceId)?.description ?? '',
    grantedLastHour: counts.get(deployment.id) ?? 0,
  }));
}

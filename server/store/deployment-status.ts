import type { Kysely } from 'kysely';
import type { DeploymentId, DeviceId } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import { builtInCollectionsOf } from '../inventory/collection.ts';
import { isForPe } from '../inventory/deployment-settings.ts';
import {
  type DeviceStanding,
  type DeviceStatus,
  deviceStandings,
  statusOn,
} from '../inventory/deployment-status.ts';
import { judgeRoom } from '../inventory/maintenance-window/judge.ts';
import type { Run } from '../inventory/run.ts';
import { deployments, membersOf } from './deployments.ts';
import { memberships } from './memberships.ts';
import { offeredOne } from './policy.ts';
import { preferredFinder } from './preferred-deployments.ts';
import { runColumns, toRun } from './run-rows.ts';
import { settings } from './settings.ts';
import type { Tables } from './tables.ts';
import { windows } from './windows.ts';

/** Machines that are told one by one; the counts have all. */
const TOLD = 1000;

/** How a deployment stands on the devices of its collection. */
export interface DeploymentStatus {
  readonly counts: Readonly<Record<DeviceStanding, number>>;
  /** Machines on which it never starts by itself as things are. */
  readonly alerts: number;
  /** Those with an alert first, then errors; at most 1,000. */
  readonly devices: readonly (DeviceStatus & { readonly lastOfferMs: number | null })[];
}

const order: readonly DeviceStanding[] = [
  'error',
  'requirements-not-met',
  'in-progress',
  'unknown',
  'success',
];

/** @throws {StoreError} `deployment.not-found` */
export async function deploymentStatus(
  db: Kysely<Tables>,
  id: DeploymentId,
  nowMs: number,
): Promise<DeploymentStatus> {
  const deployment = await deployments.get(db, id);
  const { deployments: site } = await settings.get(db);
  const { timeZone: siteZone, generalWindowsBesideSpecific: generalBesideSpecific } = site;
  const offered = [await offeredOne(db, deployment, nowMs)];
  const rows = await db
    .selectFrom('runs')
    .select(runColumns)
    .where('deployment_id', '=', id)
    .where('cleared_ms', 'is', null)
    .execute();
  const runs = Map.groupBy<DeviceId, Run>(rows.map(toRun), (run) => run.deviceId);
  const offers = new Map(
    (
      await db
        .selectFrom('pxe_offers')
        .select(['device_id', 'at_ms'])
        .where('deployment_id', '=', id)
        .execute()
    ).map((row) => [row.device_id, row.at_ms]),
  );
  const environment: Environment = isForPe(deployment.settings) ? 'winpe' : 'full-os';
  const room = judgeRoom(await windows.list(db), { nowMs, siteZone, generalBesideSpecific });
  const preferredOf = await preferredFinder(db);
  const members = await membersOf(db, deployment.collectionId);
  const custom = await memberships.ofDevices(
    db,
    members.map((device) => device.id),
  );
  const found = members.map((device) => {
    const memberOf = new Set([...builtInCollectionsOf(device), ...(custom.get(device.id) ?? [])]);
    const preferred = preferredOf(device.id, memberOf);
    const facts = { memberOf, deployments: offered, runs: runs.get(device.id) ?? [] };
    const frame = { nowMs, environment, site, room, preferred };
    return { ...statusOn(device, facts, frame), lastOfferMs: offers.get(device.id) ?? null };
  });
  const counts = { 'in-progress': 0, success: 0, error: 0, 'requirements-not-met': 0, unknown: 0 };
  for (const standing of deviceStandings)
    counts[standing] = found.filter((each) => each.standing === standing).length;
  const rank = (each: DeviceStatus) => (each.alert ? -1 : order.indexOf(each.standing));
  return {
    counts,
    alerts: found.filter(({ alert }) => alert).length,
    devices: found.toSorted((a, b) => rank(a) - rank(b)).slice(0, TOLD),
  };
}

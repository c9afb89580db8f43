import type { Kysely } from 'kysely';
import type { DeviceId } from '#agent/protocol/identity.ts';
import { collectionsOf } from '../inventory/collection.ts';
import { buildNetbootSnapshot, type SnapshotFrame } from '../inventory/netboot-snapshot.ts';
import type { OfferedDeployment, PolicyFacts } from '../inventory/policy.ts';
import type { Run } from '../inventory/run.ts';
import type { NetbootSnapshot } from '../netboot/snapshot.ts';
import { collections } from './collections.ts';
import { deployments } from './deployments.ts';
import { devices } from './devices.ts';
import { grantHasSecrets } from './grant-secrets.ts';
import { runColumns, toRun } from './run-rows.ts';
import { settings } from './settings.ts';
import type { Tables } from './tables.ts';

const HOUR_MS = 60 * 60 * 1000;

export const policy = {
  /**
   * All that decides what a device is to do. A take-over that an operator approved is used up here: the
   * key that asks then speaks for the open run.
   */
  async facts(
    db: Kysely<Tables>,
    ask: { readonly deviceId: DeviceId; readonly keyThumbprint: string; readonly nowMs: number },
  ): Promise<PolicyFacts> {
    const device = await devices.get(db, ask.deviceId);
    const rows = await db
      .selectFrom('runs')
      .select(runColumns)
      .where('device_id', '=', ask.deviceId)
      .execute();
    const open = rows.find((row) => row.state === 'running' || row.state === 'restarting');
    const approved = open?.takeover_approved === 1;
    if (open !== undefined && approved)
      await db
        .updateTable('runs')
        .set({ key_thumbprint: ask.keyThumbprint, takeover_approved: 0 })
        .where('run_id', '=', open.run_id)
        .execute();
    const mayResume = approved || open?.key_thumbprint === ask.keyThumbprint;
    return {
      device,
      memberOf:
        device === null
          ? new Set()
          : collectionsOf(
              device,
              await collections.list(db),
              await collections.rules(db, ask.deviceId),
            ),
      deployments: await offered(db, ask.nowMs),
      runs: rows.map(toRun),
      mayResume,
      holdsSecrets: open !== undefined && !mayResume && (await grantHasSecrets(db, open.run_id)),
    };
  },

  /** What the netboot worker decides by, from the whole state of the site. */
  async snapshot(
    db: Kysely<Tables>,
    frame: Omit<SnapshotFrame, 'answerOn'> & {
      /** All interfaces there are; the operator's choice of them is answered on. */
      readonly interfaces: SnapshotFrame['answerOn'];
    },
  ): Promise<NetbootSnapshot> {
    const site = await settings.get(db);
    const { interfaces, ...rest } = frame;
    const rows = await db
      .selectFrom('runs')
      .select(runColumns)
      .where((where) =>
        where.or([
          where('cleared_ms', 'is', null),
          where('state', 'in', ['running', 'restarting']),
        ]),
      )
      .execute();
    return buildNetbootSnapshot(
      {
        unknownMachines: site.unknownMachines,
        devices: await devices.list(db),
        collections: await collections.list(db),
        rules: await collections.rules(db),
        deployments: await offered(db, frame.nowMs),
        runs: Map.groupBy<DeviceId, Run>(rows.map(toRun), (run) => run.deviceId),
        sharedMacs: new Set(site.sharedMacs),
        sharedGuids: new Set(site.sharedGuids),
        excludedMacs: new Set(site.excludedMacs),
      },
      { ...rest, answerOn: interfaces.filter(({ name }) => site.answerOn.includes(name)) },
    );
  },
};

/** All deployments that are not withdrawn, with what is shown of their sequences. */
async function offered(db: Kysely<Tables>, nowMs: number): Promise<OfferedDeployment[]> {
  const all = (await deployments.list(db)).filter(({ withdrawnMs }) => withdrawnMs === null);
  const names = new Map(
    (
      await db.selectFrom('sequences').select(['id', 'name', 'description', 'disabled']).execute()
    ).map((row) => [row.id, row]),
  );
  const granted = await db
    .selectFrom('runs')
    .select((select) => ['deployment_id', select.fn.countAll().as('count')])
    .where('started_ms', '>', nowMs - HOUR_MS)
    .groupBy('deployment_id')
    .execute();
  const counts = new Map(granted.map((row) => [row.deployment_id, Number(row.count)]));
  return all.map((deployment) => ({
    deployment,
    sequenceName: names.get(deployment.sequenceId)?.name ?? deployment.sequenceId,
    sequenceDisabled: names.get(deployment.sequenceId)?.disabled === 1,
    sequenceDescription: names.get(deployment.sequenceId)?.description ?? '',
    grantedLastHour: counts.get(deployment.id) ?? 0,
  }));
}

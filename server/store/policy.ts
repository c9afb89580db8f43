import type { Kysely } from 'kysely';
import { DeviceId, type RunId, type SequenceId } from '#agent/protocol/identity.ts';
import type { BootWish } from '#boot/chain.ts';
import type { BootSite, ChainSettings } from '../inventory/chain-settings.ts';
import { buildNetbootSnapshot, type SnapshotFrame } from '../inventory/netboot-snapshot.ts';
import type { OfferedDeployment, PolicyFacts } from '../inventory/policy.ts';
import { isOpen, type Run } from '../inventory/run.ts';
import { NO_IMAGES, type SequenceImages } from '../inventory/sequence-images.ts';
import type { NetbootSnapshot } from '../netboot/snapshot.ts';
import { bootChains } from './boot-chains.ts';
import { deployments } from './deployments.ts';
import { devices } from './devices.ts';
import { grantHasSecrets } from './grant-secrets.ts';
import { memberships } from './memberships.ts';
import { runColumns, toRun } from './run-rows.ts';
import { imageFinder, imageOfRun } from './sequence-images.ts';
import { type SiteSettings, settings } from './settings.ts';
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
      memberOf: device === null ? new Set() : await memberships.ofDevice(db, device),
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
    const runs = rows.map(toRun);
    const all = await devices.list(db);
    return buildNetbootSnapshot(
      {
        unknownMachines: site.unknownMachines,
        devices: all,
        memberOf: await memberships.ofDevices(
          db,
          all.map(({ id }) => id),
        ),
        deployments: await offered(db, frame.nowMs),
        runs: Map.groupBy<DeviceId, Run>(runs, (run) => run.deviceId),
        sharedMacs: new Set(site.sharedMacs),
        sharedGuids: new Set(site.sharedGuids),
        excludedMacs: new Set(site.excludedMacs),
        boot: await bootSite(db, site, runs),
        windowsSetupLostMinutes: site.windowsSetupLostMinutes,
        signers: new Map((await bootChains.signers(db)).map((one) => [one.machine, one])),
      },
      { ...rest, answerOn: interfaces.filter(({ name }) => site.answerOn.includes(name)) },
    );
  },
};

/** What the site and its open runs say of boot images and the way to them. */
async function bootSite(
  db: Kysely<Tables>,
  { bootImage, chain }: SiteSettings,
  runs: readonly Run[],
): Promise<BootSite> {
  const ofDevices = new Map<DeviceId, ChainSettings>();
  const ofModels = new Map<string, ChainSettings>();
  for (const { scope, key, settings: own } of await bootChains.list(db))
    if (scope === 'model') ofModels.set(key, own);
    else ofDevices.set(DeviceId.parse(key), own);
  const ofRuns = new Map<RunId, BootWish['image']>();
  for (const { id } of runs.filter(isOpen)) ofRuns.set(id, await imageOfRun(db, id));
  return { unknownImage: bootImage, all: chain, ofDevices, ofModels, ofRuns };
}

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

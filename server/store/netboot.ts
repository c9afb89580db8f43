import type { Kysely } from 'kysely';
import { DeviceId, type RunId } from '#agent/protocol/identity.ts';
import type { BootWish } from '#boot/chain.ts';
import { benchDhcp } from '../inventory/bench-dhcp.ts';
import type { BootSite, ChainSettings } from '../inventory/chain-settings.ts';
import type { Device } from '../inventory/device.ts';
import { judgeRoom } from '../inventory/maintenance-window/judge.ts';
import {
  buildNetbootDevice,
  buildNetbootFrame,
  type SnapshotFrame,
} from '../inventory/netboot-snapshot.ts';
import { isOpen, type Run } from '../inventory/run.ts';
import type { NetbootDevice, NetbootFrame } from '../netboot/snapshot.ts';
import { bootChains } from './boot-chains.ts';
import { devices } from './devices.ts';
import { memberships } from './memberships.ts';
import { offered } from './policy.ts';
import { preferredFinder } from './preferred-deployments.ts';
import { runColumns, toRun } from './run-rows.ts';
import { imageOfRun } from './sequence-images.ts';
import { settings } from './settings.ts';
import { allShared } from './shared-identifiers.ts';
import type { Tables } from './tables.ts';
import { windows } from './windows.ts';

/** Records decided at a time, some tens of milliseconds: other calls come between two. */
const SLICE = 250;

/** What the netboot worker decides by: the site, and its records a slice at a time. */
export const netboot = {
  /** All but the records. */
  async frame(
    db: Kysely<Tables>,
    frame: Omit<SnapshotFrame, 'answerOn'> & {
      /** All interfaces there are; the operator's choice of them is answered on. */
      readonly interfaces: SnapshotFrame['answerOn'];
      /** Name of this server; empty where there can be only one. */
      readonly server?: string;
    },
  ): Promise<NetbootFrame> {
    const site = await settings.get(db);
    const { interfaces, server = '', ...rest } = frame;
    const answerOn = interfaces.filter(({ name }) => site.answerOn.includes(name));
    return buildNetbootFrame(
      {
        unknownMachines: site.unknownMachines,
        deployments: await offered(db, frame.nowMs),
        sharedMacs: (await allShared(db)).macs,
        excludedMacs: new Set(site.excludedMacs),
        boot: await bootSite(db, []),
        signers: new Map((await bootChains.signers(db)).map((one) => [one.machine, one])),
        rules: { only: site.answerOnly, ignore: site.ignoreClients },
        offerDelayMs: site.responseDelaySeconds * 1000,
        pxeMenu: site.pxeMenu,
        bench: benchDhcp(site.benchDhcp, { interfaces: answerOn, server }),
      },
      { ...rest, answerOn },
    );
  },

  /** The records that come after one. `after` is the last of them; null: these were the last. */
  async slice(
    db: Kysely<Tables>,
    { after, nowMs }: { readonly after: string; readonly nowMs: number },
  ): Promise<{ readonly devices: readonly NetbootDevice[]; readonly after: DeviceId | null }> {
    const slice = await devices.page(db, { after, limit: SLICE });
    const last = slice.length < SLICE ? null : (slice.at(-1)?.id ?? null);
    return { devices: await decide(db, slice, nowMs), after: last };
  },

  /** Some records, and which of them are no more. */
  async some(
    db: Kysely<Tables>,
    ids: readonly DeviceId[],
    nowMs: number,
  ): Promise<{ readonly devices: readonly NetbootDevice[]; readonly gone: readonly DeviceId[] }> {
    const found = await devices.many(db, ids);
    const known = new Set(found.map(({ id }) => id));
    return {
      devices: await decide(db, found, nowMs),
      gone: ids.filter((id) => !known.has(id)),
    };
  },
};

async function decide(
  db: Kysely<Tables>,
  records: readonly Device[],
  nowMs: number,
): Promise<NetbootDevice[]> {
  const site = await settings.get(db);
  const ids = records.map(({ id }) => id);
  const rows = await db
    .selectFrom('runs')
    .select(runColumns)
    .where('device_id', 'in', ['', ...ids])
    .where((where) =>
      where.or([where('cleared_ms', 'is', null), where('state', 'in', ['running', 'restarting'])]),
    )
    .execute();
  const runs = rows.map(toRun);
  const of = {
    memberOf: await memberships.ofDevices(db, ids),
    deployments: await offered(db, nowMs),
    runs: Map.groupBy<DeviceId, Run>(runs, (run) => run.deviceId),
    boot: await bootSite(db, runs),
    windowsSetupLostMinutes: site.windowsSetupLostMinutes,
    site: site.deployments,
    room: judgeRoom(await windows.list(db), {
      nowMs,
      siteZone: site.deployments.timeZone,
      generalBesideSpecific: site.deployments.generalWindowsBesideSpecific,
    }),
    preferredOf: await preferredFinder(db),
    shared: await allShared(db),
  };
  return records.map((record) => buildNetbootDevice(record, of, nowMs));
}

/** What the site and open runs say of boot images and the way to them. */
async function bootSite(db: Kysely<Tables>, runs: readonly Run[]): Promise<BootSite> {
  const { bootImage, chain } = await settings.get(db);
  const ofDevices = new Map<DeviceId, ChainSettings>();
  const ofModels = new Map<string, ChainSettings>();
  for (const { scope, key, settings: own } of await bootChains.list(db))
    if (scope === 'model') ofModels.set(key, own);
    else ofDevices.set(DeviceId.parse(key), own);
  const ofRuns = new Map<RunId, BootWish['image']>();
  for (const { id } of runs.filter(isOpen)) ofRuns.set(id, await imageOfRun(db, id));
  return { unknownImage: bootImage, all: chain, ofDevices, ofModels, ofRuns };
}

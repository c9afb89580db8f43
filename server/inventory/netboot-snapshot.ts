import type { CollectionId, DeploymentId, DeviceId, MacAddress } from '#agent/protocol/identity.ts';
import { type BootWish, PLAIN_WISH } from '#boot/chain.ts';
import type { SignerMemory } from '#boot/signer-choice.ts';
import type { BenchDhcp } from '../dhcp/bench/pool.ts';
import type { ClientRules } from '../dhcp/client-rule.ts';
import type {
  NetbootAction,
  NetbootDevice,
  NetbootFrame,
  NetbootSnapshot,
  WindowsNetboot,
} from '../netboot/snapshot.ts';
import { type BootSite, bootWish } from './chain-settings.ts';
import {
  chooseDeployments,
  clearCommand,
  type OfferedDeployment,
  startsByItself,
} from './choose-deployments.ts';
import { ALL_UNKNOWN_COMPUTERS, builtInCollectionsOf } from './collection.ts';
import { isForPe } from './deployment-settings.ts';
import type { Device } from './device.ts';
import type { RoomJudge } from './maintenance-window/judge.ts';
import { identifiesByGuid, type SharedIdentifiers } from './match.ts';
import { machineOf } from './policy.ts';
import { isOpen, type Run } from './run.ts';
import type { SiteDeployments } from './site-deployments.ts';
import { diskQuietMs } from './windows-setup.ts';

/** The site's state that decides about network boots, apart from its devices. */
export interface SiteState {
  readonly unknownMachines: 'deploy' | 'ask' | 'ignore';
  readonly deployments: readonly OfferedDeployment[];
  readonly sharedMacs: ReadonlySet<MacAddress>;
  readonly excludedMacs: ReadonlySet<MacAddress>;
  readonly boot: BootSite;
  readonly signers: ReadonlyMap<string, SignerMemory>;
  readonly rules?: ClientRules;
  readonly offerDelayMs?: number;
  readonly pxeMenu?: boolean;
  /** Addresses that are granted; absent where none are. */
  readonly bench?: BenchDhcp;
}
export type SnapshotFrame = Pick<
  NetbootSnapshot,
  'revision' | 'answerOn' | 'bootImages' | 'ports' | 'servers'
> & {
  readonly nowMs: number;
  /** Windows PE boot images that are ready, and whether iPXE and wimboot are. */
  readonly windows?: Pick<WindowsNetboot, 'images' | 'wimboot'>;
};

/** Builds what the netboot worker decides by, apart from the records. */
export function buildNetbootFrame(site: SiteState, frame: SnapshotFrame): NetbootFrame {
  const { nowMs: _nowMs, windows = { images: [], wimboot: false }, ...rest } = frame;
  return {
    ...rest,
    windows: { ...windows, signers: site.signers },
    unknown: decideUnknown(site),
    excludedMacs: site.excludedMacs,
    sharedMacs: site.sharedMacs,
    ...(site.rules === undefined ? {} : { rules: site.rules }),
    ...(site.offerDelayMs === undefined ? {} : { offerDelayMs: site.offerDelayMs }),
    ...(site.pxeMenu === undefined ? {} : { pxeMenu: site.pxeMenu }),
    ...(site.bench === undefined || site.bench.pools.length === 0 ? {} : { bench: site.bench }),
  };
}

/** The record of a device as the netboot worker has it. */
export function buildNetbootDevice(
  device: Device,
  site: DeviceSite & { readonly shared: SharedIdentifiers },
  nowMs: number,
): NetbootDevice {
  return {
    macs: device.macAddresses,
    guid: identifiesByGuid(device.smbiosGuid, site.shared) ? device.smbiosGuid : null,
    target: {
      deviceId: device.id,
      name: device.name,
      action: decideNetboot(device, site, nowMs),
      macs: device.macAddresses.filter((mac) => !site.shared.macs.has(mac)),
    },
  };
}

/** What decides about one device's network boot. */
export interface DeviceSite extends Pick<SiteState, 'deployments' | 'boot'> {
  /** Custom collections of each device. */
  readonly memberOf: ReadonlyMap<DeviceId, readonly CollectionId[]>;
  readonly runs: ReadonlyMap<DeviceId, readonly Run[]>;
  /** Minutes of silence after which a machine in Windows Setup counts as lost. */
  readonly windowsSetupLostMinutes: number;
  readonly site: SiteDeployments;
  readonly room: RoomJudge;
  /** `SMSTSPreferredAdvertID` of devices, by their own variables and those of their collections. */
  readonly preferredOf: (
    device: DeviceId,
    memberOf: ReadonlySet<CollectionId>,
  ) => DeploymentId | null;
}

/** The answer to one device's PXE request. */
export function decideNetboot(device: Device, site: DeviceSite, nowMs: number): NetbootAction {
  const plan = planNetboot(device, site, nowMs);
  if (plan.kind !== 'boot') return plan;
  const { reason, image, deploymentId } = plan;
  const wish = bootWish(device, image, site.boot);
  const offer = deploymentId && { offer: { deviceId: device.id, deploymentId } };
  return { kind: 'boot', reason, wish, ...offer };
}

/** Whether a machine starts, and from which boot image. */
type Plan =
  | {
      readonly kind: 'boot';
      readonly reason: string;
      readonly image: BootWish['image'] | null;
      /** What it is offered, where it is one deployment. */
      readonly deploymentId?: DeploymentId;
    }
  | { readonly kind: 'disk' | 'silent'; readonly reason: string };

function planNetboot(device: Device, site: DeviceSite, nowMs: number): Plan {
  if (device.state === 'ignored') return silent('An operator has refused this machine.');
  const runs = site.runs.get(device.id) ?? [];
  const open = runs.find(isOpen);
  if (open !== undefined) {
    const image = site.boot.ofRuns.get(open.id) ?? PLAIN_WISH.image;
    if (open.nextBoot === 'pe')
      return boot(`A run of "${open.sequenceName}" is open and goes on in the boot image.`, image);
    const quietMs = diskQuietMs(open, site.windowsSetupLostMinutes);
    const where = open.windowsSetup === 'entered' ? 'in Windows Setup' : 'from the disk';
    if (nowMs - open.lastEventMs < quietMs)
      return toDisk(`A run of "${open.sequenceName}" is open and goes on ${where}.`);
    return boot(
      `A run of "${open.sequenceName}" was to go on ${where} and has been silent for ${quietMs / 60_000} minutes.`,
      image,
    );
  }
  if (device.state === 'waiting')
    return boot('Unknown machine: it starts to wait for an operator to approve it.', null);

  const memberOf = new Set([
    ...builtInCollectionsOf(device),
    ...(site.memberOf.get(device.id) ?? []),
  ]);
  const preferred = site.preferredOf(device.id, memberOf);
  const choice = chooseDeployments(
    { memberOf, deployments: site.deployments, runs },
    {
      nowMs,
      environment: 'winpe',
      remoteAddress: null,
      device,
      machine: machineOf(device),
      site: site.site,
      room: site.room,
      preferred,
    },
  );
  const starting = startsByItself(choice, preferred);
  if (starting !== undefined) {
    const { sequenceName, images, deployment } = starting;
    const why = preferred === null ? 'Required' : 'Preferred';
    return { ...boot(`${why}: "${sequenceName}".`, images.boot), deploymentId: deployment.id };
  }
  const fresh = choice.available.findLast(({ deployment }) => !isDoneWith(deployment.id, runs));
  if (fresh !== undefined)
    return {
      ...boot(`Available: "${fresh.sequenceName}".`, fresh.images.boot),
      deploymentId: fresh.deployment.id,
    };
  const [waiting] = choice.waiting;
  if (waiting !== undefined) return toDisk(`${waiting.reason}.`);
  const [done] = choice.available;
  if (done !== undefined)
    return toDisk(
      `Available "${done.sequenceName}" has succeeded here; ${clearCommand(device.name)} offers it again.`,
    );
  // Of a machine that was never deployed from here, another server may know more.
  const nothing = runs.length > 0 ? toDisk : silent;
  const refusal = choice.refused.find((one) => one.retry) ?? choice.refused.at(-1);
  if (refusal !== undefined)
    return refusal.retry
      ? boot(`${refusal.reason}: it waits.`, null)
      : nothing(`${refusal.reason}.`);
  return nothing('Nothing is deployed to a collection of this machine.');
}

/**
 * Whether an available deployment has had its success here: a machine that boots from the network
 * first would else end in the menu each time, since there is no key to press in our boot chain.
 */
function isDoneWith(deployment: string, runs: readonly Run[]): boolean {
  return runs.some(
    (run) => run.deploymentId === deployment && run.state === 'succeeded' && run.clearedMs === null,
  );
}

function decideUnknown(
  site: Pick<SiteState, 'unknownMachines' | 'deployments' | 'boot'>,
): NetbootAction {
  const start = (reason: string): NetbootAction => ({
    kind: 'boot',
    reason,
    wish: bootWish(null, null, site.boot),
  });
  switch (site.unknownMachines) {
    case 'ignore':
      return silent('This site ignores machines it has no record of.');
    case 'ask':
      return start('Unknown machine: it starts to wait for an operator to approve it.');
    case 'deploy':
      break;
  }
  return site.deployments.some(
    ({ deployment, sequenceDisabled }) =>
      deployment.collectionId === ALL_UNKNOWN_COMPUTERS &&
      !sequenceDisabled &&
      isForPe(deployment.settings) &&
      deployment.settings.makeAvailableTo !== 'media-pxe-hidden',
  )
    ? start('Unknown machine, and something is deployed to All Unknown Computers.')
    : silent('Unknown machine, and nothing is deployed to All Unknown Computers.');
}

function boot(reason: string, image: BootWish['image'] | null): Extract<Plan, { kind: 'boot' }> {
  return { kind: 'boot', reason, image };
}
function toDisk(reason: string): { readonly kind: 'disk'; readonly reason: string } {
  return { kind: 'disk', reason };
}
function silent(reason: string): { readonly kind: 'silent'; readonly reason: string } {
  return { kind: 'silent', reason };
}

import { join } from 'node:path';
import { CollectionView, DeploymentView, DeviceView, type RunDetail } from '#server/http/api.ts';
import { SequenceView } from '#server/http/api-sequences.ts';
import type { DeploymentSettingsChange } from '#server/inventory/deployment-settings.ts';
import { waitForRun } from './history.ts';
import { attachLoop } from './loop-device.ts';
import { buildLoopMachine, type LoopMachine, loopMac } from './loop-machine.ts';
import { makeDisk } from './machine.ts';
import type { Lab } from './scenario.ts';
import type { SequenceDocument, Site } from './site.ts';
import type { VolatileDisk } from './volatile-disk.ts';

/** One case of a scenario on loop devices: a machine, its disk, and the sequence deployed to it. */
export interface LoopCase {
  readonly machine: LoopMachine;
  /** Image of its disk. */
  readonly image: string;
  /** Block device of it. */
  readonly device: string;
  /** Its newest run, ended or not; waits a little for a run that was just asked for. */
  run(): Promise<RunDetail>;
}
export interface LoopCaseOptions {
  readonly number: number;
  readonly document: SequenceDocument;
  /** Size of the disk, sparse; null for a machine without one. */
  readonly diskMiB: number | null;
  readonly readOnly?: boolean;
  /** Takes the place of a loop device over a new image of that size. */
  readonly disk?: VolatileDisk;
  /** Where the power is cut, once: `after:7`. */
  readonly cut?: string;
  /** Leaves out the agent's flush until the cut. */
  readonly noFlush?: boolean;
  readonly identity?: Readonly<Record<string, unknown>>;
  /** Of the deployment; what is left out is as it is at first. */
  readonly settings?: DeploymentSettingsChange;
  /** Puts something on the disk before the machine is switched on. */
  readonly prepare?: (image: string, device: string) => Promise<void>;
}

/** Builds a machine and deploys a sequence to it alone, as required: it starts when it is switched on. */
export async function loopCase(lab: Lab, site: Site, options: LoopCaseOptions): Promise<LoopCase> {
  const { number, document, diskMiB } = options;
  const image = options.disk?.image ?? join(lab.directory, `disk-${number}.img`);
  const disks: string[] = [];
  if (options.disk !== undefined) disks.push(options.disk.path);
  else if (diskMiB !== null) {
    await makeDisk(image, diskMiB);
    if (options.prepare !== undefined) {
      await using prepared = await attachLoop(image);
      await options.prepare(image, prepared.path);
    }
    disks.push(lab.use(await attachLoop(image, options.readOnly ?? false)).path);
  }
  const { cut, identity, noFlush = false } = options;
  const machine = lab.use(
    await buildLoopMachine(lab, site, {
      number,
      disks,
      noFlush,
      ...(cut === undefined ? {} : { cut }),
      ...(options.disk === undefined ? {} : { plug: options.disk }),
      ...(identity === undefined ? {} : { identity }),
    }),
  );
  const name = `LOOP-${number}`;
  const { settings } = options;
  await deployTo(site, { name, mac: loopMac(number), document, settings });
  return {
    machine,
    image,
    device: disks[0] ?? '',
    run: () => waitForRun(lab, site, { timeoutMs: 5000, of: name, until: () => true }),
  };
}

/** Imports a device, makes a collection of it alone and deploys the sequence to that, as required. */
export async function deployTo(
  site: Site,
  {
    name,
    mac,
    document,
    accepts = [],
    settings,
  }: {
    readonly name: string;
    readonly mac: string;
    readonly document: SequenceDocument;
    /** Warnings of a high-risk deployment. */
    readonly accepts?: readonly string[];
    readonly settings?: DeploymentSettingsChange | undefined;
  },
): Promise<void> {
  const api = await site.api();
  const text = JSON.stringify(document);
  await api.call('POST', '/sequences', SequenceView, { json: { text, format: 'json' } });
  const device = { name, macAddresses: [mac] };
  const { id } = await api.call('POST', '/devices', DeviceView, { json: device });
  const collection = await api.call('POST', '/collections', CollectionView, {
    json: { name: `Only ${name}` },
  });
  const members = `/collections/${collection.id}/members`;
  await api.call('POST', members, CollectionView, { json: { add: [id] } });
  const aim = {
    sequence: document.name,
    collection: collection.id,
    purpose: 'required',
    accepts,
    settings,
  };
  await api.call('POST', '/deployments', DeploymentView, { json: aim });
}

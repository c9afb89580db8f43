import { join } from 'node:path';
import { type Capture, startCapture } from './capture.ts';
import { type NamedBootFile, startForeignDhcp } from './foreign-dhcp.ts';
import { buildMachine, type Machine, makeDisk } from './machine.ts';
import type { DiskHardware, MachineHardware } from './machine-arguments.ts';
import type { Lab } from './scenario.ts';
import { openSite, type Site } from './site.ts';

/** A site with its own DHCP server, our server beside it, and one machine that is switched off. */
export interface Bench {
  readonly site: Site;
  readonly machine: Machine;
  readonly capture: Capture;
  /** The machine's disk, a raw image. */
  readonly disk: string;
}
export interface BenchOptions {
  readonly unknown?: 'deploy' | 'ask' | 'ignore';
  readonly secureBoot?: boolean;
  readonly bus?: DiskHardware['bus'];
  readonly cache?: DiskHardware['cache'];
  readonly diskMiB?: number;
  readonly hardware?: Partial<MachineHardware>;
  /** False: no other DHCP server is there. */
  readonly foreignDhcp?: boolean;
  /** What that server says of a network boot; nothing when absent. */
  readonly namedBootFile?: NamedBootFile;
  /** The machine's switch; that of the bench when absent. */
  readonly bridge?: string;
}

/** What the bench's machine says of itself. */
export const LAB_MACHINE = {
  name: 'LAB-01',
  mac: '52:54:00:77:00:01',
  uuid: '4c4c4544-0042-3510-8052-b4c04f4e3132',
  manufacturer: 'Acme, Inc.',
  product: 'Lab Box 3000',
  serial: 'LAB0001',
} as const;

/** Builds the bench: nobody is switched on yet, the server answers on the bench's network. */
export async function openBench(lab: Lab, options: BenchOptions = {}): Promise<Bench> {
  if (options.foreignDhcp !== false)
    lab.use(await startForeignDhcp(lab.foreignNamespace, lab.directory, options.namedBootFile));
  const capture = lab.use(await startCapture(lab.directory, lab.signal));
  const site = await openSite(lab, options.unknown ?? 'ask');
  const image = join(lab.directory, 'disk.img');
  await makeDisk(image, options.diskMiB ?? 3072);
  const { name: _, ...identity } = LAB_MACHINE;
  const hardware: MachineHardware = {
    ...identity,
    secureBoot: options.secureBoot ?? false,
    memoryMiB: 1536,
    disk: {
      bus: options.bus ?? 'virtio',
      image,
      readOnly: false,
      serial: 'LABDISK1',
      cache: options.cache ?? 'unsafe',
    },
    ...options.hardware,
  };
  const machine = lab.use(
    await buildMachine(hardware, {
      directory: lab.directory,
      name: 'm1',
      signal: lab.signal,
      ...(options.bridge === undefined ? {} : { bridge: options.bridge }),
    }),
  );
  lab.countBoots(() => machine.boots());
  return { site, machine, capture, disk: image };
}

/** Tells the server of the bench's machine by its MAC address and puts it into a collection. */
export async function enrolMachine({ site }: Bench, collection: string): Promise<void> {
  const { name, mac } = LAB_MACHINE;
  await site.metalwright('device', 'import', '--name', name, '--mac', mac);
  await site.metalwright('collection', 'create', collection);
  await site.metalwright('collection', 'add', collection, name);
}

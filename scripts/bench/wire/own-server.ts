import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BRIDGE } from '../../lab/namespace.ts';
import { type MeasuredServer, startMeasured } from './peers.ts';

/** How a server of ours is started to be measured. */
export interface OwnServerSettings {
  readonly name: string;
  readonly namespace: string;
  readonly directory: string;
  /** Folder with the files of a boot image. */
  readonly bootImages: string;
  /** Added to each of its ports, so that several run in one namespace. */
  readonly portOffset?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** What unknown machines get: at first nothing, as nothing is deployed to them; `ask` starts Linux PE. */
  readonly unknown?: 'deploy' | 'ask';
}

/** Starts `metalwright serve` as an operator does, with its store, its reports and its log, on the bridge. */
export async function startOwnServer(settings: OwnServerSettings): Promise<MeasuredServer> {
  const { name, namespace, directory, bootImages, portOffset = 0, environment } = settings;
  const { unknown = 'deploy' } = settings;
  const listeners = { boot: 7480, agents: 7443, console: 7400 };
  const ports = { dhcp: 67, proxy: 4011, tftp: 69, dhcpClient: 68 };
  const moved = (all: Readonly<Record<string, number>>) =>
    Object.entries(all).map(([key, port]) => [key, port + portOffset] as const);
  const config = {
    dataDirectory: join(directory, `${name}-data`),
    bootImageDirectory: bootImages,
    listeners: Object.fromEntries(moved(listeners).map(([key, port]) => [key, { port }])),
    netboot: { ports: Object.fromEntries(moved(ports)) },
  };
  const file = join(directory, `${name}.yaml`);
  await writeFile(file, JSON.stringify(config));
  return await startMeasured(
    name,
    [
      join(import.meta.dirname, '../../metalwright'),
      'serve',
      '--config',
      file,
      '--answer-on',
      BRIDGE,
      '--unknown',
      unknown,
    ],
    { namespace, directory, ...(environment === undefined ? {} : { environment }) },
  );
}

/** Names of a boot image's files; the server serves none of it unless all are there. */
const IMAGE_FILES = ['shimx64.efi', 'grubx64.efi', 'loader.img', 'rest.squashfs', 'manifest'];

/** Fills a folder that the server takes for a boot image: `vmlinuz` is what is measured. */
export async function writeBootImage(folder: string, files: Record<string, Uint8Array>) {
  for (const name of IMAGE_FILES) await writeFile(join(folder, name), `${name}\n`);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { CliError } from '../cli-error.ts';
import { formatBytes } from '../units.ts';

const run = promisify(execFile);

/** A disk of the machine that a command runs on. */
export interface Disk {
  /** `/dev/sdb` */
  readonly path: string;
  readonly isUsb: boolean;
  readonly model: string;
  /** Empty where it tells none. */
  readonly serial: string;
  /** 0 for a reader without a card. */
  readonly sizeBytes: number;
  readonly isReadOnly: boolean;
  /** Where it, or a part of it, is mounted, is swapped to, or belongs to a RAID or an encrypted volume. */
  readonly uses: readonly string[];
}

/** Asks which disks there are; tests hand in their own. */
export type ListDisks = () => Promise<readonly Disk[]>;

const Text = z
  .string()
  .nullish()
  .transform((text) => text?.trim() ?? '');
const Node = z.object({
  name: z.string(),
  path: z.string(),
  type: z.string(),
  size: z.int().nonnegative(),
  ro: z.boolean(),
  tran: Text,
  vendor: Text,
  model: Text,
  serial: Text,
  mountpoints: z.array(z.string().nullable()).default([]),
  get children() {
    return z.array(Node).optional();
  },
});
type Node = z.infer<typeof Node>;
const COLUMNS = 'NAME,PATH,TYPE,SIZE,RO,TRAN,VENDOR,MODEL,SERIAL,MOUNTPOINTS';

/** Disks as lsblk (util-linux) lists them. @throws {CliError} `usb.disks` */
export async function listDisks(): Promise<readonly Disk[]> {
  try {
    const { stdout } = await run('lsblk', ['--json', '--bytes', '--output', COLUMNS]);
    return parseDisks(stdout);
  } catch (error) {
    throw new CliError(
      'usb.disks',
      `the disks of this machine cannot be listed: ${String(error)}`,
      {
        hint: 'on a Linux without lsblk, or another system, fetch the image (metalwright media download) and write it by a tool of that system',
        cause: error,
      },
    );
  }
}

/** What lsblk says, as JSON. @throws {z.ZodError} */
export function parseDisks(json: string): readonly Disk[] {
  const { blockdevices } = z.object({ blockdevices: z.array(Node) }).parse(JSON.parse(json));
  return blockdevices
    .filter(({ type }) => type === 'disk')
    .map((node) => ({
      path: node.path,
      isUsb: node.tran === 'usb',
      model: [node.vendor, node.model].filter((text) => text !== '').join(' '),
      serial: node.serial,
      sizeBytes: node.size,
      isReadOnly: node.ro,
      uses: usesOf(node),
    }));
}

/** A disk in words, as a person tells one from another. */
export function describeDisk({ path, model, serial, sizeBytes }: Disk): string {
  const name = model === '' ? 'no model' : model;
  const told = serial === '' ? 'no serial' : `serial ${serial}`;
  return `${path}: ${name}, ${told}, ${formatBytes(sizeBytes)}`;
}

function usesOf({ path, type, mountpoints, children = [] }: Node): string[] {
  const own = mountpoints.flatMap((place) => (place === null ? [] : [`${path} at ${place}`]));
  const layer = type === 'disk' || type === 'part' ? [] : [`${path} (${type})`];
  return [...own, ...layer, ...children.flatMap(usesOf)];
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, runTool } from './process.ts';

/** A boot entry of the firmware (UEFI 3.1.3, `Boot####`). */
export interface BootEntry {
  /** Four hex digits, upper case. */
  readonly number: string;
  readonly label: string;
  /** GUID of the partition that a hard-drive entry starts from, lower case. */
  readonly partitionGuid: string | undefined;
  /** Path of the loader with backslashes. */
  readonly loader: string | undefined;
  /** Whether it starts from the network. */
  readonly network: boolean;
  /** Whether it starts from a drive on USB. */
  readonly usb?: boolean;
}
export interface NewBootEntry {
  readonly label: string;
  readonly disk: string;
  readonly partitionNumber: number;
  readonly partitionGuid: string;
  readonly loader: string;
  /** What the firmware hands to the loader, as it is (UEFI 3.1.3, OptionalData). */
  readonly optionalData?: Uint8Array;
}
export interface BootMenu {
  readonly entries: readonly BootEntry[];
  /** Numbers, the first tried first. */
  readonly order: readonly string[];
  /** The one this environment was started from. */
  readonly current: string | undefined;
}

/** The firmware's boot entries: the machine's own, or those of a test machine in a file. */
export interface BootEntries {
  read(signal: AbortSignal): Promise<BootMenu>;
  /** Makes an entry and puts it first. */
  create(entry: NewBootEntry, signal: AbortSignal): Promise<void>;
  remove(number: string, signal: AbortSignal): Promise<void>;
  setOrder(order: readonly string[], signal: AbortSignal): Promise<void>;
  /** For the next start only. */
  setNext(number: string, signal: AbortSignal): Promise<void>;
}

const ENTRY = /^Boot([0-9A-F]{4})[* ] ?(.*)$/i;
const HARD_DRIVE = /HD\(\d+,GPT,([0-9a-f-]{36})/i;
const NETWORK = /MAC\([0-9a-f]+,|IPv4\(|IPv6\(|Uri\(/i;
const USB = /USB\(|UsbClass\(|UsbWwid\(/i;
const LOADER = /File\(([^)]*)\)|\/(\\[^/]+\.efi)/i;

/** Reads the output of `efibootmgr -v` (Debian 12's version 17, and 18's other loader form). Pure. */
export function parseEfibootmgr(output: string): BootMenu {
  const entries: BootEntry[] = [];
  let order: readonly string[] = [];
  let current: string | undefined;
  for (const line of output.split('\n')) {
    const [, listed] = /^BootOrder: (.*)$/.exec(line) ?? [];
    if (listed !== undefined)
      order = listed.split(',').map((number) => number.trim().toUpperCase());
    current ??= /^BootCurrent: ([0-9A-F]{4})/i.exec(line)?.[1]?.toUpperCase();
    const [, number, rest] = ENTRY.exec(line) ?? [];
    if (number === undefined || rest === undefined) continue;
    // Label and device path are parted by a tab.
    const [label = '', path = ''] = rest.split('\t');
    const [, file, plain] = LOADER.exec(path) ?? [];
    entries.push({
      number: number.toUpperCase(),
      label: label.trim(),
      partitionGuid: HARD_DRIVE.exec(path)?.[1]?.toLowerCase(),
      loader: file ?? plain,
      network: NETWORK.test(path),
      ...(USB.test(path) ? { usb: true } : {}),
    });
  }
  return { entries, order, current };
}

/** Boot entries by efibootmgr, in the firmware's variables. */
export const firmwareBootEntries: BootEntries = {
  async read(signal) {
    // Where no init has mounted the variables; fails when they are there already.
    await runCommand(
      {
        argv: ['mount', '-t', 'efivarfs', 'efivarfs', '/sys/firmware/efi/efivars'],
        timeoutMs: 10_000,
      },
      signal,
    );
    return parseEfibootmgr((await runTool(['efibootmgr', '--verbose'], signal)).stdout);
  },
  async create({ label, disk, partitionNumber, loader, optionalData }, signal) {
    const where = ['--disk', disk, '--part', String(partitionNumber)];
    const entry = ['--label', label, '--loader', loader];
    if (optionalData === undefined) {
      await runTool(['efibootmgr', '--create', ...where, ...entry], signal);
      return;
    }
    const folder = await mkdtemp(join(tmpdir(), 'boot-entry-'));
    try {
      const file = join(folder, 'data');
      await writeFile(file, optionalData);
      const data = ['--append-binary-args', file];
      await runTool(['efibootmgr', '--create', ...where, ...entry, ...data], signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  async remove(number, signal) {
    await runTool(['efibootmgr', '--delete-bootnum', '--bootnum', number], signal);
  },
  async setOrder(order, signal) {
    await runTool(['efibootmgr', '--bootorder', order.join(',')], signal);
  },
  async setNext(number, signal) {
    await runTool(['efibootmgr', '--bootnext', number], signal);
  },
};

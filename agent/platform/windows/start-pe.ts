import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { join, win32 } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { networkCards, type PciDevice } from './pci-devices.ts';
import type { RunWindowsTool } from './run-tool.ts';

/** A driver whose device does not answer may take its time. */
const DRVLOAD_TIMEOUT_MS = 180_000;
const LOOK_MS = 1_000;
/** DHCP on a port with spanning tree takes half a minute. */
const PATIENCE_MS = 20_000;
const AGAIN_MS = 60_000;
const MAX_DEPTH = 8;

/** What is shown while there is nothing else to show. */
export type TellStart = (view: { readonly code: string | null; readonly text: string }) => void;

/**
 * Loads the drivers of a boot image, folder after folder in the order of its settings: where two drivers
 * would serve one device, the first that is loaded has it. One that does not load stops nothing.
 */
export async function loadDrivers(
  folders: readonly string[],
  parts: {
    readonly runTool: RunWindowsTool;
    readonly log: (message: string) => void;
    readonly tell: TellStart;
  },
  signal: AbortSignal,
): Promise<void> {
  const { runTool, log, tell } = parts;
  for (const folder of folders) {
    const infs = await infFiles(folder);
    if (infs.length === 0) log(`No drivers are in ${folder}`);
    for (const inf of infs) {
      tell({ code: null, text: `Loading driver ${win32.basename(inf)}` });
      try {
        const command = { argv: ['drvload.exe', inf], timeoutMs: DRVLOAD_TIMEOUT_MS } as const;
        const { code, exit } = await runTool({ ...command, allowed: 'any' }, signal);
        const end = code === 0 ? 'loaded' : `not loaded, ${code}: ${exit.meaning}`;
        log(`Driver ${inf}: ${end}`);
      } catch (error) {
        signal.throwIfAborted();
        log(`Driver ${inf}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

async function infFiles(folder: string, depth = 0): Promise<string[]> {
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth < MAX_DEPTH) found.push(...(await infFiles(path, depth + 1)));
    else if (/\.inf$/i.test(entry.name)) found.push(path);
  }
  return found;
}

/**
 * Waits until this machine has an address, and says what is missing while it has none: a driver, a cable,
 * or DHCP. Never gives up by itself: a cable may be plugged in.
 */
export async function waitForNetwork(
  parts: {
    readonly networkInterfaces: () => Readonly<
      Record<string, readonly NetworkInterfaceInfo[] | undefined>
    >;
    readonly pciDevices: (signal: AbortSignal) => Promise<readonly PciDevice[]>;
    readonly runTool: RunWindowsTool;
    readonly log: (message: string) => void;
    readonly tell: TellStart;
    readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  },
  signal: AbortSignal,
): Promise<void> {
  const { log, tell, wait = pause } = parts;
  tell({ code: null, text: 'Waiting for the network' });
  let waitedMs = 0;
  let nextMs = PATIENCE_MS;
  while (!hasAddress(parts.networkInterfaces())) {
    signal.throwIfAborted();
    await wait(LOOK_MS, signal);
    waitedMs += LOOK_MS;
    if (waitedMs < nextMs) continue;
    nextMs += AGAIN_MS;
    const reason = missingNetwork(networkCards(await parts.pciDevices(signal)));
    log(`No network address after ${waitedMs / 1000} s. ${reason}`);
    tell({ code: 'network.none', text: `This machine has no network address. ${reason}` });
    // A driver that was loaded after wpeinit has no network bound to it until this.
    await parts
      .runTool({ argv: ['wpeutil.exe', 'InitializeNetwork'], allowed: 'any' }, signal)
      .catch((error: unknown) => log(`wpeutil InitializeNetwork: ${String(error)}`));
  }
}

/** One that the machine gave itself, for want of a DHCP server, is none. */
export function hasAddress(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): boolean {
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .some(({ internal, family, address }) => {
      if (internal) return false;
      return family === 'IPv4' ? !/^(169\.254|0)\./.test(address) : !/^fe80:/i.test(address);
    });
}

/** What to do about a machine without a network. Pure. */
export function missingNetwork(cards: readonly PciDevice[]): string {
  const lacking = cards.filter(({ hasDriver }) => !hasDriver);
  if (lacking.length > 0) {
    const ids = lacking.map(({ hardwareIds }) => hardwareIds[0] ?? 'a device').join(', ');
    return `The boot image has no driver for the network controller ${ids}: add it to the boot image`;
  }
  if (cards.length === 0)
    return 'Windows PE sees no network controller on PCI: one on USB needs its driver in the boot image, one in the firmware may be switched off';
  const ids = cards.map(({ hardwareIds }) => hardwareIds[0] ?? 'a device').join(', ');
  return `The driver for ${ids} is loaded: look at the cable, at the port of the switch, and at DHCP`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}

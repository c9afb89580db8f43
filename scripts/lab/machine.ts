import { copyFile, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type Child, readLog, runCommand, startChild } from './child.ts';
import {
  initialNvram,
  type MachineFiles,
  type MachineHardware,
  machineArguments,
  ROM_SCRIPT,
} from './machine-arguments.ts';
import { addTap } from './namespace.ts';
import { connectUnix, openQmp, type Qmp } from './qmp.ts';
import { waitFor } from './wait.ts';

/** A virtual machine with real firmware. Its disk, variable store and logs outlive every power cut. */
export interface Machine extends AsyncDisposable {
  readonly hardware: MachineHardware;
  powerOn(): Promise<void>;
  /** Pulls the plug: QEMU is killed; what the guest had not yet written to its disk is lost. */
  cutPower(): Promise<void>;
  /** Starts of the firmware so far: power-ons and restarts. */
  boots(): number;
  /** Everything the serial port has said since the machine was made, of all power-ons. */
  serial(): Promise<string>;
  /** Waits for a text on the serial port, after position `from` of `serial()`. */
  waitForSerial(text: string | RegExp, timeoutMs: number, from?: number): Promise<string>;
  /** Types at the serial port, as fast as a person would. */
  type(text: string): Promise<void>;
  /** Bytes read from its disk since it was switched on. */
  diskRead(): Promise<number>;
  /** Writes a picture of the screen, PNG. */
  screenshot(path: string): Promise<void>;
}

const BlockStats = z.array(
  z.object({ device: z.string().optional(), stats: z.object({ rd_bytes: z.number() }) }),
);

/** Accelerator: `tcg` works everywhere; METALWRIGHT_LAB_ACCELERATOR=kvm is faster where it is there. */
const accelerator = process.env['METALWRIGHT_LAB_ACCELERATOR'] ?? 'tcg';

/** Builds a machine, switched off, on a port of its own of the bench's switch. */
export async function buildMachine(
  hardware: MachineHardware,
  options: {
    readonly directory: string;
    readonly name: string;
    readonly signal: AbortSignal;
    /** Its switch; that of the bench when absent. */
    readonly bridge?: string;
  },
): Promise<Machine> {
  const { directory, name, signal } = options;
  const files: MachineFiles = {
    nvram: join(directory, `${name}.nvram`),
    serialLog: join(directory, `${name}.serial.log`),
    serialSocket: join(directory, `${name}.serial`),
    qmpSocket: join(directory, `${name}.qmp`),
    tap: `tap-${name}`.slice(0, 15),
    intelTap: `tap-i-${name}`.slice(0, 15),
    romScript: join(directory, `${name}.ipxe`),
  };
  await copyFile(initialNvram(hardware), files.nvram);
  await writeFile(files.romScript, ROM_SCRIPT);
  await addTap(files.tap, options.bridge);
  if (hardware.intelMac !== undefined) await addTap(files.intelTap);
  let boots = 0;
  let power: { child: Child; qmp: Qmp; serial: Socket } | undefined;
  const cutPower = async () => {
    power?.qmp[Symbol.dispose]();
    power?.serial.destroy();
    power?.child.kill('SIGKILL');
    await power?.child.exited;
    power = undefined;
  };
  const running = () => {
    if (power?.child.running() !== true) throw new Error(`machine ${name} is switched off`);
    return power;
  };
  return {
    hardware,
    async powerOn() {
      if (power?.child.running() === true) throw new Error(`machine ${name} is on already`);
      await cutPower();
      const child = await startChild(machineArguments(hardware, files, accelerator), {
        logFile: join(directory, `${name}.qemu.log`),
      });
      const onEvent = (event: string, data: Readonly<Record<string, unknown>>) => {
        if (event === 'RESET' && data['guest'] === true) boots += 1;
      };
      const sockets = await waitFor(
        'QEMU opens its sockets',
        () => openSockets(files, child, onEvent),
        {
          timeoutMs: 20_000,
          signal,
          evidence: () => child.tail(),
        },
      );
      power = { child, ...sockets };
      boots += 1;
    },
    cutPower,
    boots: () => boots,
    serial: () => readLog(files.serialLog),
    async waitForSerial(text, timeoutMs, from = 0) {
      let seen = '';
      await waitFor(
        `serial port of ${name} says ${text}`,
        async () => {
          seen = (await readLog(files.serialLog)).slice(from);
          const found = typeof text === 'string' ? seen.includes(text) : text.test(seen);
          return found ? true : undefined;
        },
        { timeoutMs, signal, evidence: () => seen.slice(-2000) },
      );
      return seen;
    },
    async type(text) {
      const { serial } = running();
      for (const character of text) {
        serial.write(character);
        await pause(50, undefined, { signal });
      }
    },
    async diskRead() {
      const stats = BlockStats.parse(await running().qmp.execute('query-blockstats'));
      return stats.find(({ device }) => device === 'd0')?.stats.rd_bytes ?? 0;
    },
    async screenshot(path) {
      await running().qmp.execute('screendump', { filename: path, format: 'png' });
    },
    [Symbol.asyncDispose]: cutPower,
  };
}

async function openSockets(
  files: MachineFiles,
  child: Child,
  onEvent: (event: string, data: Readonly<Record<string, unknown>>) => void,
): Promise<{ qmp: Qmp; serial: Socket } | undefined> {
  if (!child.running()) throw new Error(`QEMU ended at once:\n${child.tail()}`);
  try {
    const serial = await connectUnix(files.serialSocket);
    serial.on('error', () => {}); // QEMU was killed
    serial.resume(); // QEMU logs it to a file; here it is only drained
    return { serial, qmp: await openQmp(files.qmpSocket, onEvent) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

/** Makes an empty disk, sparse. */
export async function makeDisk(path: string, sizeMiB: number): Promise<void> {
  await runCommand(['truncate', '-s', `${sizeMiB}M`, path]);
}

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { bootstrapEnvironment } from '#agent/protocol/bootstrap.ts';
import type { MachineIdentity } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import { type Child, type Exit, readLog, runCommand, startChild } from './child.ts';
import type { Lab } from './scenario.ts';
import type { Site } from './site.ts';

/**
 * A machine without firmware: the agent as a process of this host, its disks loop devices, its boot
 * entries and restarts in a file (agent/README.md). Partitions, file systems and images are real.
 */
export interface LoopMachine extends AsyncDisposable {
  /** Starts the agent where the firmware would: in PE, or in the OS once a boot entry is there. */
  powerOn(): Promise<Child>;
  /** Starts the agent in PE, whatever the boot order says: the firmware was told to take the network. */
  startInPe(): Promise<Child>;
  /** Starts the agent in the installed system, which is that of the host here. */
  startInOs(): Promise<Child>;
  /** Cache of the client of its installed system. */
  readonly cacheFolder: string;
  /** Starts again after each restart that the agent asks for and after its cut, until it ends otherwise. `first`: where it starts first, with these words behind the agent's name. */
  runToEnd(first?: Environment, words?: readonly string[]): Promise<Exit>;
  /** Whether the power was cut at the place that the options name. */
  wasCut(): boolean;
  /** Kills the agent and all it started, and forgets its mounts: what was in memory is gone. */
  cutPower(): Promise<void>;
  /** What the agent showed and said, of all boots. */
  output(): Promise<string>;
  /** Starts of the agent. */
  boots(): number;
}
export interface LoopMachineOptions {
  /** From 1 to 255: every machine of a scenario has its own, and with it its MAC address and serial number. */
  readonly number: number;
  /** Block devices, in the order of their numbers. */
  readonly disks: readonly string[];
  /** Where the power is cut, once, as cut-power.ts reads it: `after:7`. */
  readonly cut?: string;
  /** What happens to the disks then: `cut` at once, `restore` when nothing of the machine runs any more. */
  readonly plug?: { cut(): void; restore(): Promise<unknown> };
  /** Leaves out the agent's flush: a test of tests. */
  readonly noFlush?: boolean;
  /** What the agent is started with besides, or instead where it is the same variable; empty for none of it. */
  readonly settings?: (environment: Environment) => Promise<Readonly<Record<string, string>>>;
  /** Differences from what {@link loopIdentity} says. */
  readonly identity?: Readonly<Record<string, unknown>>;
}

/** Exit code with which the agent of a loop machine restarts: EX_TEMPFAIL of sysexits.h, by choice. */
const RESTART_EXIT = 75;
/** Starts of one machine in `runToEnd`: more is a machine that restarts for ever. */
const MAX_STARTS = 12;
const repository = join(import.meta.dirname, '../..');

const FirmwareState = z.object({
  entries: z.array(z.unknown()).default([]),
  order: z.array(z.string()).default([]),
  restarts: z.array(z.object({ next: z.enum(['pe', 'disk']) })).default([]),
});

/** MAC address of the loop machine with that number. */
export function loopMac(number: number): string {
  return `52:54:00:77:01:${number.toString(16).padStart(2, '0')}`;
}

/** Serial number of the loop machine with that number. */
export function loopSerial(number: number): string {
  return `LOOP${String(number).padStart(4, '0')}`;
}

/** What the loop machine with that number says of itself, but for what is changed. */
export function loopIdentity(
  number: number,
  change: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const identity: Record<keyof MachineIdentity, unknown> = {
    smbiosGuid: `4c4c4544-0042-3510-8052-0000000000${number.toString(16).padStart(2, '0')}`,
    macAddresses: [loopMac(number)],
    serialNumber: loopSerial(number),
    assetTag: null,
    manufacturer: 'Acme, Inc.',
    model: 'Loop machine',
    architecture: 'x64',
    firmware: 'uefi',
    secureBoot: false,
    memoryBytes: 2 * 1024 ** 3,
    unclaimedDevices: [],
  };
  return { ...identity, ...change };
}

/** Builds a loop machine, switched off. */
export async function buildLoopMachine(
  lab: Lab,
  site: Site,
  options: LoopMachineOptions,
): Promise<LoopMachine> {
  const directory = join(lab.directory, `machine-${options.number}`);
  const state = join(directory, 'state');
  const stateFile = join(directory, 'firmware.json');
  const cacheFolder = join(directory, 'cache');
  const description = join(directory, 'machine.json');
  const logFile = join(directory, 'agent.log');
  await mkdir(state, { recursive: true });
  await writeFile(
    description,
    JSON.stringify({
      identity: loopIdentity(options.number, options.identity ?? {}),
      disks: options.disks.map((path, index) => ({
        path,
        model: 'Loop disk',
        serial: `D${index}`,
      })),
      stateFile,
      restartExitCode: RESTART_EXIT,
      cacheFolder,
      agentBinary: import.meta.filename, // any small file: what is installed cannot be started here
    }),
  );
  let boots = 0;
  let wasCut = false;
  let agent: Child | undefined;
  const cutPower = async () => {
    agent?.kill('SIGKILL');
    await agent?.exited;
    agent = undefined;
    await unmountBelow(state);
  };
  const start = async (
    restarted: boolean,
    environment?: Environment,
    words: readonly string[] = [],
  ): Promise<Child> => {
    await cutPower();
    boots += 1;
    const cut = wasCut ? undefined : options.cut;
    const plug = [
      ...(cut === undefined ? [] : ['cut-power.ts']),
      ...(cut !== undefined && options.noFlush === true ? ['no-flush.ts'] : []),
    ].flatMap((file) => ['--import', join(import.meta.dirname, file)]);
    const argv = [...plug, join(repository, 'agent/main.ts'), ...words];
    const where = environment ?? (await nextEnvironment(stateFile, restarted));
    agent = await startChild([process.execPath, ...argv], {
      logFile,
      environment: {
        [bootstrapEnvironment.server]: `${site.address}:7443`,
        [bootstrapEnvironment.bootBase]: `http://${site.address}:7480`,
        [bootstrapEnvironment.siteCa]: join(site.data, 'site-ca.pem'),
        [bootstrapEnvironment.environment]: where,
        [bootstrapEnvironment.bootMac]: loopMac(options.number),
        METALWRIGHT_STATE: state,
        METALWRIGHT_LAB_MACHINE: description,
        ...(cut === undefined ? {} : { METALWRIGHT_LAB_CUT: cut }),
        ...(await options.settings?.(where)),
      },
    });
    return agent;
  };
  return {
    powerOn: () => start(false),
    startInPe: () => start(false, 'linux-pe'),
    startInOs: () => start(false, 'full-os'),
    cacheFolder,
    cutPower,
    boots: () => boots,
    wasCut: () => wasCut,
    output: () => readLog(logFile),
    async runToEnd(first, words) {
      let restarted = false;
      for (let starts = 0; starts < MAX_STARTS; starts += 1) {
        lab.signal.throwIfAborted();
        const exit: Exit = await (
          await (starts === 0 ? start(restarted, first, words) : start(restarted))
        ).exited;
        restarted = exit.code === RESTART_EXIT;
        const cutNow = !wasCut && options.cut !== undefined && exit.signal === 'SIGKILL';
        if (!restarted && !cutNow) return exit;
        wasCut ||= cutNow;
        if (cutNow && options.plug !== undefined) {
          options.plug.cut();
          await cutPower();
          await options.plug.restore();
        }
      }
      throw new Error(`the loop machine restarted ${MAX_STARTS} times`);
    },
    [Symbol.asyncDispose]: cutPower,
  };
}

/**
 * Where the firmware would start: in PE after a restart to PE, else by its boot order, in which the entry
 * of an OS comes before the network.
 */
async function nextEnvironment(stateFile: string, restarted: boolean): Promise<Environment> {
  if (!existsSync(stateFile)) return 'linux-pe';
  const { restarts, order } = FirmwareState.parse(JSON.parse(await readFile(stateFile, 'utf8')));
  if (restarted && restarts.at(-1)?.next === 'pe') return 'linux-pe';
  return order.length > 0 ? 'full-os' : 'linux-pe';
}

/** Mounts that a killed agent left, the innermost first. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8'))
    .split('\n')
    .flatMap((line) => line.split(' ')[1] ?? [])
    .filter((path) => path.startsWith(`${folder}/`))
    .sort((one, other) => other.length - one.length);
  for (const path of mounts) await runCommand(['umount', '--lazy', path], { accept: [32] });
}

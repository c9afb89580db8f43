import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AGENT_PROGRAM } from '#agent/protocol/agent-settings.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import { SITE_CA_FILE as SERVED_CA_FILE } from '#server/cli/client-command.ts';
import { type Child, runCommand } from '../child.ts';
import { makeDisk } from '../machine.ts';
import type { Lab } from '../scenario.ts';
import type { Site } from '../site.ts';
import { layAgent, writeSettings } from './agent-folder.ts';
import { LabDisk } from './disks.ts';
import { findInstalledWindows, type InstalledWindows } from './installed-windows.ts';
import { type LabDevice, layPrefix, removedBuiltins } from './prefix.ts';
import { prepareWineRoot } from './root.ts';
import { wineMachine } from './session.ts';
import { type StandInTool, serveStandIns } from './stand-in-server.ts';
import { CALLS_LIBRARY, compileStandIns } from './stand-ins.ts';
import type { BitLockerVolume } from './tools/manage-bde.ts';
import type { PrintedForms } from './tools/printed-forms.ts';
import { standInTools } from './tools.ts';
import { endOf, logsBelow } from './watch.ts';
import { windowsCalls } from './windows-calls.ts';
import { findWithoutCase, inside, windowsPath } from './windows-paths.ts';

/** Starts of one computer until its run has ended: more is one that restarts for ever. */
const MAX_STARTS = 10;

/**
 * A computer whose Windows is Wine: the packaged agent runs in it against a real server, its disk is an image with
 * real file systems, and tools that Wine has not are stand-ins that do their work on it.
 */
export interface WineComputer extends AsyncDisposable {
  readonly disk: LabDisk;
  /** What BitLocker keeps, by the GUID of the volume. */
  readonly bitLocker: ReadonlyMap<string, BitLockerVolume>;
  /** Switches it on, again after each restart and after its cut, until the agent ends by itself. */
  runToEnd(): Promise<number | null>;
  /** What tools were called, in their order. */
  readonly calls: readonly string[];
  starts(): number;
  wasCut(): boolean;
  /** Environments that it started in. */
  readonly environments: readonly Environment[];
  /** What the agent printed and logged, of all starts. */
  output(): Promise<string>;
}
export interface WineComputerOptions {
  readonly name: string;
  /** Folder with the agent's program. */
  readonly agent: string;
  readonly forms: PrintedForms;
  readonly diskMiB: number;
  readonly system: { readonly uuid: string; readonly serial: string };
  readonly devices: readonly LabDevice[];
  /** Called before the installed Windows starts, with its disk mounted. */
  readonly starting: (installed: InstalledWindows) => Promise<void>;
  /** Whether the run has ended on the server. */
  readonly ended: () => Promise<boolean>;
  /** Whether the power is cut once, in the middle of applying an image. */
  readonly cutInDism: boolean;
}

export async function buildWineComputer(
  lab: Lab,
  site: Site,
  options: WineComputerOptions,
): Promise<WineComputer> {
  const home = join(lab.directory, options.name);
  const folders = {
    lab: join(home, 'stand-ins'),
    volumes: join(home, 'volumes'),
    devices: join(home, 'devices'),
    agent: join(home, 'agent'),
  };
  for (const path of [home, folders.volumes]) await mkdir(path, { recursive: true });
  // What is mounted in it later is to be seen by Wine, which is in a mount namespace of its own.
  await runCommand(['mount', '--bind', folders.volumes, folders.volumes]);
  await runCommand(['mount', '--make-shared', folders.volumes]);
  const log: string[] = [];
  const image = join(home, 'disk.img');
  await makeDisk(image, options.diskMiB);
  const disk = new LabDisk({
    image,
    sizeBytes: options.diskMiB * 1024 * 1024,
    folder: folders.volumes,
    devices: folders.devices,
    insideOf: (folder) => folder.replace(folders.volumes, inside.volumes),
  });
  const bitLocker = new Map<string, BitLockerVolume>();
  disk.onFormat = (guid) => bitLocker.delete(guid);
  const environments: Environment[] = [];
  let starts = 0;
  let cut = false;
  let session: Child | undefined;
  let restarting = false;
  let changes = '';

  const hostPath = async (path: string): Promise<string | undefined> => {
    const [, letter = '', rest = ''] = /^(?:\\\\\?\\)?([A-Z]):\\(.*)$/i.exec(path) ?? [];
    const volume = disk.volumes.find((each) => each.letter === letter.toUpperCase());
    const roots = letter.toUpperCase() === 'C' ? join(changes, 'upper/drive_c') : volume?.folder;
    return roots === undefined
      ? undefined
      : findWithoutCase(
          roots,
          rest.split('\\').filter((part) => part !== ''),
        );
  };
  const power: StandInTool = async ({ words }) => {
    if (!words.some((word) => /^(reboot|\/r)$/i.test(word))) return 0;
    restarting = true;
    // Not before the tool has ended: the agent then waits for the end of Windows.
    setTimeout(() => session?.kill('SIGKILL'), 1500);
    return 0;
  };
  const tools = standInTools({
    disk,
    forms: options.forms,
    hostPath,
    bitLocker,
    power,
    async applying() {
      if (!options.cutInDism || cut) return false;
      cut = true;
      log.push('power cut');
      session?.kill('SIGKILL');
      return true;
    },
  });
  await compileStandIns(folders.lab, Object.keys(tools), lab.signal);
  await layAgent(folders.agent, options.agent, join(site.data, SERVED_CA_FILE));
  const standIns = await serveStandIns(tools, windowsCalls(disk, options.system), (line) =>
    log.push(line),
  );
  const root = await prepareWineRoot({
    signal: lab.signal,
    log: (line) => lab.see('machine', line),
  });
  const manageBdeProgram = join(folders.lab, 'manage-bde.exe');
  const logFile = join(home, 'agent.log');

  const powerOn = async (environment: Environment): Promise<Child> => {
    starts += 1;
    environments.push(environment);
    restarting = false;
    // Windows PE begins with nothing but its image each time; the installed Windows keeps what it has.
    changes = join(home, environment === 'winpe' ? `memory-${starts}` : 'installed');
    const mounts = [
      { host: folders.lab, inside: inside.lab },
      { host: folders.agent, inside: inside.agent },
      { host: folders.volumes, inside: inside.volumes },
      ...(environment === 'winpe' ? removedBuiltins(root) : []),
    ];
    const machine = await wineMachine(root, changes, {
      mounts,
      devices: folders.devices,
      signal: lab.signal,
    });
    if (environment === 'winpe')
      await layPrefix(machine, { devices: options.devices, tools: [manageBdeProgram] });
    await disk.mountAll();
    return machine.start(await firstProgram(environment), {
      logFile,
      environment: {
        WINEPATH: windowsPath(inside.lab),
        LAB_STAND_IN_PORT: String(standIns.port),
        METALWRIGHT_LAB_CALLS: windowsPath(`${inside.lab}/${CALLS_LIBRARY}`),
        METALWRIGHT_STATE: 'C:\\Metalwright',
      },
    });
  };
  /** In Windows PE the agent of the boot image; in the installed Windows the service that its registry names. */
  const firstProgram = async (
    environment: Environment,
  ): Promise<readonly [string, ...string[]]> => {
    if (environment === 'winpe') {
      await writeSettings(folders.agent, environment);
      return [windowsPath(`${inside.agent}/${AGENT_PROGRAM}`)];
    }
    const installed = await findInstalledWindows(disk.volumes);
    if (installed === undefined) throw new Error('no Windows of the disk starts the agent');
    await options.starting(installed);
    return installed.argv;
  };
  const powerOff = async (): Promise<void> => {
    session?.kill('SIGKILL');
    await session?.exited;
    session = undefined;
    await disk.unmountAll();
  };

  return {
    disk,
    bitLocker,
    calls: log,
    environments,
    starts: () => starts,
    wasCut: () => cut,
    async runToEnd() {
      for (;;) {
        if (starts >= MAX_STARTS) throw new Error(`it started ${MAX_STARTS} times`);
        session = await powerOn((await startsFromDisk(disk)) ? 'full-os' : 'winpe');
        const before = cut;
        const code = await endOf(session, options.ended);
        await powerOff();
        if (!restarting && cut === before) return code;
      }
    },
    async output() {
      const parts = await Promise.all(
        [logFile, ...(await logsBelow(home))].map(
          async (path) => `--- ${path}\n${await readFile(path, 'utf8').catch(() => '')}`,
        ),
      );
      return parts.join('\n');
    },
    async [Symbol.asyncDispose]() {
      await powerOff();
      await standIns[Symbol.asyncDispose]();
      await runCommand(['umount', '--lazy', folders.volumes], { accept: [32] });
    },
  };
}

/** Whether the firmware finds a loader on the EFI system partition: bcdboot has put it there. */
async function startsFromDisk(disk: LabDisk): Promise<boolean> {
  await disk.mountAll();
  const found = await Promise.all(
    disk.volumes.map(async ({ folder }) =>
      findWithoutCase(folder, ['EFI', 'Microsoft', 'Boot', 'BCD']),
    ),
  );
  await disk.unmountAll();
  return found.some((path) => path !== undefined);
}

import { chmod, copyFile, lstat, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { STAND_ALONE_FILE } from '../../protocol/stand-alone.ts';
import { StepError } from '../../sequence/step.ts';

/** What the agent in the installed OS is started with. */
export interface AgentInstallation {
  /** This program, one file. */
  readonly binary: string;
  /** Site CA, PEM. */
  readonly siteCa: string;
  /** `METALWRIGHT_*` settings but for the CA's path, asked when it is put there. */
  readonly environment: () => Readonly<Record<string, string>>;
  /** Where there is no server: the run it goes on with, asked when it is put there. */
  readonly standAloneRun?: () => string;
}

const BINARY = '/opt/metalwright/agent';
const LIBRARIES = '/opt/metalwright/lib';
const TOOLS = '/opt/metalwright/bin';
/** What Node's binary and efibootmgr link that a small OS lacks, and where libraries are looked for. */
const NEEDED = [
  'libatomic.so.1',
  'libstdc++.so.6',
  'libgcc_s.so.1',
  'libefiboot.so.1',
  'libefivar.so.1',
];
const PROGRAM_FOLDERS = ['usr/bin', 'usr/sbin', 'bin', 'sbin'];
const LIBRARY_FOLDERS = [
  'usr/lib/x86_64-linux-gnu',
  'lib/x86_64-linux-gnu',
  'usr/lib64',
  'usr/lib',
];
const SETTINGS = '/etc/metalwright';
const UNIT = '/etc/systemd/system/metalwright-agent.service';
const WANTED = '/etc/systemd/system/multi-user.target.wants/metalwright-agent.service';

/** Puts the agent into an OS that has systemd; it goes on with the run there. @throws {StepError} `boot.no-systemd` */
export async function installAgent(
  root: string,
  { binary, siteCa, environment, standAloneRun }: AgentInstallation,
): Promise<void> {
  if (!(await hasSystemd(root)))
    throw new StepError(
      'boot.no-systemd',
      'the OS in the image has no systemd to start the agent',
      {
        hint: 'Use an image with systemd: the run could not go on in the installed OS.',
      },
    );
  const at = (path: string): string => join(root, path);
  for (const path of [BINARY, `${SETTINGS}/x`, UNIT, WANTED])
    await mkdir(dirname(at(path)), { recursive: true });
  await copyFile(binary, at(BINARY));
  await chmod(at(BINARY), 0o755);
  await installLibraries(root);
  await installEfibootmgr(root);
  await writeFile(at(`${SETTINGS}/site-ca.pem`), siteCa);
  const runFile = `${SETTINGS}/${STAND_ALONE_FILE}`;
  await rm(at(runFile), { force: true });
  if (standAloneRun !== undefined) await writeFile(at(runFile), standAloneRun(), { mode: 0o600 });
  const settings = {
    ...environment(),
    METALWRIGHT_SITE_CA: `${SETTINGS}/site-ca.pem`,
    METALWRIGHT_ENVIRONMENT: 'full-os',
    ...(standAloneRun === undefined ? {} : { METALWRIGHT_STAND_ALONE: runFile }),
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(at(`${SETTINGS}/agent.env`), lines.join(''), { mode: 0o600 });
  await writeFile(at(UNIT), unitText(standAloneRun === undefined));
  await rm(at(WANTED), { force: true });
  await symlink(UNIT, at(WANTED));
}

/** Takes the agent out again when the run has ended: program, settings and unit. */
export async function uninstallAgent(root: string): Promise<void> {
  for (const path of [WANTED, UNIT, SETTINGS, dirname(BINARY)])
    await rm(join(root, path), { recursive: true, force: true });
}

/** Gives the agent those libraries of the boot environment that the OS does not have. */
async function installLibraries(root: string): Promise<void> {
  for (const name of NEEDED) {
    if (await find(root, LIBRARY_FOLDERS, name)) continue;
    const own = await find('/', LIBRARY_FOLDERS, name);
    if (own === undefined) continue;
    await mkdir(join(root, LIBRARIES), { recursive: true });
    await copyFile(own, join(root, LIBRARIES, name));
  }
}

/** Without it the agent in the OS could not send the machine back to the PE: its own entry is first. */
async function installEfibootmgr(root: string): Promise<void> {
  const own = await find('/', PROGRAM_FOLDERS, 'efibootmgr');
  if (own === undefined || (await find(root, PROGRAM_FOLDERS, 'efibootmgr'))) return;
  await mkdir(join(root, TOOLS), { recursive: true });
  await copyFile(own, join(root, TOOLS, 'efibootmgr'));
}

async function find(
  root: string,
  folders: readonly string[],
  name: string,
): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(root, folder, name);
    // lstat: a link in the OS points below its own root.
    if (await lstat(path).catch(() => undefined)) return path;
  }
  return undefined;
}

async function hasSystemd(root: string): Promise<boolean> {
  for (const path of ['usr/lib/systemd/systemd', 'lib/systemd/systemd'])
    if (await stat(join(root, path)).catch(() => undefined)) return true;
  return false;
}

/**
 * Started again after a crash, but not after an end of its own: 0 done, 1 the run failed. A network that is waited for
 * and does not come would hold a machine without one.
 */
function unitText(needsNetwork: boolean): string {
  const network = 'Wants=network-online.target\nAfter=network-online.target\n';
  return `[Unit]
Description=Metalwright task sequence
${needsNetwork ? network : ''}
[Service]
Type=exec
EnvironmentFile=${SETTINGS}/agent.env
Environment=LD_LIBRARY_PATH=${LIBRARIES}
Environment=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${TOOLS}
ExecStart=${BINARY}
Restart=on-failure
RestartSec=5
RestartPreventExitStatus=1
StandardOutput=journal+console
StandardError=journal+console

[Install]
WantedBy=multi-user.target
`;
}

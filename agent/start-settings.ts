/**
 * What a start of the agent is told. The bootstrap of Linux hands it over as `METALWRIGHT_*`
 * (protocol/bootstrap.ts); nothing starts the agent of Windows but Windows, so it reads the file beside its
 * program (protocol/agent-settings.ts), or the one that `--settings` names. A variable outranks the file.
 */
import { posix, win32 } from 'node:path';
import { z } from 'zod';
import { AgentError } from './agent-error.ts';
import { AGENT_SETTINGS_FILE, AgentSettings, SITE_CA_FILE } from './protocol/agent-settings.ts';
import { DeploymentId } from './protocol/identity.ts';
import { type BootImageIdentity, Environment } from './protocol/policy.ts';
import { parseServers } from './protocol/servers.ts';

export interface StartSettings {
  /** Address and port of the agents' listener; empty where media say it. */
  readonly server: string;
  /** Those of other servers of the site, asked when that one does not answer. */
  readonly servers: readonly string[];
  /** File with the site CA, PEM. */
  readonly siteCaFile: string;
  readonly environment: Environment;
  readonly bootBase: string | undefined;
  readonly bootMac: string | undefined;
  /** The Windows PE that it was started from. */
  readonly bootImage: BootImageIdentity | undefined;
  /** What it is told to start, before required deployments. */
  readonly preferredDeployment: DeploymentId | undefined;
  /** Folder for the log, mount points, content and the like. */
  readonly stateFolder: string;
  readonly logFile: string;
  /** What the machine was started from, where that is media. */
  readonly media: StartMedia | undefined;
  /** File with the run from stand-alone media that this installed system is to go on with. */
  readonly standAloneRun: string | undefined;
  /** File that describes a machine of loop devices. */
  readonly labMachine: string | undefined;
  /** Driver folders to be loaded at start, in this order; full paths. */
  readonly drivers: readonly string[];
}

/** Media that the machine was started from; Linux PE has found them (boot/image/linux-pe/media.sh). */
export interface StartMedia {
  /** Where they are mounted, read-only. */
  readonly folder: string;
  /** Device that is mounted there; a disk or a partition of it. */
  readonly device: string | undefined;
  /** Device of their partition that can be written; undefined for none, as on a disc. */
  readonly dataDevice: string | undefined;
}

/** What is looked at to find the settings. */
export interface StartSources {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly system: NodeJS.Platform;
  /** Folder of the agent's program. */
  readonly programFolder: string;
  /** Undefined where there is no such file. */
  readonly readText: (path: string) => Promise<string | undefined>;
}

const Variables = z.object({
  METALWRIGHT_SERVER: z.string().regex(/^\S+:\d+$/, 'address and port, 10.0.0.1:7443'),
  METALWRIGHT_SERVERS: z.string().default(''),
  METALWRIGHT_SITE_CA: z.string().min(1),
  METALWRIGHT_ENVIRONMENT: Environment,
  METALWRIGHT_BOOT_BASE: z.string().optional(),
  METALWRIGHT_BOOT_MAC: z.string().optional(),
  METALWRIGHT_STATE: z.string().optional(),
  METALWRIGHT_LAB_MACHINE: z.string().optional(),
  METALWRIGHT_MEDIA: z.string().optional(),
  METALWRIGHT_MEDIA_DEVICE: z.string().optional(),
  METALWRIGHT_MEDIA_DATA: z.string().optional(),
  METALWRIGHT_STAND_ALONE: z.string().optional(),
  /** A prestart command sets it, as in Configuration Manager. */
  SMSTSPreferredAdvertID: DeploymentId.optional(),
});

/** Media say themselves which server there is, if any; what goes on with a run of theirs needs none. */
const OfMedia = Variables.extend({ METALWRIGHT_SERVER: z.string().default('') });

/** @throws {AgentError} `agent.settings` */
export async function readStartSettings(sources: StartSources): Promise<StartSettings> {
  const { environment, system } = sources;
  const file = await settingsFile(sources);
  const path = system === 'win32' ? win32 : posix;
  const beside = file && {
    METALWRIGHT_SERVER: file.settings.server,
    METALWRIGHT_SERVERS: file.settings.servers?.join(','),
    METALWRIGHT_SITE_CA: path.join(file.folder, SITE_CA_FILE),
    METALWRIGHT_ENVIRONMENT: file.settings.environment,
    METALWRIGHT_BOOT_BASE: file.settings.bootBase,
    SMSTSPreferredAdvertID: file.settings.preferredDeployment,
  };
  const given = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const all = { ...beside, ...Object.fromEntries(given) };
  const ofMedia = ['METALWRIGHT_MEDIA', 'METALWRIGHT_STAND_ALONE'].some((name) =>
    Object.hasOwn(all, name),
  );
  const parsed = (ofMedia ? OfMedia : Variables).safeParse(all);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const name = issue?.path.join('.') ?? '';
    throw new AgentError(
      'agent.settings',
      `the agent has no ${name || 'settings'}: ${issue?.message ?? ''}`,
      `It is read from the environment, or from ${AGENT_SETTINGS_FILE} in ${sources.programFolder}`,
    );
  }
  const told = parsed.data;
  const state = told.METALWRIGHT_STATE;
  const folders = foldersOf(sources, told.METALWRIGHT_ENVIRONMENT);
  return {
    server: told.METALWRIGHT_SERVER,
    servers: parseServers(told.METALWRIGHT_SERVERS),
    siteCaFile: told.METALWRIGHT_SITE_CA,
    environment: told.METALWRIGHT_ENVIRONMENT,
    bootBase: told.METALWRIGHT_BOOT_BASE,
    bootMac: told.METALWRIGHT_BOOT_MAC,
    bootImage: told.METALWRIGHT_ENVIRONMENT === 'winpe' ? file?.settings.inBootImage : undefined,
    preferredDeployment: told.SMSTSPreferredAdvertID,
    stateFolder: state ?? folders.state,
    logFile: path.join(state ?? folders.log, system === 'win32' ? 'smsts.log' : 'metalwright.log'),
    media: told.METALWRIGHT_MEDIA === undefined ? undefined : mediaOf(told, told.METALWRIGHT_MEDIA),
    standAloneRun: told.METALWRIGHT_STAND_ALONE,
    labMachine: told.METALWRIGHT_LAB_MACHINE,
    drivers: (file?.settings.drivers ?? []).map((each) => path.resolve(file?.folder ?? '', each)),
  };
}

function mediaOf(told: z.output<typeof Variables>, folder: string): StartMedia {
  const { METALWRIGHT_MEDIA_DEVICE: device, METALWRIGHT_MEDIA_DATA: dataDevice } = told;
  return { folder, device, dataDevice };
}

/** The file that is named, which must be there, or the one beside the program, which need not be. */
async function settingsFile(
  sources: StartSources,
): Promise<{ readonly settings: AgentSettings; readonly folder: string } | undefined> {
  const { argv, system, programFolder, readText } = sources;
  const path = system === 'win32' ? win32 : posix;
  const at = argv.indexOf('--settings');
  const named = at === -1 ? undefined : argv[at + 1];
  const file = named ?? path.join(programFolder, AGENT_SETTINGS_FILE);
  const text = await readText(file);
  if (text === undefined && named === undefined && at === -1) return undefined;
  const fail = (reason: string): AgentError =>
    new AgentError('agent.settings', `${file}: ${reason}`, 'Make the boot image again.');
  if (text === undefined) throw fail('the file is missing');
  let json: unknown;
  try {
    // Editors of Windows put a byte order mark first.
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
  const { success, data, error } = AgentSettings.safeParse(json);
  if (!success) throw fail(`${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}`);
  return { settings: data, folder: path.dirname(file) };
}

/** Where state and log are by default. In Windows PE both are in its memory, as X: is. */
function foldersOf(
  { system, environment }: StartSources,
  where: Environment,
): { readonly state: string; readonly log: string } {
  if (system !== 'win32') return { state: '/run/metalwright', log: '/run/metalwright' };
  const value = (name: string): string | undefined =>
    Object.entries(environment).find(([each]) => each.toUpperCase() === name)?.[1];
  const root = value('SYSTEMROOT') ?? (where === 'full-os' ? 'C:\\Windows' : 'X:\\Windows');
  if (where === 'full-os')
    return { state: `${root}\\Metalwright\\State`, log: `${root}\\Metalwright\\Logs` };
  const drive = value('SYSTEMDRIVE') ?? 'X:';
  return { state: `${drive}\\Metalwright\\State`, log: `${root}\\Temp\\SMSTSLog` };
}

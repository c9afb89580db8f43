/**
 * One start of the agent: settings in (start-settings.ts; README.md has them all), a machine and a transport
 * picked, an exit code out.
 */
import { readFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';
import { AGENT_VERSION } from './agent-version.ts';
import type { ByHand } from './by-hand/options.ts';
import { afterRun, exitCode } from './driver/after-run.ts';
import { ServerClock } from './driver/clock.ts';
import { runErrorOf } from './driver/run-step.ts';
import { runSession } from './driver/session.ts';
import { copyLogOut } from './log/copy-out.ts';
import { RunLog } from './log/run-log.ts';
import { type KeptRun, openKeptRun } from './media/kept-run.ts';
import { type OpenedMedia, openMedia } from './media/open-media.ts';
import type { SessionMedia } from './media/session-media.ts';
import { launchModeOf, startMedia } from './media/start-media.ts';
import { keepShowing } from './menu/keep-showing.ts';
import { logKey } from './menu/log-key.ts';
import { openTerminals, Terminals } from './menu/terminals.ts';
import { readIdentity } from './platform/linux/identity.ts';
import { linuxMachine } from './platform/linux/machine.ts';
import { loopMachine } from './platform/loop-machine.ts';
import type { Machine } from './platform/machine.ts';
import { windowsMachine } from './platform/windows/machine.ts';
import type { TellStart } from './platform/windows/start-pe.ts';
import { readStartSettings, type StartSettings, type StartSources } from './start-settings.ts';
import { HttpTransport } from './transport/http.ts';
import { keysOfMedia, keysOfRun, MediaTransport } from './transport/media.ts';
import type { SessionTransport } from './transport/transport.ts';
import { type ScriptSettings, variableServer } from './ts-environment/serve-variables.ts';

/** Runs what the server has for this machine; returns the exit code of the process. */
export async function startAgent(argv: readonly string[], byHand?: ByHand): Promise<number> {
  const terminals = new Terminals(
    openTerminals((process.env['METALWRIGHT_TERMINALS'] ?? '').split(',').filter(Boolean)),
    { server: '', address: '', serialNumber: '', model: '', deviceName: '' },
  );
  using _closing = terminals;
  using stop = crashes();
  let settings: StartSettings | undefined;
  try {
    settings = await readStartSettings(startSources(argv, byHand));
    terminals.setHeader({ server: settings.server });
    return await Promise.race([
      startFrom(settings, { terminals, byHand }, stop.signal),
      stop.crashed,
    ]);
  } catch (error) {
    const failure = runErrorOf(error);
    const what = failure.code.startsWith('media.') ? 'Nothing was started' : 'The agent stopped';
    terminals.show({ kind: 'failed', what, error: failure, runId: '' });
    if (byHand === undefined && holdsAfterCrash(settings)) await keepShowing(terminals);
    return exitCode.stopped;
  }
}

/**
 * What nobody caught: nothing that the agent knows holds then, so what it does is cancelled and the cause
 * shown. Without that, the end of the program would restart Windows PE, over and over.
 */
function crashes(): Disposable & {
  readonly signal: AbortSignal;
  readonly crashed: Promise<never>;
} {
  const abort = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const crash = (error: unknown): void => {
    reject(error);
    abort.abort(error);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  return {
    signal: abort.signal,
    crashed: promise,
    [Symbol.dispose]() {
      process.off('uncaughtException', crash);
      process.off('unhandledRejection', crash);
    },
  };
}

/** Where nobody can stand before it, in an installed Windows, what started the agent looks at its end. */
function holdsAfterCrash(settings: StartSettings | undefined): boolean {
  if (process.env['METALWRIGHT_LAB_MACHINE'] !== undefined) return false;
  return process.platform !== 'win32' || settings?.environment !== 'full-os';
}

function startSources(argv: readonly string[], byHand: ByHand | undefined): StartSources {
  return {
    argv,
    environment:
      byHand === undefined
        ? process.env
        : {
            ...process.env,
            METALWRIGHT_ENVIRONMENT: 'full-os',
            METALWRIGHT_SERVER: byHand.server ?? process.env['METALWRIGHT_SERVER'],
            METALWRIGHT_SITE_CA: byHand.siteCaFile ?? process.env['METALWRIGHT_SITE_CA'],
          },
    system: process.platform,
    programFolder: dirname(process.execPath),
    readText: async (path) => readFile(path, 'utf8').catch(() => undefined),
  };
}

/** Media are checked, and their password asked for, before anything else. */
async function startFrom(
  settings: StartSettings,
  { terminals, byHand }: { readonly terminals: Terminals; readonly byHand: ByHand | undefined },
  signal: AbortSignal,
): Promise<number> {
  const { media: start, siteCaFile, bootMac, standAloneRun, stateFolder } = settings;
  if (standAloneRun !== undefined) {
    await using kept = await openKeptRun(standAloneRun, join(stateFolder, 'media'));
    return await runAgent(settings, { terminals, byHand, kept }, signal);
  }
  if (start === undefined) return runAgent(settings, { terminals, byHand }, signal);
  const machine = await readIdentity('/sys', bootMac);
  const wanted = { folder: start.folder, siteCaFile, machine, terminals, nowMs: Date.now };
  const media = await openMedia(wanted, signal);
  const { servers, bootBase } = media.description;
  const [server = '', ...others] = servers;
  const told = { server, servers: others, ...(bootBase === null ? {} : { bootBase }) };
  return runAgent({ ...settings, ...told }, { terminals, byHand, media }, signal);
}

async function runAgent(
  settings: StartSettings,
  {
    terminals,
    byHand,
    media,
    kept,
  }: {
    readonly terminals: Terminals;
    readonly byHand: ByHand | undefined;
    readonly media?: OpenedMedia;
    readonly kept?: KeptRun;
  },
  signal: AbortSignal,
): Promise<number> {
  const { server, stateFolder, logFile, environment } = settings;
  const siteCa = await readFile(settings.siteCaFile, 'utf8');
  const clock = new ServerClock();
  // In an installed Windows it stays where it is over all starts; elsewhere the folder begins empty.
  const append = process.platform === 'win32' && environment === 'full-os';
  const log = new RunLog(logFile, () => clock.now(), { append });
  await using transport = openTransport(settings, { media, kept, siteCa });
  const otherServers = () => transport.otherServers;
  const standAloneRun = media && keptRunOf(transport, media, settings);
  const prestaged = media?.description.kind === 'prestaged';
  const machineParts = { siteCa, log, terminals, otherServers, standAloneRun, prestaged };
  await using machine = await openMachine(settings, machineParts, signal);
  const { identity } = machine;
  terminals.setHeader({
    address: ownAddress(settings.bootMac),
    serialNumber: identity.serialNumber ?? '',
    model: [identity.manufacturer, identity.model].filter((text) => text !== null).join(' '),
  });
  log.write('info', `Agent ${AGENT_VERSION} in ${machine.platform.environment}, server ${server}`);
  const serveVariables = variableServer({
    ...scriptSettings(stateFolder),
    beforeScripts: async () => {
      await machine.scriptObjects?.register(signal).catch((error: unknown) => {
        log.write(
          'warn',
          `Scripts find no Microsoft.SMS.TSEnvironment: ${String(error)}`,
          'Machine',
        );
      });
    },
  });
  const { bootImage, preferredDeployment } = settings;
  const told = { siteCa, bootImage, preferredDeployment };
  const started = { machine, terminals, log, serveVariables };
  let session: SessionMedia | undefined = kept?.session;
  if (media !== undefined) {
    if (await goesOn(machine, transport, signal)) media.contentCheck.stop();
    await media.contentCheck.done;
    session = await startMedia(media, { ...started, start: settings.media }, signal);
    if (transport instanceof MediaTransport) transport.askFor(session.asks ?? []);
  }
  if (session !== undefined) terminals.setHeader({ address: ownAddress(undefined) });
  const parts = { ...started, transport, clock, ...told, byHand, media: session };
  using _key = logKey(terminals, async () => {
    const { disk } = machine.platform;
    const name = identity.serialNumber ?? identity.macAddresses[0] ?? '';
    return copyLogOut({ log, disk, name, asked: true }, signal);
  });
  const end = await runSession(parts, signal);
  await log.close();
  return end === undefined ? exitCode.done : afterRun(end, machine, terminals, signal);
}

/** The server over the network, or stand-alone media in its place. */
function openTransport(
  { server, servers }: StartSettings,
  {
    media,
    kept,
    siteCa,
  }: {
    readonly media: OpenedMedia | undefined;
    readonly kept: KeptRun | undefined;
    readonly siteCa: string;
  },
): SessionTransport & AsyncDisposable {
  if (kept !== undefined) return new MediaTransport(kept.run.grant, keysOfRun(kept.run));
  if (media?.standAlone === undefined) return new HttpTransport({ server, servers, siteCa });
  const { standAlone: grant, key, description } = media;
  return new MediaTransport(grant, keysOfMedia(key, { mediaId: description.id, grant }));
}

/** What an operating system that stand-alone media install is given to go on with; undefined where a server does. */
function keptRunOf(
  transport: SessionTransport,
  { description: { id, label } }: OpenedMedia,
  settings: StartSettings,
): (() => string) | undefined {
  if (!(transport instanceof MediaTransport)) return undefined;
  const launchMode = launchModeOf(settings.media);
  return () => JSON.stringify(transport.keptRun({ id, label, launchMode }) ?? null);
}

/** Whether this machine has the journal of a run of these media: it was begun when they had been read whole. */
async function goesOn(
  machine: Machine,
  transport: SessionTransport,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(transport instanceof MediaTransport)) return false;
  let isOwn = false;
  for (const found of await machine.journals.find(signal)) {
    if (found.kind !== 'journal') continue;
    isOwn ||= transport.owns(found.parsed.header);
    await found.medium.close();
  }
  return isOwn;
}

/** Where scripts find `metalwright-ts`: the state folder, unless nothing may be executed there. */
function scriptSettings(stateFolder: string): ScriptSettings {
  const { execPath, platform: system, env: environment } = process;
  return {
    places: [stateFolder, tmpdir(), ...(isSea() ? [dirname(execPath)] : [])],
    agent: agentArgv(),
    system,
    environment,
  };
}

/** This agent as the first words of an argv. */
function agentArgv(): readonly [string, ...string[]] {
  const [, entry = ''] = process.argv;
  return isSea() ? [process.execPath] : [process.execPath, entry];
}

async function openMachine(
  settings: StartSettings,
  parts: {
    readonly siteCa: string;
    readonly log: RunLog;
    readonly terminals: Terminals;
    readonly otherServers: () => readonly string[];
    readonly standAloneRun: (() => string) | undefined;
    readonly prestaged: boolean;
  },
  signal: AbortSignal,
): Promise<Machine> {
  const { siteCa, log, terminals, otherServers, standAloneRun, prestaged } = parts;
  const { environment, bootMac, stateFolder, labMachine, server, bootBase } = settings;
  const machineSettings = {
    environment,
    bootMac,
    stateFolder,
    siteCa,
    agentBinary: process.execPath,
    agentEnvironment: () => ({
      ...(server === '' ? {} : { METALWRIGHT_SERVER: server }),
      ...(otherServers().length === 0 ? {} : { METALWRIGHT_SERVERS: otherServers().join(',') }),
      ...(bootBase === undefined ? {} : { METALWRIGHT_BOOT_BASE: bootBase }),
    }),
    log: (message: string) => log.write('warn', message, 'Machine'),
    mediaDevice: settings.media?.device,
    mediaDataDevice: settings.media?.dataDevice,
    prestaged,
    standAloneRun,
  };
  if (labMachine !== undefined)
    return loopMachine(labMachine, machineSettings, (code) => {
      terminals[Symbol.dispose]();
      process.exit(code);
    });
  if (process.platform !== 'win32') return linuxMachine(machineSettings);
  const tell: TellStart = ({ code, text }) =>
    terminals.show(
      code === null ? { kind: 'starting', text } : { kind: 'waiting', code, reason: text },
    );
  const { drivers } = settings;
  return windowsMachine({ ...machineSettings, drivers, tell, agentArgv: agentArgv() }, signal);
}

function ownAddress(bootMac: string | undefined): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter(({ family, internal }) => family === 'IPv4' && !internal);
  const booted = usable.find(({ mac }) => mac === bootMac?.toLowerCase());
  return (booted ?? usable[0])?.address ?? '';
}

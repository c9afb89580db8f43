/**
 * One start of the agent: environment in, a machine and a transport picked, an exit code out. The
 * bootstrap hands over its settings as `METALWRIGHT_*` (protocol/bootstrap.ts; README.md has the rest).
 */
import { readFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isSea } from 'node:sea';
import { z } from 'zod';
import { AGENT_VERSION } from './agent-version.ts';
import { afterRun, exitCode } from './driver/after-run.ts';
import { ServerClock } from './driver/clock.ts';
import { runErrorOf } from './driver/run-step.ts';
import { runSession } from './driver/session.ts';
import { RunLog } from './log/run-log.ts';
import { keepShowing } from './menu/keep-showing.ts';
import { openTerminals, Terminals } from './menu/terminals.ts';
import { linuxMachine } from './platform/linux/machine.ts';
import { loopMachine } from './platform/loop-machine.ts';
import type { Machine } from './platform/machine.ts';
import { windowsMachine } from './platform/windows/machine.ts';
import { Environment } from './protocol/policy.ts';
import { HttpTransport } from './transport/http.ts';
import { type ScriptSettings, variableServer } from './ts-environment/serve-variables.ts';

const Settings = z.object({
  METALWRIGHT_SERVER: z.string().regex(/^\S+:\d+$/, 'address and port, 10.0.0.1:7443'),
  METALWRIGHT_SITE_CA: z.string().min(1),
  METALWRIGHT_ENVIRONMENT: Environment,
  METALWRIGHT_BOOT_BASE: z.string().optional(),
  METALWRIGHT_BOOT_MAC: z.string().optional(),
  METALWRIGHT_TERMINALS: z.string().default(''),
  METALWRIGHT_STATE: z.string().default('/run/metalwright'),
  METALWRIGHT_LAB_MACHINE: z.string().optional(),
});
type Settings = z.infer<typeof Settings>;

/** Runs what the server has for this machine; returns the exit code of the process. */
export async function startAgent(): Promise<number> {
  const terminals = new Terminals(
    openTerminals((process.env['METALWRIGHT_TERMINALS'] ?? '').split(',').filter(Boolean)),
    {
      server: process.env['METALWRIGHT_SERVER'] ?? '',
      address: '',
      serialNumber: '',
      model: '',
      deviceName: '',
    },
  );
  using _closing = terminals;
  try {
    return await runAgent(Settings.parse(process.env), terminals);
  } catch (error) {
    const failure = runErrorOf(error);
    terminals.show({ kind: 'failed', what: 'The agent stopped', error: failure, runId: '' });
    if (process.env['METALWRIGHT_LAB_MACHINE'] === undefined) await keepShowing(terminals);
    return exitCode.stopped;
  }
}

async function runAgent(settings: Settings, terminals: Terminals): Promise<number> {
  const { METALWRIGHT_SERVER: server, METALWRIGHT_STATE: stateFolder } = settings;
  const siteCa = await readFile(settings.METALWRIGHT_SITE_CA, 'utf8');
  const clock = new ServerClock();
  const log = new RunLog(join(stateFolder, 'metalwright.log'), () => clock.now());
  const { signal } = new AbortController();
  await using machine = await openMachine(settings, { siteCa, log, terminals }, signal);
  const { identity } = machine;
  terminals.setHeader({
    address: ownAddress(settings.METALWRIGHT_BOOT_MAC),
    serialNumber: identity.serialNumber ?? '',
    model: [identity.manufacturer, identity.model].filter((text) => text !== null).join(' '),
  });
  log.write('info', `Agent ${AGENT_VERSION} in ${machine.platform.environment}, server ${server}`);
  await using transport = new HttpTransport({ server, siteCa });
  const serveVariables = variableServer(scriptSettings(stateFolder));
  const parts = { machine, transport, terminals, log, clock, siteCa, serveVariables };
  const end = await runSession(parts, signal);
  await log.close();
  return end === undefined ? exitCode.done : afterRun(end, machine, terminals, signal);
}

/** Where scripts find `metalwright-ts`: the state folder, unless nothing may be executed there. */
function scriptSettings(stateFolder: string): ScriptSettings {
  const { execPath, platform: system, env: environment } = process;
  const [, entry = ''] = process.argv;
  return {
    places: [stateFolder, tmpdir(), ...(isSea() ? [dirname(execPath)] : [])],
    agent: isSea() ? [execPath] : [execPath, entry],
    system,
    environment,
  };
}

async function openMachine(
  settings: Settings,
  parts: { readonly siteCa: string; readonly log: RunLog; readonly terminals: Terminals },
  signal: AbortSignal,
): Promise<Machine> {
  const { siteCa, log, terminals } = parts;
  const lab = settings.METALWRIGHT_LAB_MACHINE;
  const machineSettings = {
    environment: settings.METALWRIGHT_ENVIRONMENT,
    bootMac: settings.METALWRIGHT_BOOT_MAC,
    stateFolder: settings.METALWRIGHT_STATE,
    siteCa,
    agentBinary: process.execPath,
    agentEnvironment: {
      METALWRIGHT_SERVER: settings.METALWRIGHT_SERVER,
      ...(settings.METALWRIGHT_BOOT_BASE === undefined
        ? {}
        : { METALWRIGHT_BOOT_BASE: settings.METALWRIGHT_BOOT_BASE }),
    },
    log: (message: string) => log.write('warn', message, 'Machine'),
  };
  if (lab === undefined)
    return process.platform === 'win32'
      ? windowsMachine(machineSettings, signal)
      : linuxMachine(machineSettings);
  return loopMachine(lab, machineSettings, (code) => {
    terminals[Symbol.dispose]();
    process.exit(code);
  });
}

function ownAddress(bootMac: string | undefined): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter(({ family, internal }) => family === 'IPv4' && !internal);
  const booted = usable.find(({ mac }) => mac === bootMac?.toLowerCase());
  return (booted ?? usable[0])?.address ?? '';
}

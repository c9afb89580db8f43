import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'winston';
import { type App, startApp } from './app.ts';
import { type ApiClient, openApiClient } from './cli/api-client.ts';
import { CliError } from './cli/cli-error.ts';
import { SITE_CA_FILE } from './cli/client-command.ts';
import { readSettings } from './cli/config.ts';
import { formatBanner } from './cli/serve-banner.ts';
import { describeHeardServer } from './cli/status.ts';
import type { Terminal } from './cli/terminal.ts';
import type { LoadedConfig } from './config/load-config.ts';
import type { Config } from './config.ts';
import { NetbootSettings, StatusView } from './http/api.ts';
import { createLog } from './log.ts';
import { openServiceManager } from './service-manager.ts';

/** How often newly heard servers are looked for, to be printed. */
const WATCH_MS = 3000;

/** What `metalwright serve` was told; undefined leaves what the settings file or the store says. */
export interface ServeOptions {
  readonly config: string | undefined;
  readonly data: string | undefined;
  readonly bootImages: string | undefined;
  readonly answerOn: readonly string[] | undefined;
  readonly unknown: NetbootSettings['unknownMachines'] | undefined;
}

/**
 * Runs the server until a signal comes: settings in, listeners open, banner out, everything closed.
 *
 * @throws {CliError} `cli.settings`, `cli.file`, `serve.start`; `serve.ended` when it cannot go on
 */
export async function serve(
  options: ServeOptions,
  environment: Readonly<Record<string, string | undefined>>,
  terminal: Terminal,
): Promise<void> {
  const { config, unknownVariables } = await readConfig(options, environment);
  for (const { name, hint } of unknownVariables)
    terminal.err(`warning: ${name} is no setting: ${hint}\n`);
  const log = createLog(config.logLevel);
  const manager = openServiceManager(environment, log);
  await using app = await start(config, log);
  await using api = await openApiClient(
    {
      serverUrl: loopbackUrl(app.addresses.console),
      tokenFile: app.tokenFile,
      caFile: join(config.dataDirectory, SITE_CA_FILE),
    },
    terminal.signal,
  );
  await applyNetboot(api, options);
  const status = await api.call('GET', '/status', StatusView);
  terminal.out(
    formatBanner(status, {
      consolePort: new URL(loopbackUrl(app.addresses.console)).port,
      linkToken: await app.newLinkToken(),
      dataDirectory: resolve(config.dataDirectory),
      command: fileURLToPath(new URL('../scripts/metalwright', import.meta.url)),
    }),
  );
  manager.ready(`console at ${app.addresses.console}`);
  manager.watch(() => app.store.settings.get());
  const stop = new AbortController();
  const signal = AbortSignal.any([terminal.signal, stop.signal]);
  const watching = watchHeardServers(api, status, { ...terminal, signal });
  const ended = await Promise.race([watching, app.ended]);
  stop.abort();
  manager.stopping();
  await watching;
  if (ended === undefined) {
    terminal.out('stopping\n');
    return;
  }
  throw new CliError('serve.ended', `the server cannot go on: ${ended.message}`, {
    where: `data directory ${config.dataDirectory}`,
    hint: 'start it again: runs go on where they were. Under systemd, Restart=on-failure does it',
    cause: ended,
  });
}

async function readConfig(
  options: ServeOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Pick<LoadedConfig, 'config' | 'unknownVariables'>> {
  const { config, unknownVariables } = await readSettings(options.config, environment);
  return {
    unknownVariables,
    config: {
      ...config,
      dataDirectory: options.data ?? config.dataDirectory,
      bootImageDirectory: options.bootImages ?? config.bootImageDirectory,
    },
  };
}

async function start(config: Config, log: Logger): Promise<App & AsyncDisposable> {
  try {
    const app = await startApp(config, { log });
    return { ...app, [Symbol.asyncDispose]: () => app.close() };
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const hints: Readonly<Record<string, string>> = {
      EADDRINUSE: 'another program has that port: metalwright doctor names it',
      EACCES: 'run it as a user who may write the data directory, or name another with --data',
    };
    const own =
      error instanceof Error && 'hint' in error && typeof error.hint === 'string'
        ? error.hint
        : undefined;
    const hint = own ?? hints[code] ?? 'metalwright doctor looks for what is wrong';
    throw new CliError('serve.start', `the server cannot start: ${messageOf(error)}`, {
      where: `data directory ${config.dataDirectory}`,
      hint,
      cause: error,
    });
  }
}

/** The command line is one more operator: what it sets goes through the API, checked and audited. */
async function applyNetboot(api: ApiClient, { answerOn, unknown }: ServeOptions): Promise<void> {
  if (answerOn === undefined && unknown === undefined) return;
  const before = await api.call('GET', '/netboot', NetbootSettings);
  await api.call('PUT', '/netboot', NetbootSettings, {
    json: {
      answerOn: answerOn ?? before.answerOn,
      unknownMachines: unknown ?? before.unknownMachines,
    },
  });
}

/** Prints other DHCP and PXE servers as they are heard, until a signal comes. */
async function watchHeardServers(
  api: ApiClient,
  first: StatusView,
  terminal: Terminal,
): Promise<void> {
  const known = new Set(first.heardServers.map(keyOf));
  while (!terminal.signal.aborted) {
    await delay(WATCH_MS, undefined, { signal: terminal.signal }).catch(() => undefined);
    if (terminal.signal.aborted) return;
    // Nothing that fails here may end the server: the API has logged it, and it is asked again.
    const status = await api.call('GET', '/status', StatusView).catch(() => first);
    for (const heard of status.heardServers) {
      if (known.has(keyOf(heard))) continue;
      known.add(keyOf(heard));
      terminal.out(`heard    ${describeHeardServer(heard)}\n`);
    }
  }
}

function keyOf(heard: StatusView['heardServers'][number]): string {
  return `${heard.interfaceName} ${heard.address} ${heard.pxe}`;
}

/** The console's address from this machine itself. */
function loopbackUrl(url: string): string {
  const { port, hostname } = new URL(url);
  const host = hostname === '0.0.0.0' || hostname === '[::]' ? 'localhost' : hostname;
  return `https://${host}:${port}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

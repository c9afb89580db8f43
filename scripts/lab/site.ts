import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ApiClient, openApiClient } from '#server/cli/api-client.ts';
import { ADMIN_TOKEN_FILE, SITE_CA_FILE } from '#server/cli/client-command.ts';
import { BootDecisionView, DeviceView, RunDetail, RunView } from '#server/http/api.ts';
import { type Child, runCommand, startChild } from './child.ts';
import { BRIDGE, inNamespace, SERVER_ADDRESS } from './namespace.ts';
import type { Lab } from './scenario.ts';
import { waitFor } from './wait.ts';

/**
 * A Metalwright server as an operator runs it: a process with its data directory, spoken to by the
 * `metalwright` command and the operators' API.
 */
export interface Site extends AsyncDisposable {
  /** Its data directory. */
  readonly data: string;
  /** Its address on the bench's network. */
  readonly address: string;
  start(): Promise<void>;
  /** SIGKILL: nothing is flushed, nothing is closed. */
  kill(): Promise<void>;
  /** Runs `metalwright <words>` and returns what it printed. */
  metalwright(...words: string[]): Promise<string>;
  /** The operators' API, for what would take many commands. Not valid any more after `kill`. */
  api(): Promise<ApiClient>;
  /** Stores a task sequence. */
  addSequence(document: SequenceDocument): Promise<void>;
  devices(): Promise<DeviceView[]>;
  decisions(): Promise<BootDecisionView[]>;
  runs(): Promise<RunView[]>;
  run(id: string): Promise<RunDetail>;
  log(): string;
}
/** As an operator would write it in YAML; JSON is the other form that is read. */
export interface SequenceDocument {
  readonly name: string;
  readonly bootImage?: { readonly name: string };
  readonly steps: readonly unknown[];
}

const repository = join(import.meta.dirname, '../..');
const cli = join(repository, 'server/cli.ts');

/** A server that is not the only one. */
export interface SiteOptions {
  /** Of its folder and its log. */
  readonly name: string;
  readonly databaseUrl: string;
  /** Another host than the bench's own: its namespace, and its address there. */
  readonly host?: { readonly namespace: string; readonly address: string };
}

/** Starts a server with an empty data directory, answering on the bench's network. */
export async function openSite(
  lab: Lab,
  unknown: 'deploy' | 'ask' | 'ignore',
  options?: SiteOptions,
): Promise<Site> {
  const site = lab.use(makeSite(lab, options));
  await site.start();
  await site.metalwright('netboot', 'set', '--answer-on', BRIDGE, '--unknown', unknown);
  return site;
}

/** A server that is not started yet. */
export function makeSite(lab: Lab, options?: SiteOptions): Site {
  const { name = 'server', host, databaseUrl } = options ?? {};
  const data = join(lab.directory, name);
  const logFile = join(lab.directory, `${name}.log`);
  const address = host?.address ?? SERVER_ADDRESS;
  const serve = [cli, 'serve', '--data', data, '--boot-images', lab.images.bootImages];
  const serverUrl = `https://${address}:7400`;
  let child: Child | undefined;
  let api: ApiClient | undefined;
  const client = async (): Promise<ApiClient> => {
    const files = {
      tokenFile: join(data, ADMIN_TOKEN_FILE),
      caFile: join(data, SITE_CA_FILE),
    };
    api ??= await openApiClient({ serverUrl, ...files }, lab.signal);
    return api;
  };
  const get = async <Schema extends z.ZodType>(path: string, schema: Schema) =>
    await (await client()).call('GET', path, schema);
  const stop = async () => {
    await api?.[Symbol.asyncDispose]();
    api = undefined;
    child = undefined;
  };
  return {
    data,
    address,
    async start() {
      const argv: [string, ...string[]] = [process.execPath, ...serve];
      const started = await startChild(
        host === undefined ? argv : inNamespace(host.namespace, argv),
        {
          logFile,
          cwd: repository,
          ...(databaseUrl === undefined
            ? {}
            : { environment: { METALWRIGHT_DATABASE_URL: databaseUrl } }),
        },
      );
      child = started;
      await waitFor(
        'the server answers',
        () => answers(started, data, () => get('/status', z.unknown())),
        {
          timeoutMs: 60_000,
          signal: lab.signal,
          evidence: () => started.tail(),
        },
      );
    },
    async kill() {
      child?.kill('SIGKILL');
      await child?.exited;
      await stop();
    },
    metalwright: (...words) =>
      runCommand([process.execPath, cli, ...words, '--server', serverUrl, '--data', data], {
        signal: lab.signal,
        timeoutMs: 300_000,
      }),
    api: client,
    async addSequence(document) {
      const file = join(lab.directory, `${document.name.replaceAll(/\W+/g, '-')}.json`);
      await writeFile(file, JSON.stringify(document, null, 2));
      await this.metalwright('sequence', 'add', file);
    },
    devices: async () => (await client()).list('/devices', DeviceView),
    decisions: () => get('/boot-decisions', z.array(BootDecisionView)),
    runs: () => get('/runs', z.array(RunView)),
    run: (id) => get(`/runs/${id}`, RunDetail),
    log: () => child?.tail(8000) ?? '',
    async [Symbol.asyncDispose]() {
      await child?.[Symbol.asyncDispose]();
      await stop();
    },
  };
}

async function answers(
  child: Child,
  data: string,
  ask: () => Promise<unknown>,
): Promise<true | undefined> {
  if (!child.running()) throw new Error(`the server ended:\n${child.tail()}`);
  if (!existsSync(join(data, ADMIN_TOKEN_FILE)) || !existsSync(join(data, SITE_CA_FILE)))
    return undefined;
  try {
    await ask();
    return true;
  } catch {
    return undefined; // not listening yet; the time limit says so if it never does
  }
}

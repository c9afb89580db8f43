/**
 * One server under the load of `npm run bench -- site`, in the network namespace that this process was
 * started in. Its one argument is JSON of `Settings`; it writes its figures as a line of JSON.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { openApiClient } from '#server/cli/api-client.ts';
import { ADMIN_TOKEN_FILE, SITE_CA_FILE } from '#server/cli/client-command.ts';
import { DeploymentView, NetbootSettings } from '#server/http/api.ts';
import { SequenceView } from '#server/http/api-sequences.ts';
import { startTestCluster } from '#server/store/postgres/test-cluster.ts';
import { type Child, startChild } from '../../lab/child.ts';
import { BRIDGE, FOREIGN_INTERFACE, SERVER_ADDRESS } from '../../lab/namespace.ts';
import { waitFor } from '../../lab/wait.ts';
import { atLeast, below, checked, type Figure, told } from '../benchmark.ts';
import { type Latencies, sumUp } from './latencies.ts';
import type { LoadOrder, LoadReport, RunCount } from './load-messages.ts';
import { slowSync } from './slow-sync.ts';
import { countRuns } from './stored-runs.ts';

const Settings = z.object({
  directory: z.string(),
  /** Namespace that network boots are asked for from. */
  foreign: z.string(),
  bootImages: z.string(),
  database: z.enum(['sqlite', 'postgresql']),
  agents: z.int(),
  seconds: z.int(),
});
const SYNC_MS = 5;
const SERVER_URL = `https://${SERVER_ADDRESS}:7400`;
const AGENT_PORT = 7443;
/**
 * What all agents' connecting at once left behind, such as code that ran a few times only, belongs to that and
 * is told by itself. The load of the hours that follow comes after it.
 */
const SETTLE_SECONDS = 3;
const AT_FIRST = `post of an event in the ${SETTLE_SECONDS} seconds after that, 99th percentile`;
/** Events of one post in the closed loop: a step with its group and condition leaves as many. */
const EVENTS_EACH = 5;

const settings = Settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const data = join(settings.directory, 'data');
const files = { tokenFile: join(data, ADMIN_TOKEN_FILE), caFile: join(data, SITE_CA_FILE) };
const slow = await slowSync(settings.directory, SYNC_MS);
const cluster =
  settings.database === 'sqlite'
    ? undefined
    : await startTestCluster({ fsync: true, environment: slow });
cluster?.createDatabase('site');
cluster?.ageLog();
const databaseUrl = cluster?.url('site');
const environment = {
  ...slow,
  ...(databaseUrl === undefined ? {} : { METALWRIGHT_DATABASE_URL: databaseUrl }),
};

async function startServer(): Promise<Child> {
  const serve = ['serve', '--data', data, '--boot-images', settings.bootImages];
  const child = await startChild([join(import.meta.dirname, '../../metalwright'), ...serve], {
    logFile: join(settings.directory, 'server.log'),
    environment,
  });
  await waitFor(
    'the server answers',
    async () => {
      if (!child.running()) throw new Error(`the server ended:\n${child.tail()}`);
      try {
        await using api = await client();
        return await api.call('GET', '/status', z.unknown());
      } catch {
        return undefined;
      }
    },
    { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000), evidence: () => child.tail() },
  );
  return child;
}

async function client() {
  return await openApiClient({ serverUrl: SERVER_URL, ...files }, new AbortController().signal);
}

/** Lets unknown machines in, and deploys one sequence to all. */
async function setUp(): Promise<void> {
  await using api = await client();
  const netboot = { answerOn: [BRIDGE], unknownMachines: 'deploy' };
  await api.call('PUT', '/netboot', NetbootSettings, { json: netboot });
  const steps = [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }];
  const sequence = await api.call('POST', '/sequences', SequenceView, {
    json: { text: JSON.stringify({ name: 'Bench', steps }), format: 'json' },
  });
  for (const collection of ['All Systems', 'All Unknown Computers'])
    await api.call('POST', '/deployments', DeploymentView, {
      json: { sequence: sequence.id, collection, purpose: 'available' },
    });
}

/** Starts the agents; `order` gives one order and waits for what became of it. */
async function startAgents() {
  const server = {
    host: SERVER_ADDRESS,
    port: AGENT_PORT,
    ca: await readFile(files.caFile, 'utf8'),
  };
  const child: ChildProcess = fork(
    join(import.meta.dirname, 'load-child.ts'),
    [JSON.stringify({ ...server, agents: settings.agents })],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  return async <Kind extends LoadReport['kind']>(order: LoadOrder, kind: Kind) => {
    child.send(order);
    const [report]: [LoadReport] = await Promise.race([
      once(child, 'message') as Promise<[LoadReport]>,
      once(child, 'exit').then(() => {
        throw new Error('the process with the agents ended');
      }),
    ]);
    if (report.kind === 'failed') throw new Error(`agents: ${report.message}`);
    if (report.kind !== kind) throw new Error(`agents answered ${report.kind}, not ${kind}`);
    return report as Extract<LoadReport, { kind: Kind }>;
  };
}

/** Asks for network boots until it is ended; says how long answers took, and how many never came. */
async function askForBoots() {
  const argv = ['netns', 'exec', settings.foreign, process.execPath];
  const child = spawn(
    'ip',
    [...argv, join(import.meta.dirname, 'pxe-child.ts'), FOREIGN_INTERFACE],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'readable');
  const printed = text(child.stdout);
  return async (): Promise<Latencies & { readonly lost: number }> => {
    child.stdin.end();
    const { took, lost } = z
      .object({ took: z.array(z.number()), lost: z.int() })
      .parse(JSON.parse((await printed).replace(/^asking\n/, '')));
    return { ...sumUp(took), lost };
  };
}

async function measure(): Promise<Figure[]> {
  let server = await startServer();
  try {
    await setUp();
    const order = await startAgents();
    const endBoots = await askForBoots();
    const first = await order({ kind: 'connect' }, 'connected');
    const settling = await order({ kind: 'steady', seconds: SETTLE_SECONDS }, 'steady');
    const cpuBefore = await cpuSeconds(server.pid);
    const steady = await order({ kind: 'steady', seconds: settings.seconds }, 'steady');
    const steadyCpu = (await cpuSeconds(server.pid)) - cpuBefore;
    const posts = steady.events.count + steady.logs.count;
    const closed = await order(
      { kind: 'closed-loop', seconds: settings.seconds / 2, eventsEach: EVENTS_EACH },
      'closed-loop',
    );
    const boots = await endBoots();
    server.kill('SIGKILL');
    await server.exited;
    server = await startServer();
    const again = await order({ kind: 'connect' }, 'connected');
    const after = await order({ kind: 'steady', seconds: SETTLE_SECONDS }, 'steady');
    const { runs } = await order({ kind: 'end' }, 'ended');
    server.kill('SIGTERM');
    await server.exited;
    return [
      below('all agents connect at once, the first time', first.ms / 1000, 5, 's'),
      told(AT_FIRST, settling.events.p99Ms, 'ms'),
      told('post of an event, median', steady.events.medianMs, 'ms'),
      below('post of an event, 99th percentile', steady.events.p99Ms, 60, 'ms'),
      told('post of an event, longest', steady.events.maxMs, 'ms'),
      below('post of 64 KiB of log, 99th percentile', steady.logs.p99Ms, 60, 'ms'),
      told('posts in that time', posts, ''),
      told('CPU time of the server for such a post', (steadyCpu / posts) * 1000, 'ms'),
      atLeast('events, each agent as fast as it is answered', closed.perSecond, 4000, '/s'),
      told('such a post, 99th percentile', closed.posts.p99Ms, 'ms'),
      below('answer to a network boot, 99th percentile', boots.p99Ms, 20, 'ms'),
      checked('network boots answered', boots.lost === 0, `${boots.count}, ${boots.lost} lost`),
      below('all agents connect at once after SIGKILL', again.ms / 1000, 5, 's'),
      told(AT_FIRST, after.events.p99Ms, 'ms'),
      ...(await compare(runs)),
    ];
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** CPU time of a process so far, user and system, all threads: proc(5), in clock ticks of 10 ms. */
async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** What the database has of each run, against what its agent knows. */
async function compare(runs: readonly RunCount[]): Promise<Figure[]> {
  const stored = await countRuns(databaseUrl ?? join(data, 'metalwright.sqlite'));
  const wrong = runs.filter(({ runId, have, sent, logBytes }) => {
    const kept = stored.get(runId);
    return (
      kept === undefined ||
      kept.events !== kept.lastSeq ||
      kept.events < have ||
      kept.events > sent ||
      kept.logBytes < logBytes
    );
  });
  const events = runs.reduce((sum, { have }) => sum + have, 0);
  const detail = `${events} acknowledged events of ${runs.length} runs, ${wrong.length} runs wrong`;
  return [checked('kept once each, none lost', wrong.length === 0, detail)];
}

try {
  process.stdout.write(`${JSON.stringify(await measure())}\n`);
} finally {
  await cluster?.[Symbol.asyncDispose]();
}

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { DeviceId, RunId } from '#agent/protocol/identity.ts';
import type { Progress } from '#agent/protocol/run-event.ts';
import { openBootImages } from '../../../boot-images/boot-images.ts';
import { createChanges } from '../../../changes.ts';
import { openContentStore } from '../../../content/store.ts';
import { createIntake } from '../../../content/take-in.ts';
import { openMediaMaker } from '../../../media/media-maker.ts';
import { openStore } from '../../../store/open.ts';
import { openBootSigner } from '../../../trust/boot-signing.ts';
import { openOperatorAccess } from '../../../trust/operator-access.ts';
import { createPasswordHasher } from '../../../trust/password-hasher.ts';
import { openSiteSecret } from '../../../trust/site-secret.ts';
import type { WindowsAgent } from '../../../windows-agents.ts';
import { windowsPublisher } from '../../../windows-publisher.ts';
import { accessMatrix } from '../../access-matrix.ts';
import type { RouteEntry } from '../../role.ts';
import { createListener } from '../../server.ts';
import type {
  BenchDhcpState,
  BootDecision,
  HeardServerState,
  LiveState,
  OperatorServices,
} from '../../services.ts';
import { isRecorded, unaudited } from './audit.ts';
import { authorizeOperator } from './authorize.ts';
import { operatorRoutes } from './index.ts';

/** What a test puts into the live state. */
interface LiveFacts {
  readonly progress: Map<RunId, Progress>;
  readonly decisions: BootDecision[];
  readonly refusals: Map<DeviceId, string>;
  readonly heardServers: HeardServerState[];
  readonly benches: BenchDhcpState[];
  /** Interfaces whose DHCP server was started again. */
  readonly benchesStarted: string[];
}

/** The console listener over a real store, content store and site CA in a directory of its own; for tests. */
export interface TestConsole extends AsyncDisposable {
  readonly dataDirectory: string;
  readonly services: OperatorServices;
  readonly facts: LiveFacts;
  readonly token: string;
  readonly routes: readonly RouteEntry[];
  readonly app: ReturnType<typeof createListener>['app'];
  /** Listens on loopback. @returns `https://127.0.0.1:<port>` */
  listen(): Promise<string>;
}

/** Opens it, over TLS with `tls` and plain without; everything is closed and deleted when it is disposed. */
export async function openTestConsole(options: {
  readonly tls: boolean;
  /** Agents that boot images are made with. */
  readonly windowsAgents?: readonly WindowsAgent[];
  /** Signing in by a provider; without it there is none. */
  readonly oidc?: OperatorServices['oidc'];
  /** Linux PE, for media; without it none are made. */
  readonly bootImageDirectory?: string;
  /** Hooks before the routes. */
  readonly prepare?: (app: FastifyInstance) => void;
}): Promise<TestConsole> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'metalwright-console-'));
  const nowMs = () => Date.now();
  const store = await openStore(join(dataDirectory, 'site.sqlite'));
  const content = await openContentStore(join(dataDirectory, 'content'));
  const access = await openOperatorAccess(dataDirectory, store, {
    nowMs,
    hasher: createPasswordHasher({ cost: { memoryKib: 64, passes: 1, parallelism: 1 } }),
  });
  const facts: LiveFacts = {
    progress: new Map(),
    decisions: [],
    refusals: new Map(),
    heardServers: [],
    benches: [],
    benchesStarted: [],
  };
  const intake = createIntake(content, (sha256) => store.packages.refersTo(sha256));
  const readWindows = windowsPublisher(store, content);
  const signer = await openBootSigner(dataDirectory);
  const services: OperatorServices = {
    store,
    content,
    intake,
    bootImages: openBootImages({
      store,
      content,
      intake,
      agents: options.windowsAgents ?? [],
      siteCa: 'site CA\n',
      interfaces: () => [],
      ports: () => ({ agents: 7443, boot: 7480 }),
      otherServers: () => ['10.0.5.2:7443'],
      published: async () => (await readWindows()).images,
      workFolder: join(dataDirectory, 'work'),
      nowMs,
    }),
    media: await openMediaMaker({
      store,
      content,
      bootImageDirectory: options.bootImageDirectory ?? null,
      siteCa: 'site CA\n',
      bootKey: signer.publicKey,
      sign: (bytes) => signer.sign(bytes),
      interfaces: () => [{ name: 'eth0', address: '10.0.5.1', netmask: '255.255.255.0' }],
      ports: () => ({ agents: 7443, boot: 7480 }),
      otherServers: () => ['10.0.5.2:7443'],
      folder: join(dataDirectory, 'media'),
      workFolder: join(dataDirectory, 'work'),
      onEnd: () => {},
      nowMs,
    }),
    variableKey: (await openSiteSecret(dataDirectory)).variableKey,
    access,
    oidc: options.oidc ?? null,
    nowMs,
    changes: createChanges(() => {}),
    live: liveStateOf(facts),
    metrics: { read: async () => ({ text: '', type: 'text/plain' }) },
    startBench: (interfaceName) => facts.benchesStarted.push(interfaceName),
  };
  const { app, routes } = createListener({
    ...(options.tls ? { tls: await siteTls(dataDirectory) } : {}),
    roles: ['public-console', 'operator'],
    conditional: true,
    authorize: authorizeOperator(access, accessMatrix),
    access: accessMatrix,
    prepare: options.prepare ?? demandAudit,
    routes: operatorRoutes,
    services,
  });
  return {
    dataDirectory,
    services,
    facts,
    token: await tokenOf(access.tokenFile),
    routes,
    app,
    listen: () => app.listen({ host: '127.0.0.1', port: 0 }),
    async [Symbol.asyncDispose]() {
      await app.close();
      await content.close();
      await store.close();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** Asked again, they change nothing and write no second entry; the static test looks at them. */
const repeatable = new Set([
  'POST /api/v1/packages/uploads/:id/commit',
  // A dry run, and an import of which a row is refused, changes nothing.
  'POST /api/v1/devices/import',
]);

/** Fails each request of a test that changed something and wrote no audit entry. */
function demandAudit(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    const isChange = !['GET', 'HEAD'].includes(request.method) && reply.statusCode < 300;
    if (isChange && !unaudited.has(route) && !repeatable.has(route) && !isRecorded(request))
      throw new Error(`${route} has changed something and written no audit entry`);
    return payload;
  });
}

async function tokenOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim();
}

async function siteTls(dataDirectory: string): Promise<{ key: string; cert: string }> {
  const { openSiteCa } = await import('../../../trust/site-ca.ts');
  const { serverKey, serverCertificate } = await openSiteCa(dataDirectory, []);
  return { key: serverKey, cert: serverCertificate };
}

function liveStateOf(facts: LiveFacts): LiveState {
  return {
    progress: (run) => facts.progress.get(run) ?? null,
    refusal: (device) => facts.refusals.get(device) ?? null,
    decisions: () => facts.decisions,
    lastDecision: (macs, guid) =>
      facts.decisions.find((each) => macs.includes(each.mac) || each.guid === guid) ?? null,
    heardServers: () => facts.heardServers,
    benches: () => facts.benches,
    interfaces: () => [
      { name: 'bench0', address: '10.0.5.1', netmask: '255.255.255.0' },
      { name: 'office0', address: '192.0.2.10', netmask: '255.255.255.0' },
    ],
    listeners: () => [
      { purpose: 'console and API', address: '127.0.0.1:7400', ok: true, detail: '' },
      { purpose: 'agents', address: '0.0.0.0:7443', ok: true, detail: '' },
    ],
    bootImages: () => [
      { name: 'Linux PE', architecture: 'x64', ready: true, detail: 'made by version 0.1.0' },
    ],
  };
}

import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'winston';
import type { agentPackage } from './agent-package.ts';
import type { CapturedImages } from './captured-images.ts';
import type { createChanges } from './changes.ts';
import type { ContentStore } from './content/store.ts';
import { accessMatrix } from './http/access-matrix.ts';
import { authorizeAgent, sendNonces } from './http/agent-authorizer.ts';
import type { AgentSessions } from './http/agent-sessions.ts';
import { agentRoutes } from './http/routes/agent/index.ts';
import { bootRoutes } from './http/routes/boot/index.ts';
import { authorizeOperator } from './http/routes/operator/authorize.ts';
import { operatorRoutes } from './http/routes/operator/index.ts';
import { createListener } from './http/server.ts';
import type { OperatorServices } from './http/services.ts';
import type { createLiveState } from './live-state.ts';
import { fastifyLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { BootFileMap } from './netboot/snapshot.ts';
import type { SiteServers } from './site-servers.ts';
import type { ConsoleTls } from './trust/console-certificate.ts';
import type { ProofChecker } from './trust/proof-check.ts';
import type { SiteSecret } from './trust/site-secret.ts';

interface TlsFiles {
  readonly key: string;
  readonly cert: string;
}

/** What the three listeners are wired to. */
interface ListenerParts
  extends Omit<OperatorServices, 'variableKey' | 'metrics' | 'live' | 'changes'> {
  readonly content: ContentStore;
  readonly secret: SiteSecret;
  readonly captured: CapturedImages;
  readonly proofs: ProofChecker;
  readonly sessions: AgentSessions;
  readonly live: ReturnType<typeof createLiveState>;
  readonly metrics: Metrics;
  readonly changes: ReturnType<typeof createChanges>;
  readonly tls: TlsFiles;
  readonly consoleTls: TlsFiles;
  readonly agentFor: (
    wanted: Parameters<typeof agentPackage>[0],
  ) => ReturnType<typeof agentPackage>;
  readonly bootFiles: () => BootFileMap;
  readonly bootPort: () => number;
  /** The other servers of the site, as a client at an address reaches them. */
  readonly site: Pick<SiteServers, 'agentServers' | 'bootUrls'>;
  readonly log: Logger;
}

/** Makes the listeners of boot files, of agents and of the console; none listens yet. */
export function createListeners(parts: ListenerParts) {
  const { store, content, intake, bootImages, media, access, oidc, changes, live, metrics, nowMs } =
    parts;
  const { secret, proofs, sessions, tls, consoleTls, agentFor, bootFiles, bootPort, site } = parts;
  const logger = fastifyLog(parts.log);
  const boot = createListener({
    roles: ['public-boot'],
    authorize: () => {},
    routes: bootRoutes,
    services: { content, bootFiles },
    logger,
    prepare: (app) => metrics.watchListener(app, 'boot'),
  });
  const agents = createListener({
    tls,
    roles: ['bootstrap', 'agent-key', 'agent'],
    authorize: authorizeAgent(proofs, sessions, nowMs),
    prepare: (app) => {
      metrics.watchListener(app, 'agents');
      sendNonces(app, proofs, site.agentServers);
    },
    routes: agentRoutes,
    services: {
      store,
      content,
      secret,
      captured: parts.captured,
      changes,
      nowMs,
      agentPackage: agentFor,
      tokenKey: (token) => proofs.tokenKey(token),
      bootPlace: (macs) => live.bootPlace(macs),
      noteProgress: (run, progress) => live.noteProgress(run, progress),
      notePolicy: (device, policy) => {
        if (live.notePolicy(device, policy)) changes.changed('view');
      },
      ownSource: (local) => `http://${urlHost(local)}:${bootPort()}`,
      otherSources: site.bootUrls,
    },
    logger,
  });
  const console = createListener({
    tls: consoleTls,
    roles: ['public-console', 'operator'],
    authorize: authorizeOperator(access, accessMatrix),
    access: accessMatrix,
    routes: operatorRoutes,
    services: {
      store,
      content,
      intake,
      bootImages,
      media,
      variableKey: secret.variableKey,
      access,
      oidc,
      changes,
      live,
      metrics,
      startBench: parts.startBench,
      nowMs,
    },
    logger,
    conditional: true,
    longRequests: true,
    prepare: (app) => metrics.watchListener(app, 'console'),
  });
  return { boot, agents, console };
}

function urlHost(address: string): string {
  const plain = address.replace(/^::ffff:/i, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}

/** Listens, at a free port where that is 0. */
export async function listen(
  app: FastifyInstance,
  where: { readonly host: string; readonly port: number },
): Promise<{ url: string; address: string; port: number }> {
  const url = await app.listen(where);
  const bound = app.server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : where.port;
  return { url, address: `${where.host}:${port}`, port };
}

/** Takes up the console's certificate when it is renewed. */
export function watchCertificate(
  opened: AsyncDisposableStack,
  {
    app,
    consoleTls,
    log,
  }: { readonly app: FastifyInstance; readonly consoleTls: ConsoleTls; readonly log: Logger },
): void {
  if (!(app.server instanceof TlsServer)) return;
  opened.defer(
    consoleTls.watch(app.server, (error) =>
      log.error('a renewed certificate of the console cannot be used', { error }),
    ),
  );
}

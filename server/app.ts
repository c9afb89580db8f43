import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'winston';
import { agentPackage, keepAgent } from './agent-package.ts';
import { finishRestore } from './backup/restore.ts';
import { openBootImages } from './boot-images/boot-images.ts';
import { createChanges } from './changes.ts';
import type { Config } from './config.ts';
import { openContentStore } from './content/store.ts';
import { createIntake } from './content/take-in.ts';
import { accessMatrix } from './http/access-matrix.ts';
import { authorizeAgent, sendNonces } from './http/agent-authorizer.ts';
import { createAgentSessions } from './http/agent-sessions.ts';
import type { RouteEntry } from './http/role.ts';
import { agentRoutes } from './http/routes/agent/index.ts';
import { bootRoutes } from './http/routes/boot/index.ts';
import { authorizeOperator } from './http/routes/operator/authorize.ts';
import { operatorRoutes } from './http/routes/operator/index.ts';
import { createListener } from './http/server.ts';
import { createLiveState } from './live-state.ts';
import { fastifyLog } from './log.ts';
import { startMembershipEvaluator } from './membership-evaluator.ts';
import { createMetrics } from './metrics.ts';
import { publishBootFiles } from './netboot/boot-files.ts';
import { startNetboot } from './netboot/netboot.ts';
import { startPassiveHearing } from './netboot/passive-hearing.ts';
import type { BootFileMap } from './netboot/snapshot.ts';
import type { LoaderReport } from './netboot/windows-clients.ts';
import { openProvider, providerConfig } from './oidc/provider.ts';
import { createOidcSignIn, type OidcSignIn } from './oidc/sign-in.ts';
import { noteOffers } from './pxe-offers.ts';
import { startRetentionSweep } from './retention-sweep.ts';
import { startSilenceKeeper } from './silence-keeper.ts';
import { joinSite, keysFingerprint, type SiteServers } from './site-servers.ts';
import { startSnapshotPublisher } from './snapshot-publisher.ts';
import { isPostgresUrl, storeLocation } from './store/location.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/operations.ts';
import { openBootSigner } from './trust/boot-signing.ts';
import { openConsoleTls } from './trust/console-certificate.ts';
import { openOperatorAccess } from './trust/operator-access.ts';
import { createProofChecker } from './trust/proof-check.ts';
import { openSiteCa } from './trust/site-ca.ts';
import { openSiteSecret } from './trust/site-secret.ts';
import { startUploadSweep } from './upload-sweep.ts';
import { startDelivery } from './webhooks/delivery-loop.ts';
import { keepWindowsAgents } from './windows-agents.ts';
import { type WindowsPublication, windowsPublisher } from './windows-publisher.ts';

/** A running server. */
export interface App {
  /** Where each listener listens, `https://0.0.0.0:7400`. */
  readonly addresses: {
    readonly boot: string;
    readonly agents: string;
    readonly console: string;
  };
  readonly store: Store;
  /** Every route of every listener, with its role. */
  readonly routes: readonly (RouteEntry & { readonly listener: string })[];
  /** File with the admin token for the `metalwright` command. */
  readonly tokenFile: string;
  /**
   * Resolves with the reason when the server cannot go on: the store's or the content's worker has ended.
   * It is then to be closed; half a server would take requests and keep nothing.
   */
  readonly ended: Promise<Error>;
  /** Makes the token of a link that signs an operator in once. */
  newLinkToken(): Promise<string>;
  /** Stops listening, ends the workers, closes the database. */
  close(): Promise<void>;
}

/** What a test may put in the place of the machine's. */
export interface AppOptions {
  readonly log: Logger;
  readonly nowMs?: () => number;
}

/**
 * The composition root: opens stores, workers and listeners, wires them, and closes them in reverse
 * order, also when one of them cannot be opened.
 *
 * @throws {StoreError} when the database cannot be opened; system errors for ports that are taken
 */
export async function startApp(config: Config, options: AppOptions): Promise<App> {
  const { log } = options;
  const nowMs = options.nowMs ?? Date.now;
  await using opened = new AsyncDisposableStack();
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o750 });
  const data = config.dataDirectory;
  await finishRestore(data);

  const end = Promise.withResolvers<Error>();
  const onEnd = (error: Error) => {
    log.error('a worker has ended, the server cannot go on', { error: error.message });
    end.resolve(error);
  };
  const location = await storeLocation(config);
  const metrics = createMetrics();
  const store = metrics.watchStore(await openStore(location, onEnd, metrics.watchWorker('store')));
  opened.defer(() => store.close());
  const content = await openContentStore(
    join(data, 'content'),
    onEnd,
    metrics.watchWorker('content'),
  );
  opened.defer(() => content.close());

  const live = createLiveState();
  const addresses = live.interfaces().map(({ address }) => address);
  const certificates = await openSiteCa(data, addresses);
  const signer = await openBootSigner(data);
  const secret = await openSiteSecret(data);
  const access = await openOperatorAccess(data, store, { nowMs });
  const oidcConfig = providerConfig(config.oidc);
  let oidc: OidcSignIn | null = null;
  if (oidcConfig !== undefined) {
    const provider = await openProvider(oidcConfig, nowMs);
    opened.defer(() => provider[Symbol.asyncDispose]());
    oidc = createOidcSignIn({ config: oidcConfig, provider, store, people: access.people, nowMs });
  }
  const isShared = isPostgresUrl(location);
  const keys = [certificates.caCertificate, signer.publicKey, secret.nonceKey];
  if (isShared) await store.servers.join(keysFingerprint(keys));
  const proofs = createProofChecker(secret.nonceKey, nowMs);

  let publisher: ReturnType<typeof startSnapshotPublisher> | undefined;
  let siteServers: SiteServers | undefined;
  const sessions = createAgentSessions(store);
  const changes = createChanges(
    (change) => {
      const devices = change.kind === 'devices' ? change.devices : undefined;
      // Of single devices machines tell, and what they do ends no session.
      if (change.kind === 'devices' && devices === undefined) sessions.forget();
      publisher?.changed(devices);
      evaluator.changed();
    },
    (what) => siteServers?.changed(what),
  );
  const evaluator = startMembershipEvaluator({
    store,
    onChanged: () => changes.offersChanged(),
    onError: (error) => log.error('collections cannot be evaluated', { error }),
    nowMs,
  });
  opened.defer(() => evaluator.close());
  const agent = await keepAgent(content, config.bootImageDirectory);
  const windowsAgents = await keepWindowsAgents(content, config.bootImageDirectory);
  const intake = createIntake(content, (sha256) => store.packages.refersTo(sha256));
  const sweep = startUploadSweep(
    {
      store,
      intake,
      keep: new Set(
        [
          agent.package,
          ...windowsAgents.agents.flatMap((each) => [each.agent, each.service]),
        ].flatMap((each) => each?.sha256 ?? []),
      ),
      nowMs,
    },
    (error) => log.error('uploads that were left cannot be taken away', { error }),
  );
  opened.defer(() => sweep.close());
  const retention = startRetentionSweep({ store, nowMs }, (error) =>
    log.error('what is older than it is kept cannot be taken away', { error }),
  );
  opened.defer(() => retention.close());
  const silences = startSilenceKeeper(store, (error) =>
    log.error('why network boots were not answered cannot be kept', { error }),
  );
  opened.defer(() => silences.close());
  await store.webhooks.sealUrls(secret.variableKey);
  if (config.webhooks.deliver) {
    const delivery = startDelivery({
      store,
      variableKey: secret.variableKey,
      allowLocal: config.webhooks.allowLocal,
      nowMs,
      onDisabled: (url, reason) =>
        log.warn('a webhook failed for a week, it is off', { url, reason }),
      onError: (error) => log.error('webhooks cannot be delivered', { error }),
    });
    opened.defer(() => delivery.close());
  }
  const tls = { key: certificates.serverKey, cert: certificates.serverCertificate };
  const consoleTls = await openConsoleTls(tls, config.listeners.consoleCertificate);
  const logger = fastifyLog(log);
  const readWindows = windowsPublisher(store, content);
  const bootImages = openBootImages({
    store,
    content,
    intake,
    agents: windowsAgents.agents,
    siteCa: certificates.caCertificate,
    interfaces: live.interfaces,
    ports: () => ({ agents: agentPort, boot: bootPort }),
    otherServers: (address) => siteServers?.agentServers(address) ?? [],
    published: async () => (await readWindows()).images,
    workFolder: join(data, 'work'),
    nowMs,
  });
  let bootFiles: BootFileMap = new Map();
  let agentPort = config.listeners.agents.port;
  let bootPort = config.listeners.boot.port;

  const boot = createListener({
    roles: ['public-boot'],
    authorize: () => {},
    routes: bootRoutes,
    services: { content, bootFiles: () => bootFiles },
    logger,
    prepare: (app) => metrics.watchListener(app, 'boot'),
  });
  const agents = createListener({
    tls,
    roles: ['bootstrap', 'agent-key', 'agent'],
    authorize: authorizeAgent(proofs, sessions, nowMs),
    prepare: (app) => {
      metrics.watchListener(app, 'agents');
      sendNonces(app, proofs, (local) => siteServers?.agentServers(local) ?? []);
    },
    routes: agentRoutes,
    services: {
      store,
      content,
      secret,
      changes,
      nowMs,
      agentPackage: (wanted) => agentPackage(wanted, agent.package, windowsAgents.agents),
      tokenKey: (token) => proofs.tokenKey(token),
      bootPlace: (macs) => live.bootPlace(macs),
      noteProgress: (run, progress) => live.noteProgress(run, progress),
      notePolicy: (device, policy) => {
        if (live.notePolicy(device, policy)) changes.changed('view');
      },
      ownSource: (local) => `http://${urlHost(local)}:${bootPort}`,
      otherSources: (local) => siteServers?.bootUrls(local) ?? [],
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
      variableKey: secret.variableKey,
      access,
      oidc,
      changes,
      live,
      metrics,
      nowMs,
    },
    logger,
    conditional: true,
    longRequests: true,
    prepare: (app) => metrics.watchListener(app, 'console'),
  });
  const listeners = { boot, agents, console };
  for (const { app } of Object.values(listeners)) opened.defer(() => app.close());
  const bootUrl = await listen(boot.app, config.listeners.boot);
  bootPort = bootUrl.port;
  const agentsUrl = await listen(agents.app, config.listeners.agents);
  agentPort = agentsUrl.port;
  const consoleUrl = await listen(console.app, config.listeners.console);
  if (console.app.server instanceof TlsServer)
    opened.defer(
      consoleTls.watch(console.app.server, (error) =>
        log.error('a renewed certificate of the console cannot be used', { error }),
      ),
    );

  if (isShared) {
    siteServers = joinSite({
      store,
      location,
      content,
      config,
      ports: { boot: bootPort, agents: agentPort },
      interfaces: live.interfaces,
      changes,
      log,
      nowMs,
    });
    opened.defer(() => siteServers?.close());
  }

  const publication = await publishBootFiles({
    directory: config.bootImageDirectory,
    siteCa: certificates.caCertificate,
    signer,
    bootPort,
    agentPort: agentsUrl.port,
  });
  bootFiles = publication.files;
  const states = [publication.image, agent.state, ...windowsAgents.states];
  live.setBootImages(states);
  let windows: WindowsPublication | undefined;
  let named = '[]';
  const publishWindows = async (publishFiles: (files: BootFileMap) => void) => {
    const next = await readWindows();
    const others = siteServers?.forBoot() ?? [];
    if (next !== windows || named !== JSON.stringify(others)) {
      windows = next;
      named = JSON.stringify(others);
      bootFiles = new Map([...publication.withOthers(others), ...next.files]);
      publishFiles(bootFiles);
      live.setBootImages([...states, ...next.states]);
    }
    const { images, wimboot } = next;
    return { images: images.map(({ files: _files, ...image }) => image), wimboot };
  };
  live.setListeners([
    { purpose: 'boot files and content', address: bootUrl.address, ok: true, detail: bootUrl.url },
    { purpose: 'agents', address: agentsUrl.address, ok: true, detail: agentsUrl.url },
    { purpose: 'console and API', address: consoleUrl.address, ok: true, detail: consoleUrl.url },
  ]);
  for (const { name, ready, detail } of live.bootImages())
    if (!ready) log.warn('machines cannot boot from here', { missing: name, detail });

  if (config.netboot.enabled) {
    const noteOffer = noteOffers(store, (error) =>
      log.error('what was offered by PXE cannot be kept', { error }),
    );
    const netboot = startNetboot({
      ports: definedOnly(config.netboot.ports),
      onWorker: metrics.watchWorker('netboot'),
      onReport: (report) => {
        if (report.kind === 'socket-error') log.warn('network boot socket', { ...report });
        live.noteReport(report);
        metrics.noteReport(report);
        if (report.kind === 'decision') silences.note(report);
        noteOffer(report);
        changes.changed('view');
        if (report.kind === 'loader') void noteLoader(report);
      },
    });
    const noteLoader = async (report: LoaderReport) => {
      try {
        await store.bootChains.noteLoader(report, nowMs());
        changes.changed('boot', []);
      } catch (error) {
        log.error('what a boot manager did cannot be kept', { error });
      }
    };
    opened.defer(() => netboot.close());
    const { dhcp = 67, dhcpClient = 68 } = config.netboot.ports;
    const hearing = startPassiveHearing({
      interfaces: live.interfaces,
      ports: { dhcp, dhcpClient },
      nowMs,
      onReport: (report) => {
        live.noteReport(report);
        changes.changed('view');
      },
      onError: (interfaceName, { code, message }) =>
        log.warn('other DHCP servers cannot be heard', { interfaceName, code, message }),
    });
    opened.defer(() => hearing.close());
    netboot.publishFiles(publication.files);
    const started = startSnapshotPublisher({
      store,
      netboot,
      interfaces: () => live.interfaces(),
      bootImages: () => publication.architectures,
      windows: () => publishWindows((files) => netboot.publishFiles(files)),
      bootPort,
      servers: () => siteServers?.forNetboot(),
      nowMs,
      onError: (error) => log.error('snapshot for network boots failed', { error }),
    });
    publisher = started;
    opened.defer(() => started.close());
  }

  const resources = opened.move();
  return {
    addresses: { boot: bootUrl.url, agents: agentsUrl.url, console: consoleUrl.url },
    store,
    routes: Object.entries(listeners).flatMap(([listener, { routes }]) =>
      routes.map((route) => ({ listener, ...route })),
    ),
    tokenFile: access.tokenFile,
    ended: end.promise,
    newLinkToken: () => access.newLinkToken(),
    close: () => resources.disposeAsync(),
  };
}

async function listen(
  app: FastifyInstance,
  where: { readonly host: string; readonly port: number },
): Promise<{ url: string; address: string; port: number }> {
  const url = await app.listen(where);
  const bound = app.server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : where.port;
  return { url, address: `${where.host}:${port}`, port };
}

function urlHost(address: string): string {
  const plain = address.replace(/^::ffff:/i, '');
  return plain.includes(':') ? `[${plain}]` : plain;
}

function definedOnly<Value>(record: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}

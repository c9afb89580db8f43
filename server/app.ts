import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'winston';
import { agentPackage, keepAgent } from './agent-package.ts';
import { type BootFiles, openBootFiles } from './app-boot-files.ts';
import { createListeners, listen, watchCertificate } from './app-listeners.ts';
import { type Answering, startAnswering } from './app-netboot.ts';
import { openTrust } from './app-trust.ts';
import { startUpkeep } from './app-upkeep.ts';
import { finishRestore } from './backup/restore.ts';
import { openBootImages } from './boot-images/boot-images.ts';
import { capturedImages } from './captured-images.ts';
import { createChanges } from './changes.ts';
import type { Config } from './config.ts';
import { openReceivedFiles } from './content/received-files.ts';
import { sendObjects } from './content/sender/send-objects.ts';
import { openContentStore } from './content/store.ts';
import { createIntake } from './content/take-in.ts';
import { createAgentSessions } from './http/agent-sessions.ts';
import type { RouteEntry } from './http/role.ts';
import { createLiveState } from './live-state.ts';
import { openMediaMaker } from './media/media-maker.ts';
import { startMembershipEvaluator } from './membership-evaluator.ts';
import { createMetrics } from './metrics.ts';
import { joinSite, keysFingerprint, type SiteServers } from './site-servers.ts';
import { isPostgresUrl, storeLocation } from './store/location.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/operations.ts';
import { openConsoleTls } from './trust/console-certificate.ts';
import { createProofChecker } from './trust/proof-check.ts';
import { keepWindowsAgents } from './windows-agents.ts';
import { windowsPublisher } from './windows-publisher.ts';

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
  const { certificates, signer, secret, access, oidc } = await openTrust(opened, {
    config,
    store,
    addresses: live.interfaces().map(({ address }) => address),
    nowMs,
  });
  const isShared = isPostgresUrl(location);
  const keys = [certificates.caCertificate, signer.publicKey, secret.nonceKey];
  if (isShared) await store.servers.join(keysFingerprint(keys));
  const proofs = createProofChecker(secret.nonceKey, nowMs);

  let answering: Answering | undefined;
  let siteServers: SiteServers | undefined;
  const sessions = createAgentSessions(store);
  const changes = createChanges(
    (change) => {
      const devices = change.kind === 'devices' ? change.devices : undefined;
      // Of single devices machines tell, and what they do ends no session.
      if (change.kind === 'devices' && devices === undefined) sessions.forget();
      answering?.publisher.changed(devices);
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
  const received = openReceivedFiles(join(data, 'content', 'captured'));
  const programs = [
    agent.package,
    ...windowsAgents.agents.flatMap((each) => [each.agent, each.service]),
  ];
  const { silences } = await startUpkeep(opened, {
    store,
    intake,
    received,
    config,
    kept: programs.flatMap((each) => each?.sha256 ?? []),
    variableKey: secret.variableKey,
    log,
    nowMs,
  });
  const tls = { key: certificates.serverKey, cert: certificates.serverCertificate };
  const consoleTls = await openConsoleTls(tls, config.listeners.consoleCertificate);
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
  const media = opened.use(
    await openMediaMaker({
      store,
      content,
      bootImageDirectory: config.bootImageDirectory,
      siteCa: certificates.caCertificate,
      bootKey: signer.publicKey,
      sign: (bytes) => signer.sign(bytes),
      interfaces: live.interfaces,
      ports: () => ({ agents: agentPort, boot: bootPort }),
      otherServers: (address) => siteServers?.agentServers(address) ?? [],
      folder: join(data, 'media'),
      workFolder: join(data, 'work'),
      onEnd: () => changes.changed('view'),
      nowMs,
    }),
  );
  let bootFiles: BootFiles | undefined;
  let agentPort = config.listeners.agents.port;
  let bootPort = config.listeners.boot.port;

  const listeners = createListeners({
    store,
    content,
    intake,
    bootImages,
    media,
    access,
    oidc,
    changes,
    live,
    metrics,
    secret,
    captured: capturedImages({ store, content, intake, files: received, changes, nowMs }),
    proofs,
    sessions,
    tls,
    consoleTls,
    startBench: (interfaceName) => answering?.startBench(interfaceName),
    agentFor: (wanted) => agentPackage(wanted, agent.package, windowsAgents.agents),
    bootFiles: () => bootFiles?.files() ?? new Map(),
    bootPort: () => bootPort,
    site: {
      agentServers: (local) => siteServers?.agentServers(local) ?? [],
      bootUrls: (local) => siteServers?.bootUrls(local) ?? [],
    },
    log,
    nowMs,
  });
  const { boot, agents, console } = listeners;
  for (const { app } of Object.values(listeners)) opened.defer(() => app.close());
  opened.use(
    sendObjects(boot.app.server, {
      directory: join(data, 'content'),
      onSent: (objects, bytes) => metrics.noteObjects('boot', objects, bytes),
      onShort: (sha256) => log.warn('an object has become shorter while it was sent', { sha256 }),
      onEnd: (error) => log.error('content is sent by the main thread from now on', { error }),
    }),
  );
  const bootUrl = await listen(boot.app, config.listeners.boot);
  bootPort = bootUrl.port;
  const agentsUrl = await listen(agents.app, config.listeners.agents);
  agentPort = agentsUrl.port;
  const consoleUrl = await listen(console.app, config.listeners.console);
  watchCertificate(opened, { app: console.app, consoleTls, log });

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

  bootFiles = await openBootFiles({
    directory: config.bootImageDirectory,
    siteCa: certificates.caCertificate,
    signer,
    bootPort,
    agentPort,
    live,
    states: [agent.state, ...windowsAgents.states],
    readWindows,
    forBoot: () => siteServers?.forBoot() ?? [],
  });
  live.setListeners([
    { purpose: 'boot files and content', address: bootUrl.address, ok: true, detail: bootUrl.url },
    { purpose: 'agents', address: agentsUrl.address, ok: true, detail: agentsUrl.url },
    { purpose: 'console and API', address: consoleUrl.address, ok: true, detail: consoleUrl.url },
  ]);
  for (const { name, ready, detail } of live.bootImages())
    if (!ready) log.warn('machines cannot boot from here', { missing: name, detail });

  if (config.netboot.enabled)
    answering = startAnswering(opened, {
      config,
      store,
      live,
      metrics,
      changes,
      silences,
      bootFiles,
      servers: () => siteServers?.forNetboot(),
      bootPort,
      serverName: isShared ? hostname() : '',
      log,
      nowMs,
    });

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

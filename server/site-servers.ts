import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'winston';
import type { Config } from './config.ts';
import { startContentReplication } from './content/replication.ts';
import type { ContentStore } from './content/store.ts';
import {
  addressesFor,
  type HeardServers,
  noteServers,
  type SiteServer,
} from './inventory/live-servers.ts';
import type { NetbootInterface, NetbootSnapshot } from './netboot/snapshot.ts';
import { type SiteListener, startSiteListener } from './site-listener.ts';
import type { Store } from './store/operations.ts';
import { readVersion } from './version.ts';

/** Between two beats, while what others tell is heard; it is then only how one that died is noticed. */
const BEAT_MS = 2000;
/** While it is not heard: what another server changes is known by reading, within two seconds. */
const DEAF_BEAT_MS = 1000;
/** Changes within this time are told together. */
const TELL_MS = 50;
const VIEW_MS = 1000;

/** The servers of a site that share its database, as this one knows them. */
export interface SiteServers {
  /** All that live, for who answers PXE. */
  forNetboot(): NonNullable<NetbootSnapshot['servers']>;
  /** Other live servers as an agent reaches them that reached this one at `localAddress`: `10.0.0.2:7443`. */
  agentServers(localAddress: string): readonly string[];
  /** The other live servers, for boot files: one entry an address. */
  forBoot(): readonly { readonly agents: string; readonly boot: string }[];
  /** Base URLs of boot files and content of the other live servers. */
  bootUrls(localAddress?: string): readonly string[];
  /** This server has changed something; the others are to know. */
  changed(what: 'boot' | 'view'): void;
  close(): Promise<void>;
}

/** Site keys as one line that tells whether two servers have the same; it tells nothing of them. */
export function keysFingerprint(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(createHash('sha256').update(part).digest());
  return hash.digest('hex');
}

/**
 * Joins the servers on the database: says every two seconds that this one lives, reads which others do and
 * what they have changed, and reads at once when one of them calls. While the database is away, those last
 * heard count as alive.
 */
function startSiteServers(settings: {
  readonly store: Pick<Store, 'servers'>;
  readonly id: string;
  readonly self: () => Pick<
    SiteServer,
    'name' | 'addresses' | 'bootPort' | 'agentPort' | 'version'
  >;
  readonly interfaces: () => readonly NetbootInterface[];
  /** Another server has changed something, or one has come or gone. */
  readonly onChange: (what: 'boot' | 'view') => void;
  readonly onError: (error: unknown) => void;
  readonly nowMs: () => number;
  readonly listen: (onWake: () => void) => SiteListener;
  readonly beatMs: number;
}): SiteServers {
  const { store, id } = settings;
  const stop = new AbortController();
  const revisions = { boot: 0, view: 0 };
  /** Of `revisions.view`, which counts all changes: what the others were called for. */
  let told = -1;
  let heard: HeardServers = new Map();
  let live: readonly SiteServer[] = [];
  let wake = new AbortController();
  let failing = false;
  let beat = 0;
  /** Listed with each beat: to list them takes longer than an answer that asks for them. */
  let networks = settings.interfaces();
  let viewTimer: ReturnType<typeof setTimeout> | undefined;

  const beatOnce = async () => {
    try {
      beat += 1;
      networks = settings.interfaces();
      const revision = revisions.view;
      const rows = await store.servers.beat(id, {
        ...settings.self(),
        beat,
        bootRevision: revisions.boot,
        viewRevision: revision,
        heartbeatMs: settings.nowMs(),
      });
      if (told !== revision) {
        told = revision;
        listener.tell();
      }
      const read = noteServers(heard, rows, { self: id, nowMs: performance.now() });
      ({ heard, live } = read);
      failing = false;
      if (read.bootChanged) settings.onChange('boot');
      else if (read.viewChanged) settings.onChange('view');
    } catch (error) {
      // Told once: it lasts as long as the database is away.
      if (!failing && !stop.signal.aborted) settings.onError(error);
      failing = true;
    }
  };
  const run = async () => {
    while (!stop.signal.aborted) {
      await beatOnce();
      const waiting = AbortSignal.any([stop.signal, wake.signal]);
      const pauseMs = listener.isHearing() ? settings.beatMs : DEAF_BEAT_MS;
      await delay(pauseMs, undefined, { signal: waiting }).catch(() => undefined);
      if (wake.signal.aborted && !stop.signal.aborted) {
        wake = new AbortController();
        await delay(TELL_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };
  const listener = settings.listen(() => wake.abort());
  const running = run();
  const others = () => live.filter((server) => server.id !== id);
  const reach = (localAddress: string | undefined) => {
    const plain = localAddress?.replace(/^::ffff:/i, '');
    const network = networks.find(({ address }) => address === plain);
    return others().flatMap((server) =>
      addressesFor(server, network).map((address) => ({ server, address })),
    );
  };
  return {
    forNetboot: () => ({ self: id, live }),
    agentServers: (localAddress) =>
      reach(localAddress).map(({ server, address }) => `${address}:${server.agentPort}`),
    bootUrls: (localAddress) =>
      reach(localAddress).map(({ server, address }) => `http://${address}:${server.bootPort}`),
    forBoot: () =>
      reach(undefined).map(({ server, address }) => ({
        agents: `${address}:${server.agentPort}`,
        boot: `http://${address}:${server.bootPort}`,
      })),
    changed(what) {
      revisions.view += 1;
      if (what === 'boot') {
        revisions.boot += 1;
        wake.abort();
        return;
      }
      // What is only looked at is told once a second: each event of a run is such a change.
      viewTimer ??= setTimeout(() => {
        viewTimer = undefined;
        wake.abort();
      }, VIEW_MS);
    },
    async close() {
      stop.abort();
      clearTimeout(viewTimer);
      await listener.close();
      await running;
      await store.servers.leave(id, settings.nowMs()).catch(() => undefined);
    },
  };
}

/**
 * Joins a running server to its site: beats, and the content of the others. It is one more thing to close.
 */
export function joinSite(settings: {
  readonly store: Store;
  /** URL of the database, to hear the others by. */
  readonly location: string;
  readonly content: ContentStore;
  readonly config: Config;
  readonly ports: { readonly boot: number; readonly agents: number };
  readonly interfaces: () => readonly NetbootInterface[];
  readonly changes: { heard(what: 'boot' | 'view'): void };
  readonly log: Logger;
  readonly nowMs: () => number;
  /** Between two beats, for tests. */
  readonly beatMs?: number;
}): SiteServers {
  const { store, content, changes, log, ports, interfaces } = settings;
  const { host } = settings.config.listeners.agents;
  const everywhere = host === '0.0.0.0' || host === '::';
  // Of this process: one that was killed and is started again is another one, until it is forgotten.
  const id = randomUUID();
  const servers = startSiteServers({
    store,
    id,
    listen: (onWake) => startSiteListener({ url: settings.location, id, onWake }),
    beatMs: settings.beatMs ?? BEAT_MS,
    self: () => ({
      name: hostname(),
      addresses: everywhere
        ? interfaces().map(({ address, netmask }) => ({ address, netmask }))
        : [{ address: host, netmask: '255.255.255.255' }],
      bootPort: ports.boot,
      agentPort: ports.agents,
      version: readVersion(),
    }),
    interfaces,
    onChange: (what) => {
      changes.heard(what);
      replication.changed();
    },
    onError: (error) => log.warn('the other servers of the site cannot be heard', { error }),
    nowMs: settings.nowMs,
  });
  const replication = startContentReplication({
    store,
    content,
    sources: () => servers.bootUrls(),
    onKept: () => changes.heard('boot'),
    onError: (error, about) =>
      log.warn('content of another server cannot be brought here', { ...about, error }),
  });
  return {
    ...servers,
    async close() {
      await replication.close();
      await servers.close();
    },
  };
}

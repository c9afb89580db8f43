import { randomUUID } from 'node:crypto';
import type { Logger } from 'winston';
import type { BootFiles } from './app-boot-files.ts';
import type { createChanges } from './changes.ts';
import type { Config } from './config.ts';
import type { createLiveState } from './live-state.ts';
import type { Metrics } from './metrics.ts';
import { findNeighbour } from './netboot/neighbour.ts';
import { startNetboot } from './netboot/netboot.ts';
import { startPassiveHearing } from './netboot/passive-hearing.ts';
import type { NetbootReport } from './netboot/snapshot.ts';
import type { LoaderReport } from './netboot/windows-clients.ts';
import { noteOffers } from './pxe-offers.ts';
import type { startSilenceKeeper } from './silence-keeper.ts';
import { type SnapshotPublisher, startSnapshotPublisher } from './snapshot-publisher.ts';
import type { Store } from './store/operations.ts';

type Report<Kind> = Extract<NetbootReport, { kind: Kind }>;
type Snapshots = Parameters<typeof startSnapshotPublisher>[0];

/** Another server is looked at again, and logged again, after so long. */
const ASK_AGAIN_MS = 60 * 60_000;
/** Anyone on the wire can invent servers. */
const MOST_ASKED = 1000;

/** What answering network boots is wired to. */
interface NetbootParts {
  readonly config: Config;
  readonly store: Store;
  readonly live: ReturnType<typeof createLiveState>;
  readonly metrics: Metrics;
  readonly changes: ReturnType<typeof createChanges>;
  readonly silences: ReturnType<typeof startSilenceKeeper>;
  readonly bootFiles: BootFiles;
  readonly servers: NonNullable<Snapshots['servers']>;
  readonly bootPort: number;
  /** Name of this server; empty where there can be only one. */
  readonly serverName: string;
  readonly log: Logger;
  readonly nowMs: () => number;
}

/** What answers network boots. */
export interface Answering {
  /** What says what it answers by. */
  readonly publisher: SnapshotPublisher;
  /** Starts the DHCP server of a bench again. */
  readonly startBench: (interfaceName: string) => void;
}

/** Starts what answers network boots and hears other DHCP servers. */
export function startAnswering(opened: AsyncDisposableStack, parts: NetbootParts): Answering {
  const { publication, publishWindows } = parts.bootFiles;
  const { config, store, live, metrics, changes, silences } = parts;
  const { servers, bootPort, serverName, log, nowMs } = parts;
  const noteOffer = noteOffers(store, (error) =>
    log.error('what was offered by PXE cannot be kept', { error }),
  );
  const netboot = startNetboot({
    ports: definedOnly(config.netboot.ports),
    onWorker: metrics.watchWorker('netboot'),
    leases: {
      all: () => store.dhcpLeases.all(serverName),
      keep: (leases) => store.dhcpLeases.keep(serverName, leases),
    },
    onReport: (report) => {
      if (report.kind === 'socket-error') log.warn('network boot socket', { ...report });
      live.noteReport(report);
      metrics.noteReport(report);
      if (report.kind === 'decision') silences.note(report);
      noteOffer(report);
      changes.changed('view');
      if (report.kind === 'loader') void noteLoader(report);
      if (report.kind === 'bench') void noteBench(report);
      if (report.kind === 'heard-server') noteServer(report, true);
    },
  });
  /** It stops by itself, so nobody sees it happen: it is told wherever somebody may look. */
  const noteBench = async ({ atMs, interfaceName, state, reason, server }: Report<'bench'>) => {
    const fields = { interfaceName, state, reason, server };
    if (state !== 'stopped') {
      log.info('DHCP server of a bench', fields);
      return;
    }
    log.error('the DHCP server of a bench has stopped', fields);
    // Told again of one that had stopped before the thread was started anew.
    if (server === null) return;
    const mac = await findNeighbour(server, { interfaceName, ask: true });
    if (mac !== null) live.noteServerMac({ interfaceName, address: server }, mac);
    const detail = { interfaceName, server, mac, reason };
    const entry = { atMs, who: 'server', action: 'dhcp.stop', detail };
    try {
      await store.audit.add(randomUUID(), entry);
    } catch (error) {
      log.error('the audit log cannot be written', { error });
    }
  };
  const asked = new Map<string, number>();
  const noteServer = (server: Report<'heard-server'>, ask: boolean) => {
    const { interfaceName, address, atMs } = server;
    const key = `${interfaceName} ${address} ${ask}`;
    if (atMs - (asked.get(key) ?? 0) < ASK_AGAIN_MS || asked.size > MOST_ASKED) return;
    asked.set(key, atMs);
    void findNeighbour(address, { interfaceName, ask }).then((mac) => {
      if (mac !== null) live.noteServerMac(server, mac);
      const { pxe, grants, offered } = server;
      const fields = { interfaceName, address, mac, pxe, grants, ...offered };
      log.warn('another DHCP or PXE server answers', fields);
      changes.changed('view');
    });
  };
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
      noteServer(report, false);
      changes.changed('view');
    },
    onError: (interfaceName, { code, message }) =>
      log.warn('other DHCP servers cannot be heard', { interfaceName, code, message }),
  });
  opened.defer(() => hearing.close());
  netboot.publishFiles(publication.files);
  const publisher = startSnapshotPublisher({
    store,
    netboot,
    interfaces: () => live.interfaces(),
    bootImages: () => publication.architectures,
    windows: () => publishWindows((files) => netboot.publishFiles(files)),
    bootPort,
    servers,
    serverName,
    nowMs,
    onError: (error) => log.error('snapshot for network boots failed', { error }),
  });
  opened.defer(() => publisher.close());
  return { publisher, startBench: (interfaceName) => netboot.startBench(interfaceName) };
}

function definedOnly<Value>(record: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}

import type { Logger } from 'winston';
import type { BootFiles } from './app-boot-files.ts';
import type { createChanges } from './changes.ts';
import type { Config } from './config.ts';
import type { createLiveState } from './live-state.ts';
import type { Metrics } from './metrics.ts';
import { startNetboot } from './netboot/netboot.ts';
import { startPassiveHearing } from './netboot/passive-hearing.ts';
import type { LoaderReport } from './netboot/windows-clients.ts';
import { noteOffers } from './pxe-offers.ts';
import type { startSilenceKeeper } from './silence-keeper.ts';
import { type SnapshotPublisher, startSnapshotPublisher } from './snapshot-publisher.ts';
import type { Store } from './store/operations.ts';

type Snapshots = Parameters<typeof startSnapshotPublisher>[0];

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
  readonly log: Logger;
  readonly nowMs: () => number;
}

/** Starts what answers network boots and hears other DHCP servers. @returns what says what it answers by */
export function startAnswering(
  opened: AsyncDisposableStack,
  parts: NetbootParts,
): SnapshotPublisher {
  const { publication, publishWindows } = parts.bootFiles;
  const { config, store, live, metrics, changes, silences } = parts;
  const { servers, bootPort, log, nowMs } = parts;
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
  const publisher = startSnapshotPublisher({
    store,
    netboot,
    interfaces: () => live.interfaces(),
    bootImages: () => publication.architectures,
    windows: () => publishWindows((files) => netboot.publishFiles(files)),
    bootPort,
    servers,
    nowMs,
    onError: (error) => log.error('snapshot for network boots failed', { error }),
  });
  opened.defer(() => publisher.close());
  return publisher;
}

function definedOnly<Value>(record: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}

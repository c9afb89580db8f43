import { Worker } from 'node:worker_threads';
import type { Lease } from '../dhcp/bench/lease-table.ts';
import { makeDeviceTables } from './device-tables.ts';
import type { NetbootPorts } from './interface-sockets.ts';
import type {
  BootFileMap,
  NetbootDevice,
  NetbootDevices,
  NetbootFrame,
  NetbootReport,
} from './snapshot.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** How to start the netboot worker. */
export interface NetbootSettings {
  /** Other ports than the standard ones, for tests. */
  readonly ports?: Partial<NetbootPorts>;
  readonly onReport: (report: NetbootReport) => void;
  /** Where leases of benches are kept; without it no addresses are granted. */
  readonly leases?: LeaseStore;
  /** Gets the worker's thread, to watch it; each time it is started. */
  readonly onWorker?: (worker: Worker) => void;
}
/** Leases of benches, in the store. An answer comes after they are on the disk. */
export interface LeaseStore {
  readonly all: () => Promise<readonly Lease[]>;
  readonly keep: (leases: readonly Lease[]) => Promise<unknown>;
}
/** The netboot worker, seen from the main thread. */
export interface Netboot {
  /** Changes records; those of a whole table decide from the next frame on that is whole. */
  publishDevices(change: NetbootDevices): void;
  /**
   * Makes this what decides, with the records there are, or with those of the whole table that came before it.
   * Resolves when its interfaces are open or reported.
   */
  publish(frame: NetbootFrame, options?: { readonly whole: boolean }): Promise<void>;
  /** Replaces all files; transfers under way go on with the old ones. */
  publishFiles(files: BootFileMap): void;
  /** Starts a bench's DHCP server again that another server has stopped. */
  startBench(interfaceName: string): void;
  close(): Promise<void>;
}

const standardPorts: NetbootPorts = { dhcp: 67, proxy: 4011, tftp: 69, dhcpClient: 68 };
/** Subject of the reports about the worker itself: while it is in trouble, no socket is open. */
export const NETBOOT_WORKER = 'worker';
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;
const READ_AGAIN_MS = 5000;
/** A worker that lived this long did not die of its start. */
const SETTLED_MS = 60_000;

/**
 * Starts the worker that answers DHCP and TFTP. If it dies it is reported, started again after a
 * moment (longer each time it dies young) and given the last records, snapshot and files.
 */
export function startNetboot({ ports, onReport, onWorker, leases }: NetbootSettings): Netboot {
  const workerData = { ports: { ...standardPorts, ...ports } };
  let frame: NetbootFrame | undefined;
  const tables = makeDeviceTables();
  let files: BootFileMap | undefined;
  let restartMs = FIRST_RESTART_MS;
  let restart: NodeJS.Timeout | undefined;
  let closed = false;
  /** The worker has died, and the next one has not opened its sockets yet. */
  let dead = false;
  const waiting = new Set<{ readonly revision: number; readonly done: () => void }>();

  /** Interfaces whose DHCP server has stopped, and why: the next worker has to know. */
  const stopped = new Map<string, string>();
  /** Writes of leases that are under way: a worker that is started anew reads after them. */
  const writing = new Set<Promise<unknown>>();
  const keepLeases = async (from: Worker, id: number, some: readonly Lease[]): Promise<void> => {
    const write = leases?.keep(some) ?? Promise.reject(new Error('there is no store for leases'));
    writing.add(write);
    const error = await write.then(
      () => null,
      (failure: unknown) => (failure instanceof Error ? failure.message : String(failure)),
    );
    writing.delete(write);
    if (from === worker) post({ kind: 'leases-kept', id, error });
  };
  const loadLeases = async (to: Worker): Promise<void> => {
    await Promise.allSettled(writing);
    const all = await leases?.all();
    if (to === worker && !closed && all !== undefined) post({ kind: 'leases', leases: all });
  };

  const onMessage = (from: Worker, message: FromWorker): void => {
    switch (message.kind) {
      case 'reports':
        for (const report of message.reports) {
          if (report.kind === 'bench' && report.state === 'stopped')
            stopped.set(report.interfaceName, report.reason);
          onReport(report);
        }
        return;
      case 'keep-leases':
        void keepLeases(from, message.id, message.leases);
        return;
      case 'ready':
        if (dead)
          onReport({
            kind: 'socket-state',
            atMs: Date.now(),
            subject: NETBOOT_WORKER,
            state: 'gone',
            address: '',
          });
        dead = false;
        for (const entry of waiting) {
          if (entry.revision > message.revision) continue;
          waiting.delete(entry);
          entry.done();
        }
    }
  };

  const start = (): Worker => {
    const startedMs = Date.now();
    const started = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
    onWorker?.(started);
    started.on('message', (message: FromWorker) => onMessage(started, message));
    started.on('error', (error: Error) => {
      const reason = `The netboot worker failed: ${error.message}. It is started again in ${restartMs} ms.`;
      onReport({
        kind: 'socket-error',
        atMs: Date.now(),
        code: 'netboot.worker',
        reason,
        subject: NETBOOT_WORKER,
      });
      dead = true;
    });
    started.on('exit', () => {
      if (closed) return;
      if (Date.now() - startedMs > SETTLED_MS) restartMs = FIRST_RESTART_MS;
      restart = setTimeout(() => {
        worker = start();
        for (const [interfaceName, reason] of stopped)
          post({ kind: 'bench-stop', interfaceName, reason });
        readLeases();
        if (files !== undefined) post({ kind: 'files', files });
        if (frame === undefined) return;
        for (const change of inSlices(tables.now().all())) post({ kind: 'devices', change });
        post({ kind: 'frame', frame, whole: false });
      }, restartMs);
      restartMs = Math.min(restartMs * 2, LONGEST_RESTART_MS);
    });
    return started;
  };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  const post = (message: ToWorker): void => worker.postMessage(message);
  let worker = start();
  const readLeases = (): void => {
    const to = worker;
    loadLeases(to).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      const reason = `The leases cannot be read, so no addresses are granted: ${why}. It is tried again.`;
      onReport({ kind: 'socket-error', atMs: Date.now(), code: 'dhcp.leases-unread', reason });
      if (!closed && to === worker) setTimeout(readLeases, READ_AGAIN_MS).unref();
    });
  };
  readLeases();
  const opened = (revision: number): Promise<void> =>
    new Promise((done) => {
      waiting.add({ revision, done });
    });

  return {
    publishDevices: (change) => {
      tables.change(change);
      post({ kind: 'devices', change });
    },
    publish: (next, { whole } = { whole: false }) => {
      if (whole) tables.swap();
      frame = next;
      post({ kind: 'frame', frame: next, whole });
      return opened(next.revision);
    },
    publishFiles: (next) => {
      files = next;
      post({ kind: 'files', files: next });
    },
    startBench: (interfaceName) => {
      stopped.delete(interfaceName);
      post({ kind: 'bench-start', interfaceName });
    },
    close: async () => {
      closed = true;
      clearTimeout(restart);
      for (const entry of waiting) entry.done();
      waiting.clear();
      const exited = new Promise<void>((resolve) => {
        if (worker.threadId === -1) resolve();
        else worker.once('exit', () => resolve());
      });
      post({ kind: 'close' });
      await exited;
    },
  };
}

/** Records to one message, so that none holds a thread up. */
const SLICE = 500;

function* inSlices(devices: Iterable<NetbootDevice>): Generator<NetbootDevices> {
  let slice: NetbootDevice[] = [];
  for (const device of devices) {
    slice.push(device);
    if (slice.length < SLICE) continue;
    yield { to: 'now', devices: slice, gone: [] };
    slice = [];
  }
  yield { to: 'now', devices: slice, gone: [] };
}

import { Worker } from 'node:worker_threads';
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
  /** Gets the worker's thread, to watch it; each time it is started. */
  readonly onWorker?: (worker: Worker) => void;
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
  close(): Promise<void>;
}

const standardPorts: NetbootPorts = { dhcp: 67, proxy: 4011, tftp: 69, dhcpClient: 68 };
/** Subject of the reports about the worker itself: while it is in trouble, no socket is open. */
export const NETBOOT_WORKER = 'worker';
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;
/** A worker that lived this long did not die of its start. */
const SETTLED_MS = 60_000;

/**
 * Starts the worker that answers DHCP and TFTP. If it dies it is reported, started again after a
 * moment (longer each time it dies young) and given the last records, snapshot and files.
 */
export function startNetboot({ ports, onReport, onWorker }: NetbootSettings): Netboot {
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

  const onMessage = (message: FromWorker): void => {
    switch (message.kind) {
      case 'report':
        onReport(message.report);
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
    started.on('message', onMessage);
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

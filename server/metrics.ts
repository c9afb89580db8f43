import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Worker } from 'node:worker_threads';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { NetbootReport } from './netboot/snapshot.ts';
import type { StoreAnswer } from './store/messages.ts';
import type { Store } from './store/operations.ts';

/** What the server tells of itself to Prometheus. No label names a machine: that would be 100,000 series. */
export interface Metrics {
  /** The text of a scrape, and its content type. */
  read(): Promise<{ readonly text: string; readonly type: string }>;
  /** Counts what the netboot worker reports. */
  noteReport(report: NetbootReport): void;
  /** Times the calls of a store, and counts events that are kept. */
  watchStore(store: Store): Store;
  /** Tells how busy a thread is; of the store's also how many calls it answered with one commit. */
  watchWorker(name: 'store' | 'content' | 'netboot'): (worker: Worker) => void;
  /** Counts the answers of a listener and the bytes of content that it sends. */
  watchListener(app: FastifyInstance, listener: string): void;
  /** Counts objects that a listener sent past its app, and their bytes. */
  noteObjects(listener: string, objects: number, bytes: number): void;
}

/** The operation that keeps events; its answer says how many were new. */
const APPEND = ['runs', 'append'].join('.');
/** An answer to PXE is made of what is in memory: it takes a part of a millisecond. */
const PXE_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25];
const GROUP_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];
const LATENCY_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Makes the registry; what can only be asked is asked when it is read. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  watchProcess(registry);
  const storeSeconds = new Histogram({
    name: 'metalwright_store_call_seconds',
    help: 'Time from a call of the store to its answer, which comes after the commit',
    labelNames: ['operation'],
    buckets: LATENCY_SECONDS,
    registers,
  });
  const waiting = new Gauge({
    name: 'metalwright_store_calls_waiting',
    help: 'Calls of the store that are not answered yet',
    registers,
  });
  const failures = new Counter({
    name: 'metalwright_store_failures_total',
    help: 'Calls of the store that were answered with an error, by its code',
    labelNames: ['code'],
    registers,
  });
  const events = new Counter({
    name: 'metalwright_run_events_total',
    help: 'Events of runs that were kept',
    registers,
  });
  const logBytes = new Counter({
    name: 'metalwright_run_log_bytes_total',
    help: 'Bytes of logs of runs that were offered',
    registers,
  });
  const boots = new Counter({
    name: 'metalwright_netboot_requests_total',
    help: 'Network boots that were decided, by what came of it and the way they were sent on',
    labelNames: ['outcome', 'chain'],
    registers,
  });
  const pxeSeconds = new Histogram({
    name: 'metalwright_pxe_answer_seconds',
    help: 'Time from the packet of a network boot to its answer, or to the decision to be silent',
    labelNames: ['outcome'],
    buckets: PXE_SECONDS,
    registers,
  });
  const transfers = new Counter({
    name: 'metalwright_tftp_transfers_total',
    help: 'Transfers by TFTP, by what became of them',
    labelNames: ['outcome'],
    registers,
  });
  const tftpBytes = new Counter({
    name: 'metalwright_tftp_bytes_total',
    help: 'Bytes of transfers by TFTP that ended',
    registers,
  });
  const socketErrors = new Counter({
    name: 'metalwright_netboot_socket_errors_total',
    help: 'Failures of sockets for network boot',
    labelNames: ['code'],
    registers,
  });
  const answers = new Counter({
    name: 'metalwright_http_answers_total',
    help: 'Answers over HTTP, by listener and class of status',
    labelNames: ['listener', 'status'],
    registers,
  });
  const contentBytes = new Counter({
    name: 'metalwright_content_bytes_total',
    help: 'Bytes of content and boot files that were sent over HTTP',
    labelNames: ['listener'],
    registers,
  });

  return {
    async read() {
      return { text: await registry.metrics(), type: registry.contentType };
    },
    noteReport(report) {
      if (report.kind === 'decision')
        boots.inc({ outcome: report.outcome, chain: report.boot?.chain ?? 'none' });
      if (report.kind === 'decision' && report.tookMs !== undefined)
        pxeSeconds.observe({ outcome: report.outcome }, report.tookMs / 1000);
      if (report.kind === 'socket-error') socketErrors.inc({ code: report.code });
      if (report.kind !== 'transfer') return;
      transfers.inc({ outcome: report.outcome });
      if (report.outcome === 'finished' || report.outcome === 'failed') tftpBytes.inc(report.bytes);
    },
    watchStore(store) {
      registry.registerMetric(
        new Gauge({
          name: 'metalwright_runs',
          help: 'Runs by state',
          labelNames: ['state'],
          registers: [],
          async collect() {
            this.reset();
            for (const { state, count } of await store.runCounts.byState())
              this.set({ state }, count);
          },
        }),
      );
      return timed(store, async (operation, call) => {
        const stop = storeSeconds.startTimer({ operation });
        waiting.inc();
        try {
          const value = await call();
          if (operation === APPEND) events.inc(addedOf(value));
          return value;
        } catch (error) {
          const code = error instanceof Error && 'code' in error ? String(error.code) : 'other';
          failures.inc({ code });
          throw error;
        } finally {
          waiting.dec();
          stop();
        }
      });
    },
    watchWorker: watchWorkers(registry),
    watchListener(app, listener) {
      app.addHook('onRequest', (request, reply, done) => {
        if (request.routeOptions.url?.endsWith('/log') === true && request.method === 'POST')
          logBytes.inc(Number(request.headers['content-length'] ?? 0));
        // Of files, which are sent past the framework, too.
        reply.raw.once('close', () => {
          const { statusCode } = reply.raw;
          answers.inc({ listener, status: `${Math.floor(statusCode / 100)}xx` });
          const type = reply.raw.getHeader('content-type');
          const length = Number(reply.raw.getHeader('content-length') ?? 0);
          if (type === 'application/octet-stream' && reply.raw.writableFinished)
            contentBytes.inc({ listener }, length);
        });
        done();
      });
    },
    noteObjects(listener, objects, bytes) {
      answers.inc({ listener, status: '2xx' }, objects);
      contentBytes.inc({ listener }, bytes);
    },
  };
}

/** How busy threads are; a thread that was started again replaces the one that ended. */
function watchWorkers(registry: Registry): Metrics['watchWorker'] {
  const watched = new Map<string, Worker>();
  const looked = new WeakMap<Worker, ReturnType<Worker['performance']['eventLoopUtilization']>>();
  registry.registerMetric(
    new Gauge({
      name: 'metalwright_worker_busy_ratio',
      help: 'Part of the time since the last look that a thread worked, 0 to 1: near 1 it is what others wait for',
      labelNames: ['worker'],
      registers: [],
      collect() {
        for (const [worker, thread] of watched) {
          const now = thread.performance.eventLoopUtilization();
          const before = looked.get(thread);
          looked.set(thread, now);
          const { utilization } =
            before === undefined ? now : thread.performance.eventLoopUtilization(now, before);
          // Its two clocks are read one after the other.
          this.set({ worker }, Math.min(1, Math.max(0, utilization)));
        }
      },
    }),
  );
  const groups = new Histogram({
    name: 'metalwright_store_group_calls',
    help: 'Calls of the store that one commit answered',
    buckets: GROUP_SIZES,
    registers: [registry],
  });
  return (name) => (thread) => {
    watched.set(name, thread);
    if (name !== 'store') return;
    thread.on('message', (answer: StoreAnswer) => {
      if (answer.kind === 'answers') groups.observe(answer.answers.length);
    });
  };
}

/** Not the library's own: its observer of garbage collections costs the main thread a millisecond here and there. */
function watchProcess(registry: Registry): void {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const gauge = (name: string, help: string, read: () => number) =>
    registry.registerMetric(
      new Gauge({
        name: `metalwright_${name}`,
        help,
        registers: [],
        collect() {
          this.set(read());
        },
      }),
    );
  gauge(
    'eventloop_lag_p99_seconds',
    'Lag of the main thread, 99th percentile since the start',
    () => (delay.count === 0 ? 0 : delay.percentile(99) / 1e9),
  );
  gauge('eventloop_lag_max_seconds', 'Longest lag of the main thread since the last look', () => {
    const longest = delay.count === 0 ? 0 : delay.max / 1e9;
    delay.reset();
    return longest;
  });
  gauge('process_resident_memory_bytes', 'Memory of the process', () => process.memoryUsage.rss());
  gauge('process_cpu_seconds', 'CPU time of the process, all threads', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
}

function addedOf(value: unknown): number {
  const added: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, 'added') : 0;
  return typeof added === 'number' ? added : 0;
}

/** The store with something around each of its calls. */
function timed(
  store: Store,
  around: (operation: string, call: () => Promise<unknown>) => Promise<unknown>,
): Store {
  const aggregates = Object.entries(store).filter(([, calls]) => typeof calls === 'object');
  const wrapped = aggregates.map(([aggregate, calls]) => [
    aggregate,
    Object.fromEntries(
      Object.entries(calls).map(([name, call]) => [
        name,
        (...args: readonly unknown[]) =>
          around(`${aggregate}.${name}`, () => Reflect.apply(call, undefined, args)),
      ]),
    ),
  ]);
  // The same names and calls as the store's: its shape is kept.
  return { ...store, ...Object.fromEntries(wrapped) } as Store;
}

/**
 * A server in a process of its own, for `main-thread.thorough.test.ts`, that tells what the longest task of its
 * main thread has cost. A task is what runs from one callback of the event loop to the next, microtasks
 * included. Its cost is CPU time of that thread alone: a busy machine does not make it longer, and other
 * threads do not count. A task in which garbage was collected is left out: that is nobody's handler.
 */
import { createHook } from 'node:async_hooks';
import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { startApp } from './app.ts';
import { Config } from './config.ts';
import { createLog } from './log.ts';

/** What the child tells its parent. */
export type LoadReport =
  | {
      readonly kind: 'ready';
      readonly addresses: { readonly agents: string; readonly console: string };
      readonly tokenFile: string;
    }
  | { readonly kind: 'begun' }
  | { readonly kind: 'measured'; readonly longestMs: number; readonly tasks: number };

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Cheaper tasks are counted only. */
const KEPT_FROM_MS = 2;

let tasks = 0;
let costly: (Span & { readonly costMs: number })[] = [];
let collections: Span[] = [];
let depth = 0;
let before = process.threadCpuUsage();
let fromMs = performance.now();

createHook({
  trackPromises: false,
  before() {
    depth += 1;
    if (depth > 1) return;
    const now = process.threadCpuUsage();
    const toMs = performance.now();
    const costMs = (now.user - before.user + now.system - before.system) / 1000;
    tasks += 1;
    if (costMs >= KEPT_FROM_MS) costly.push({ fromMs, toMs, costMs });
    before = now;
    fromMs = toMs;
  },
  after() {
    depth -= 1;
  },
}).enable();
new PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries())
    collections.push({ fromMs: startTime, toMs: startTime + duration });
}).observe({ entryTypes: ['gc'] });

function tell(report: LoadReport): void {
  process.send?.(report);
}

const [dataDirectory = ''] = process.argv.slice(2);
const here = { host: '127.0.0.1', port: 0 };
const app = await startApp(
  Config.parse({
    dataDirectory,
    listeners: { boot: here, agents: here, console: here },
    netboot: { enabled: false },
  }),
  { log: createLog('error') },
);
process.on('message', (message) => {
  if (message === 'begin') {
    tasks = 0;
    costly = [];
    collections = [];
    tell({ kind: 'begun' });
  } else void measured();
});
tell({ kind: 'ready', addresses: app.addresses, tokenFile: app.tokenFile });

async function measured(): Promise<void> {
  const found = costly;
  const counted = tasks;
  await delay(20); // what was collected is told a turn later
  const undisturbed = found.filter(
    (task) => !collections.some((gc) => gc.fromMs < task.toMs && gc.toMs > task.fromMs),
  );
  const longestMs = Math.max(0, ...undisturbed.map(({ costMs }) => costMs));
  tell({ kind: 'measured', longestMs, tasks: counted });
}

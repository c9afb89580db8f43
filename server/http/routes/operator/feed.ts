import type { FeedSnapshot } from '../../api.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { closedSignal } from './closed-signal.ts';
import { deviceContext, toDeviceView } from './device-view.ts';
import { runContext, toRunView } from './run-view.ts';
import { waitForChange } from './wait-for-change.ts';

/** At most four messages a second; a look at the store at least every second, whoever changed it. */
const SHORTEST_MS = 250;
const LOOK_EVERY_MS = 1000;
/** A comment line keeps proxies from closing a stream on which nothing moves. */
const HEARTBEAT_MS = 15_000;
const DECISIONS = 50;

/**
 * GET /feed: server-sent events (HTML standard, 9.2), each a whole `FeedSnapshot`. All streams share one
 * look at the store; what has not changed is not sent again.
 */
export const feedRoutes: RouteFile<OperatorServices> = (app, services) => {
  const snapshots = sharedSnapshots(services);
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  app.get('/api/v1/feed', role('operator'), async (_request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const signal = AbortSignal.any([closedSignal(reply), closing.signal]);
    let sent = -1;
    let sentMs = 0;
    while (!signal.aborted) {
      const { revision, json } = await snapshots();
      const now = services.nowMs();
      if (revision !== sent) {
        raw.write(`id: ${revision}\ndata: ${json}\n\n`);
        sent = revision;
        sentMs = now;
      } else if (now - sentMs >= HEARTBEAT_MS) {
        raw.write(':\n\n');
        sentMs = now;
      }
      await waitForChange(services.changes, LOOK_EVERY_MS, signal);
    }
    raw.end();
  });
};

/** The newest snapshot as JSON text, made again at most every 250 ms however many ask. */
function sharedSnapshots(
  services: OperatorServices,
): () => Promise<{ revision: number; json: string }> {
  let body = '';
  let revision = 0;
  let json = '';
  let madeMs = Number.NEGATIVE_INFINITY;
  let making: Promise<void> | undefined;

  const make = async (): Promise<void> => {
    const wait = madeMs + SHORTEST_MS - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    madeMs = performance.now();
    const next = await buildSnapshot(services);
    const text = JSON.stringify(next);
    if (text === body) return;
    body = text;
    revision += 1;
    json = JSON.stringify({ revision, ...next });
  };
  return async () => {
    making ??= make().finally(() => {
      making = undefined;
    });
    await making;
    return { revision, json };
  };
}

async function buildSnapshot(services: OperatorServices): Promise<Omit<FeedSnapshot, 'revision'>> {
  const { live } = services;
  const ofRuns = await runContext(services);
  const ofDevices = await deviceContext(services, ofRuns.devices);
  return {
    devices: ofRuns.devices.map((device) => toDeviceView(device, ofDevices)),
    runs: ofDevices.runs.map((run) => toRunView(run, ofRuns)),
    decisions: live
      .decisions()
      .slice(0, DECISIONS)
      .map((decision) => ({
        atMs: decision.atMs,
        interfaceName: decision.interfaceName,
        mac: decision.mac,
        guid: decision.guid,
        architecture: decision.architecture,
        outcome: decision.outcome,
        reason: decision.reason,
        boot: decision.boot,
      })),
  };
}

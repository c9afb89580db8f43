/**
 * The agents of `npm run bench -- site`, in a process of their own. Its one argument is JSON of
 * the server's address and CA, and their number; orders and reports are in load-messages.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { BenchAgent } from './bench-agent.ts';
import { sumUp } from './latencies.ts';
import type { LoadOrder, LoadReport } from './load-messages.ts';

const Settings = z.object({
  host: z.string(),
  port: z.int(),
  ca: z.string(),
  agents: z.int().positive(),
});
const EVENT_EVERY_MS = 1000;
const LOG_EVERY_MS = 5000;
/** How long a server that was killed is waited for. */
const RETRY_MS = 50;
const GIVE_UP_MS = 60_000;

const { agents: count, ca, ...address } = Settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const server = { ...address, secureContext: createSecureContext({ ca }) };
const agents = Array.from({ length: count }, (_, index) => new BenchAgent(server, index));

async function connectAll(): Promise<LoadReport> {
  const begun = performance.now();
  const policies = await Promise.all(agents.map((agent) => startWithRetry(agent)));
  const ms = performance.now() - begun;
  for (const [index, policy] of policies.entries()) {
    const agent = agents[index];
    if (policy.kind === 'offers' && policy.offers[0] !== undefined)
      await agent?.startRun(policy.offers[0].deploymentId);
    else if (policy.kind !== 'resume') throw new Error(`a machine was told ${policy.kind}`);
  }
  return { kind: 'connected', ms };
}

async function startWithRetry(agent: BenchAgent) {
  const until = performance.now() + GIVE_UP_MS;
  for (;;)
    try {
      return await agent.start();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(RETRY_MS);
    }
}

/**
 * Times count from when a post was due, not from when it was sent: an answer that is late makes the next
 * one late as well, and both are felt.
 */
async function steady(seconds: number): Promise<LoadReport> {
  const events: number[] = [];
  const logs: number[] = [];
  const begun = performance.now();
  const until = begun + seconds * 1000;
  await Promise.all(
    agents.map(async (agent, index) => {
      let eventMs = begun + (EVENT_EVERY_MS * index) / agents.length;
      let logMs = begun + (LOG_EVERY_MS * index) / agents.length;
      while (Math.min(eventMs, logMs) < until) {
        const isLog = logMs < eventMs;
        const dueMs = isLog ? logMs : eventMs;
        const wait = dueMs - performance.now();
        if (wait > 0) await sleep(wait);
        if (isLog) {
          await agent.postLog();
          logMs += LOG_EVERY_MS;
        } else {
          await agent.postEvents(1);
          eventMs += EVENT_EVERY_MS;
        }
        (isLog ? logs : events).push(performance.now() - dueMs);
      }
    }),
  );
  return { kind: 'steady', events: sumUp(events), logs: sumUp(logs) };
}

async function closedLoop(seconds: number, eventsEach: number): Promise<LoadReport> {
  const posts: number[] = [];
  const begun = performance.now();
  await Promise.all(
    agents.map(async (agent) => {
      while (performance.now() < begun + seconds * 1000) {
        const sent = performance.now();
        await agent.postEvents(eventsEach);
        posts.push(performance.now() - sent);
      }
    }),
  );
  const took = (performance.now() - begun) / 1000;
  const perSecond = (posts.length * eventsEach) / took;
  return { kind: 'closed-loop', perSecond, posts: sumUp(posts) };
}

async function perform(order: LoadOrder): Promise<LoadReport> {
  switch (order.kind) {
    case 'connect':
      return await connectAll();
    case 'steady':
      return await steady(order.seconds);
    case 'closed-loop':
      return await closedLoop(order.seconds, order.eventsEach);
    case 'end':
      for (const agent of agents) agent.close();
      return {
        kind: 'ended',
        runs: agents.map(({ runId, have, sent, logBytes }) => ({ runId, have, sent, logBytes })),
      };
  }
}

process.on('message', (order: LoadOrder) => {
  void perform(order)
    .catch((error: unknown): LoadReport => ({ kind: 'failed', message: String(error) }))
    .then((report) => process.send?.(report, () => order.kind === 'end' && process.exit(0)));
});

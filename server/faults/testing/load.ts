import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { z } from 'zod';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { MacAddress, RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { EventAck, RunEvent, type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { createTestAgent, type TestAgent } from '../../http/routes/agent/test-agent.ts';
import { ALL_SYSTEMS } from '../../inventory/collection.ts';
import type { Store } from '../../store/operations.ts';
import type { FaultSite } from './fault-site.ts';

/** A run as its machine has it: the journal, and how much of it the server has acknowledged. */
interface LoadRun {
  readonly id: RunId;
  readonly events: RunEvent[];
  acknowledged: number;
  finished: boolean;
}

/** Refusals by code, of all machines; `transport` for no answer. */
type Refusals = Map<string, number>;

/** Machines that run one task sequence again and again, and send as agents do: from what is acknowledged on. */
export interface Load {
  readonly runs: LoadRun[];
  readonly refusals: Refusals;
  /** Events of all runs that the server has acknowledged. */
  readonly acknowledged: () => number;
  /** Waits until so many more are, or a minute is over. */
  moreAcknowledged(count: number): Promise<void>;
  /** Waits until so many refusals with this code were seen, or a minute is over. */
  refusedBy(code: string, count: number): Promise<void>;
  /** Answers of 503 and 507 that did not say when to try again. */
  readonly withoutRetryAfter: () => number;
  /** Works until it is told to stop; each machine then ends the run that it has. */
  work(stop: AbortSignal): Promise<void>;
  /** What each run's server has, held against its machine's. */
  check(store: Store): Promise<void>;
}

/** A number of 0 to below 1, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of METALWRIGHT_SEED, or one that no run had; it is printed to be had again. */
export function seedOfToday(): number {
  const given = process.env['METALWRIGHT_SEED'];
  return given === undefined || given === '' ? Date.now() % 2 ** 31 : Number(given);
}

const MACHINES = 6;
const STEPS = 12;

/** Makes a sequence, its deployment and the machines, that are known; the server has to run. */
export async function openLoad(site: FaultSite, random: () => number): Promise<Load> {
  const ca = await site.siteCa();
  const token = await site.adminToken();
  const dispatcher = new Agent({ connect: { ca, servername: SITE_SERVER_NAME } });
  const Answer = z.looseObject({ id: z.string() });
  const ask = async (path: string, body: unknown) => {
    const answer = await request(`${site.addresses.console}/api/v1${path}`, {
      method: 'POST',
      dispatcher,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return Answer.parse(await answer.body.json());
  };
  const document = {
    name: 'Load',
    steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
  };
  const sequence = await ask('/sequences', { text: JSON.stringify(document), format: 'json' });
  const deployment = await ask('/deployments', {
    sequence: sequence.id,
    collection: ALL_SYSTEMS,
    purpose: 'available',
  });
  const runs: LoadRun[] = [];
  const refusals: Refusals = new Map();
  let silent = 0;
  const agents: TestAgent[] = [];
  for (let index = 0; index < MACHINES; index += 1) {
    const mac = MacAddress.parse((0x020000000000 + index).toString(16).padStart(12, '0'));
    const identity = { macAddresses: [mac], serialNumber: `LOAD-${index}` };
    await ask('/devices', { name: `PC${index}`, ...identity });
    agents.push(createTestAgent(site.addresses.agents, ca, identity));
  }
  await dispatcher.close();

  /** Sends again for as long as what was answered passes by; any other refusal is a fault of the server. */
  async function lasting(agent: TestAgent, method: string, path: string, body?: unknown) {
    for (;;) {
      const answer = await agent.call(method, path, body).catch(() => undefined);
      if (answer !== undefined && answer.status < 300) return answer.json;
      const code = answer === undefined ? 'transport' : String(answer.json['code']);
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
      const passes = answer === undefined || answer.status >= 500 || answer.status === 429;
      if (!passes) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      if (answer !== undefined && answer.headers['retry-after'] === undefined) silent += 1;
      await delay(50 + random() * 100);
    }
  }

  /** Registering is not idempotent by a key, so it is tried until it is answered. */
  async function registered(agent: TestAgent): Promise<void> {
    for (;;) {
      try {
        await agent.register();
        return;
      } catch {
        await delay(100);
      }
    }
  }

  async function oneRun(agent: TestAgent): Promise<void> {
    const id = RunId.parse(randomUUID());
    const asked = { runId: id, deploymentId: deployment.id };
    const grant = RunGrant.parse(await lasting(agent, 'POST', agentPaths.runs, asked));
    const run: LoadRun = { id, events: [], acknowledged: 0, finished: false };
    runs.push(run);
    for (const fact of factsOf(grant.documentSha256)) {
      const seq = run.events.length + 1;
      run.events.push(RunEvent.parse({ runId: id, seq, atMs: seq, fact }));
      // Now and then more than one goes together, as after a step.
      if (random() < 0.4 && fact.kind !== 'run-finished') continue;
      while (run.acknowledged < run.events.length) {
        const events = run.events.slice(run.acknowledged);
        const { have } = EventAck.parse(
          await lasting(agent, 'POST', agentPaths.events(id), { events }),
        );
        expect(have, `run ${id}: the server has less than it said`).toBeGreaterThanOrEqual(
          run.acknowledged,
        );
        run.acknowledged = have;
      }
    }
    run.finished = true;
  }

  const acknowledged = () => runs.reduce((sum, run) => sum + run.acknowledged, 0);
  return {
    runs,
    refusals,
    acknowledged,
    async moreAcknowledged(count) {
      const wanted = acknowledged() + count;
      const untilMs = performance.now() + 60_000;
      while (acknowledged() < wanted) {
        if (performance.now() > untilMs) throw new Error(`no ${count} events more in a minute`);
        await delay(5);
      }
    },
    async refusedBy(code, count) {
      const untilMs = performance.now() + 60_000;
      while ((refusals.get(code) ?? 0) < count) {
        if (performance.now() > untilMs)
          throw new Error(`no ${code}, but ${JSON.stringify([...refusals])}`);
        await delay(20);
      }
    },
    withoutRetryAfter: () => silent,
    async work(stop) {
      await Promise.all(
        agents.map(async (agent) => {
          await registered(agent);
          do await oneRun(agent);
          while (!stop.aborted);
        }),
      );
    },
    async check(store) {
      expect(runs.length).toBeGreaterThanOrEqual(MACHINES);
      for (const { id, events, finished } of runs) {
        expect([id, finished]).toEqual([id, true]);
        expect(await store.runs.events(id), `events of run ${id}`).toEqual(events);
        const kept = await store.runs.get(id);
        expect([id, kept?.have, kept?.state]).toEqual([id, events.length, 'succeeded']);
      }
      const known = new Set<string>(runs.map(({ id }) => id));
      const all = await store.runs.list();
      expect(all.filter(({ id }) => !known.has(id))).toEqual([]);
      expect(all).toHaveLength(runs.length);
    },
  };
}

function factsOf(documentSha256: string): RunFact[] {
  const middle = Array.from({ length: STEPS }, (_, index): RunFact[] => {
    const step = { stepId: StepId.parse('0'), name: `Step ${index}` };
    return [
      { kind: 'group-entered', ...step },
      { kind: 'group-left', ...step, succeeded: true },
    ];
  });
  return [
    {
      kind: 'run-started',
      documentSha256,
      agentVersion: '1',
      machineKey: 'm',
      variables: [],
      environment: 'linux-pe',
    },
    ...middle.flat(),
    { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' },
  ];
}

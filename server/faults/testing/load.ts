import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { expect } from 'vitest';
import { z } from 'zod';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { DeploymentId, MacAddress, RunId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS } from '../../inventory/collection.ts';
import { testIdentity } from '../../inventory/testing/test-identity.ts';
import type { Store } from '../../store/operations.ts';
import type { FaultSite } from './fault-site.ts';
import {
  type LoadMachine,
  type LoadRun,
  openAgentMachine,
  openBareMachine,
} from './load-machines.ts';

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

/** The seed of METALWRIGHT_SEED, or one that no run had; it is printed to be had again. */
export function seedOfToday(): number {
  const given = process.env['METALWRIGHT_SEED'];
  return given === undefined || given === '' ? Date.now() % 2 ** 31 : Number(given);
}

const MACHINES = 6;
/** Of the task sequence. */
const STEPS = 6;

/**
 * Makes a sequence, its deployment and the machines, that are known; the server has to run.
 *
 * @param sender `bare`: sends as agents do; `agent`: is the agent, with its driver and outbox
 */
export async function openLoad(
  site: FaultSite,
  random: () => number,
  sender: 'bare' | 'agent' = 'bare',
): Promise<Load> {
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
    steps: Array.from({ length: STEPS }, (_, index) => ({
      step: `Say ${index}`,
      type: 'set-variable',
      params: { name: `Said${index}`, value: 'yes' },
    })),
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
  const onRefused = (code: string, saidWhen: boolean) => {
    refusals.set(code, (refusals.get(code) ?? 0) + 1);
    if (!saidWhen) silent += 1;
  };
  const machines: LoadMachine[] = [];
  for (let index = 0; index < MACHINES; index += 1) {
    const mac = MacAddress.parse((0x020000000000 + index).toString(16).padStart(12, '0'));
    const identity = { macAddresses: [mac], serialNumber: `LOAD-${index}` };
    await ask('/devices', { name: `PC${index}`, ...identity });
    const where = { url: site.addresses.agents, ca, identity: testIdentity(identity), onRefused };
    machines.push(sender === 'bare' ? openBareMachine(where, random) : openAgentMachine(where));
  }
  await dispatcher.close();

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
        machines.map(async (machine) => {
          await machine.register();
          do {
            const id = RunId.parse(randomUUID());
            const run: LoadRun = { id, events: [], acknowledged: 0, finished: false };
            runs.push(run);
            await machine.run(run, DeploymentId.parse(deployment.id));
            run.finished = true;
          } while (!stop.aborted);
          await machine.close();
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

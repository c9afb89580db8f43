import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { DeploymentId, MachineIdentity, RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { EventAck, RunEvent } from '#agent/protocol/run-event.ts';
import { openServedMachine } from '#agent/simulated-machine/testing/served-machine.ts';
import { createTestAgent } from '../../http/routes/agent/test-agent.ts';
import { runFactsOf } from './run-facts.ts';

const STEPS = 12;

/** A run as its machine has it: the journal, and how much of it the server has acknowledged. */
export interface LoadRun {
  readonly id: RunId;
  readonly events: RunEvent[];
  acknowledged: number;
  finished: boolean;
}

/** A machine that does one run after another. */
export interface LoadMachine {
  register(): Promise<void>;
  /** Asks for this run, and does it to its end. */
  run(run: LoadRun, deploymentId: DeploymentId): Promise<void>;
  close(): Promise<void>;
}

interface Where {
  /** Of the agents' listener. */
  readonly url: string;
  readonly ca: string;
  readonly identity: MachineIdentity;
  /** An answer that was not wanted, and whether it said when to try again; `transport`: there was none. */
  readonly onRefused: (code: string, saidWhen: boolean) => void;
}

/** What is sent as agents send: from what is acknowledged on, the same events again when no answer came. */
export function openBareMachine(
  { url, ca, identity, onRefused }: Where,
  random: () => number,
): LoadMachine {
  const agent = createTestAgent(url, ca, identity);

  /** Sends again for as long as what was answered passes by; any other refusal is a fault of the server. */
  async function lasting(method: string, path: string, body?: unknown) {
    for (;;) {
      const answer = await agent.call(method, path, body).catch(() => undefined);
      if (answer !== undefined && answer.status < 300) return answer.json;
      onRefused(
        answer === undefined ? 'transport' : String(answer.json['code']),
        answer === undefined || answer.headers['retry-after'] !== undefined,
      );
      const passes = answer === undefined || answer.status >= 500 || answer.status === 429;
      if (!passes) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      await delay(50 + random() * 100);
    }
  }

  return {
    // Registering is not idempotent by a key, so it is tried until it is answered.
    async register() {
      for (;;) {
        try {
          await agent.register();
          return;
        } catch {
          await delay(100);
        }
      }
    },
    async run(run, deploymentId) {
      const { id } = run;
      const asked = { runId: id, deploymentId };
      const grant = RunGrant.parse(await lasting('POST', agentPaths.runs, asked));
      for (const fact of runFactsOf(grant.documentSha256, STEPS)) {
        const seq = run.events.length + 1;
        run.events.push(RunEvent.parse({ runId: id, seq, atMs: seq, fact }));
        // Now and then more than one goes together, as after a step.
        if (random() < 0.4 && fact.kind !== 'run-finished') continue;
        while (run.acknowledged < run.events.length) {
          const events = run.events.slice(run.acknowledged);
          const { have } = EventAck.parse(await lasting('POST', agentPaths.events(id), { events }));
          expect(have, `run ${id}: the server has less than it said`).toBeGreaterThanOrEqual(
            run.acknowledged,
          );
          run.acknowledged = have;
        }
      }
    },
    close: async () => {},
  };
}

/** The agent itself: its driver, journal, outbox and transport, on a simulated machine. */
export function openAgentMachine({ url, ca, identity, onRefused }: Where): LoadMachine {
  const machine = openServedMachine({
    server: new URL(url).host,
    siteCa: ca,
    identity,
    onRefused: (code) => onRefused(code.startsWith('transport.') ? 'transport' : code, true),
  });
  return {
    register: () => machine.register(),
    async run(run, deploymentId) {
      const events = await machine.run({ runId: run.id, deploymentId }, (have) => {
        run.acknowledged = have;
      });
      run.events.push(...events);
      expect(run.acknowledged, `run ${run.id} is acknowledged to its end`).toBe(events.length);
    },
    close: async () => await machine[Symbol.asyncDispose](),
  };
}

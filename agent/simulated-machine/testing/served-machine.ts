/**
 * The agent as a server meets it, for tests of servers: its transport over the network, and its driver with
 * journal and outbox, on a simulated machine.
 */
import type { DeploymentId, MachineIdentity, RunId } from '#agent/protocol/identity.ts';
import type { RunEvent } from '#agent/protocol/run-event.ts';
import { HttpTransport } from '../../transport/http.ts';
import { retry } from '../../transport/retry.ts';
import { TransportError } from '../../transport/transport-error.ts';
import { DrivenMachine } from './driven-machine.ts';

/** Before the first try again, and between two, where the agent waits half a second, and fifteen. */
const FIRST_MS = 20;
const LONGEST_MS = 500;

/** A machine with an agent that talks to a server. */
export interface ServedMachine extends AsyncDisposable {
  /** Registers, however long that takes. */
  register(): Promise<void>;
  /** Asks for a run, and drives it to its end. @returns its journal's events */
  run(
    wish: { readonly runId: RunId; readonly deploymentId: DeploymentId },
    onAcknowledged: (have: number) => void,
  ): Promise<readonly RunEvent[]>;
}

/** Opens it. @param options.server address and port of the agents' listener */
export function openServedMachine(options: {
  readonly server: string;
  readonly siteCa: string;
  readonly identity: MachineIdentity;
  /** Each answer that the agent did not want, and each that did not come, by its code. */
  readonly onRefused: (code: string) => void;
}): ServedMachine {
  const { server, siteCa, identity, onRefused } = options;
  const transport = new HttpTransport({ server, siteCa });
  const { signal } = new AbortController();
  const told = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await ask();
    } catch (error) {
      onRefused(error instanceof TransportError ? error.code : String(error));
      throw error;
    }
  };
  const lasting = <Answer>(ask: () => Promise<Answer>): Promise<Answer> =>
    retry(
      () => told(ask),
      { onTrouble: () => {}, firstMs: FIRST_MS, longestMs: LONGEST_MS },
      signal,
    );
  return {
    async register() {
      const registration = { identity, environment: 'linux-pe', agentVersion: 'test' } as const;
      await lasting(() => transport.register(registration, signal));
    },
    async run(wish, onAcknowledged) {
      const grant = await lasting(() => transport.startRun(wish, signal));
      const driven = new DrivenMachine({
        document: { name: grant.sequenceName, steps: [] },
        grant,
        // Tried again by the outbox.
        postEvents: async (events) => {
          const ack = await told(() => transport.postEvents(wish.runId, events, signal));
          onAcknowledged(ack.have);
          return ack;
        },
      });
      const { journal } = await driven.runToEnd();
      return journal.events;
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

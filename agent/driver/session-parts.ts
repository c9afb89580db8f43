import type { ByHand } from '../by-hand/options.ts';
import type { RunLog } from '../log/run-log.ts';
import type { SessionMedia } from '../media/session-media.ts';
import type { CommandPrompt } from '../menu/command-prompt.ts';
import type { Terminals } from '../menu/terminals.ts';
import type { Machine } from '../platform/machine.ts';
import type { DeploymentId, RunId } from '../protocol/identity.ts';
import type { BootImageIdentity } from '../protocol/policy.ts';
import { retry } from '../transport/retry.ts';
import type { SessionTransport } from '../transport/transport.ts';
import type { ServerClock } from './clock.ts';
import type { ServeVariables } from './run-step.ts';
import type { RunResult } from './setup.ts';

/** What one start of the agent works with. */
export interface SessionParts {
  readonly machine: Machine;
  readonly transport: SessionTransport;
  readonly terminals: Terminals;
  readonly log: RunLog;
  readonly clock: ServerClock;
  /** Site CA, PEM: its fingerprint is in the journal's header. */
  readonly siteCa: string;
  /** The Windows PE that it was started from, where that says what it is. */
  readonly bootImage?: BootImageIdentity | undefined;
  /** `SMSTSPreferredAdvertID`, where something said it before the agent started. */
  readonly preferredDeployment?: DeploymentId | undefined;
  readonly serveVariables: ServeVariables;
  /** It was started by a person in an installed system, to begin a run there. */
  readonly byHand?: ByHand | undefined;
  /** What the machine was started from, where that is media. */
  readonly media?: SessionMedia | undefined;
}

/** How a session ended; undefined where there was no run to go on with. */
export type SessionEnd = {
  readonly runId: RunId;
  readonly sequence: string;
  /** One that the deployment lets a person open; it is disposed by whoever has the end. */
  readonly commandPrompt?: CommandPrompt;
} & RunResult;

/** Asks the server until it answers, saying at the machine that it does not. */
export async function askServer<Value>(
  { terminals, log }: Pick<SessionParts, 'terminals' | 'log'>,
  ask: (signal: AbortSignal) => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  return retry(
    ask,
    {
      onTrouble: ({ error, waitMs }) => {
        log.write('warn', `${error.code}: ${error.message}; again in ${waitMs} ms`, 'Server');
        terminals.show({ kind: 'waiting', code: error.code, reason: error.message });
      },
    },
    signal,
  );
}

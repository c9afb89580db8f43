import type { RunId } from '../protocol/identity.ts';
import type {
  BadSource,
  ContentSources,
  Policy,
  Registered,
  Registration,
  RunGrant,
  RunRequest,
} from '../protocol/policy.ts';
import type { EventAck, LogAck, LogChunk, Progress, RunEvent } from '../protocol/run-event.ts';
import type { ReleasedSecrets, SecretsRequest } from '../protocol/step-secrets.ts';

/**
 * What the agent asks of the site: the server over the network, or stand-alone media. Every method
 * throws `TransportError`; none of them tries again by itself.
 */
export interface Transport {
  register(registration: Registration, signal: AbortSignal): Promise<Registered>;
  policy(signal: AbortSignal): Promise<Policy>;
  startRun(request: RunRequest, signal: AbortSignal): Promise<RunGrant>;
  run(run: RunId, signal: AbortSignal): Promise<RunGrant>;
  postEvents(run: RunId, events: readonly RunEvent[], signal: AbortSignal): Promise<EventAck>;
  /** Events after `seq` as the server has them, at most 500; none when it has no more. */
  eventsAfter(run: RunId, seq: number, signal: AbortSignal): Promise<readonly RunEvent[]>;
  postLog(run: RunId, chunk: LogChunk, signal: AbortSignal): Promise<LogAck>;
  /** What a step needs in secret, while it runs; absent where there is no server to ask. */
  secrets?(run: RunId, request: SecretsRequest, signal: AbortSignal): Promise<ReleasedSecrets>;
  putProgress(run: RunId, progress: Progress, signal: AbortSignal): Promise<void>;
  /** Where the content of a run is now; absent where it can be nowhere else, on media. */
  sources?(run: RunId, signal: AbortSignal): Promise<ContentSources>;
  /** Tells of content that a source should have and has not. */
  badSource?(run: RunId, bad: BadSource, signal: AbortSignal): Promise<void>;
}

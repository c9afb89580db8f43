import type {
  CapturedImageAck,
  CapturedImageOffer,
  CapturedImageState,
} from '../protocol/captured-image.ts';
import type { RunId } from '../protocol/identity.ts';
import type { MediaRun, MediaRunTaken } from '../protocol/media-run.ts';
import type {
  BadSource,
  ContentSources,
  Policy,
  Registered,
  Registration,
  RunGrant,
  RunRecovered,
  RunRecovery,
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

/** What a session of the agent works with: a transport that knows who it speaks for, and what to say again. */
export interface SessionTransport extends Transport {
  /** Address and port of the server that the machine was started with; empty where there is none. */
  readonly server: string;
  /** The others of the site that are known now. */
  readonly otherServers: readonly string[];
  /** Thumbprint of the key that proves this agent's registration; empty without a server. */
  readonly keyThumbprint: string;
  /** Keeps the resume proof current: a registration repeated after the run began must carry it. */
  rememberResume(resume: Registration['resume']): void;
  /** What a server that has lost the run is given, so that the run goes on. */
  rememberRecovery(run: RunId, body: RunRecovery): void;
  /** An image that a step has captured: how far the server is with it. Absent where there is no server. */
  readonly offerImage?: (
    run: RunId,
    offer: CapturedImageOffer,
    signal: AbortSignal,
  ) => Promise<CapturedImageState>;
  /** A part of it. */
  readonly sendImage?: (
    run: RunId,
    part: { readonly id: string; readonly offset: number; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ) => Promise<CapturedImageAck>;
  /** Tells of a run from stand-alone media that has ended; absent where there is nobody to tell. */
  readonly handOverRun?: (run: MediaRun, signal: AbortSignal) => Promise<MediaRunTaken>;
  /** What a server is told later of a run that ends without one, but for its events; absent where there is one. */
  readonly claimOf?: (run: RunId) => Pick<MediaRun, 'claim' | 'documentJson'> | undefined;
  /** Has a run taken in again. */
  recover(run: RunId, body: RunRecovery, signal: AbortSignal): Promise<RunRecovered>;
}

import type { Latencies } from './latencies.ts';

/** What the process with the agents is told to do, one after the other. */
export type LoadOrder =
  /** All connect at once; those without a run have one granted then, outside of the time. */
  | { readonly kind: 'connect' }
  /** Each posts an event a second and a chunk of log every five, until the time is over. */
  | { readonly kind: 'steady'; readonly seconds: number }
  /** Each posts events as soon as the last were answered. */
  | { readonly kind: 'closed-loop'; readonly seconds: number; readonly eventsEach: number }
  /** Says what was acknowledged, and ends. */
  | { readonly kind: 'end' };

export type LoadReport =
  | { readonly kind: 'connected'; readonly ms: number }
  | { readonly kind: 'steady'; readonly events: Latencies; readonly logs: Latencies }
  | { readonly kind: 'closed-loop'; readonly perSecond: number; readonly posts: Latencies }
  | { readonly kind: 'ended'; readonly runs: readonly RunCount[] }
  | { readonly kind: 'failed'; readonly message: string };

/** What one agent knows of its run. */
export interface RunCount {
  readonly runId: string;
  /** Last event that the server has acknowledged, and the last that was sent at all. */
  readonly have: number;
  readonly sent: number;
  readonly logBytes: number;
}

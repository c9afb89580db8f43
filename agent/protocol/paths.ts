import type { RunId } from './identity.ts';

/** Paths of the agents' listener; the server's routes and the agent's transport share them. */
export const agentPaths = {
  register: '/v1/register',
  policy: '/v1/policy',
  runs: '/v1/runs',
  /** POST: MediaRun -> MediaRunTaken. */
  mediaRuns: '/v1/media-runs',
  /** GET: the grant again. */
  run: (run: RunId | ':run') => `/v1/runs/${run}`,
  /** POST: RunRecovery -> RunRecovered, when the server answers `run.not-found`. */
  recover: (run: RunId | ':run') => `/v1/runs/${run}/recover`,
  /** POST: EventBatch -> EventAck. GET `?after=seq`: EventBatch, when the journal is behind the server. */
  events: (run: RunId | ':run') => `/v1/runs/${run}/events`,
  /** POST: LogChunk -> LogAck. */
  log: (run: RunId | ':run') => `/v1/runs/${run}/log`,
  /** GET: ContentSources. */
  sources: (run: RunId | ':run') => `/v1/runs/${run}/sources`,
  /** POST: BadSource -> 204. */
  badSource: (run: RunId | ':run') => `/v1/runs/${run}/bad-source`,
  /** POST: SecretsRequest -> ReleasedSecrets. */
  secrets: (run: RunId | ':run') => `/v1/runs/${run}/secrets`,
  /** POST: CapturedImageOffer -> CapturedImageState. */
  capturedImages: (run: RunId | ':run') => `/v1/runs/${run}/captured-images`,
  /** PUT `?offset=bytes`: bytes -> CapturedImageAck. */
  capturedImage: (run: RunId | ':run', id: string) => `/v1/runs/${run}/captured-images/${id}`,
  /** PUT: Progress -> 204. */
  progress: (run: RunId | ':run') => `/v1/runs/${run}/progress`,
} as const;

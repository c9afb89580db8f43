import { createHmac, type KeyObject } from 'node:crypto';
import { type RunId, SequenceId } from '../protocol/identity.ts';
import { formatMediaRunClaim, type MediaRun, NO_DEPLOYMENT } from '../protocol/media-run.ts';
import type {
  AskedVariable,
  Policy,
  Registration,
  RunGrant,
  RunRequest,
} from '../protocol/policy.ts';
import type { StandAloneGrant, StandAloneRun } from '../protocol/stand-alone.ts';
import type { SessionTransport } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** Keys of a run, by its id, and what the media say of it; undefined for a run that they are not of. */
export type StandAloneKeys = (
  runId: RunId,
) => Pick<StandAloneRun, 'runKey' | 'resumeToken' | 'claim'> | undefined;

/** Those of any run of media: made again from the key of the media, so that a start later on knows its run. */
export function keysOfMedia(
  key: KeyObject,
  { mediaId, grant }: { readonly mediaId: string; readonly grant: StandAloneGrant },
): StandAloneKeys {
  const { sequenceVersion, sequenceName, documentSha256 } = grant;
  const sequenceId = SequenceId.parse(grant.sequenceId);
  const said = { mediaId, sequenceId, sequenceVersion, sequenceName, documentSha256 };
  const secret = key.export({ type: 'pkcs8', format: 'der' });
  const derive = (purpose: string): Buffer => createHmac('sha256', secret).update(purpose).digest();
  return (runId) => ({
    runKey: derive(`secrets:${runId}`).toString('base64'),
    resumeToken: derive(`resume:${runId}`).toString('base64url'),
    claim: formatMediaRunClaim({ runId, ...said }, key),
  });
}

/** Those of the one run that an installed system was given. */
export function keysOfRun(run: StandAloneRun): StandAloneKeys {
  const { runKey, resumeToken, claim } = run;
  return (runId) => (runId === run.runId ? { runKey, resumeToken, claim } : undefined);
}

/** Stand-alone media in the place of a server: one task sequence, and whatever comes of it stays with the journal. */
export class MediaTransport implements SessionTransport, AsyncDisposable {
  readonly server = '';
  readonly otherServers: readonly string[] = [];
  readonly keyThumbprint = '';
  readonly #grant: StandAloneGrant;
  readonly #keys: StandAloneKeys;
  #resume: Registration['resume'];
  #asks: readonly AskedVariable[] = [];

  constructor(grant: StandAloneGrant, keys: StandAloneKeys) {
    this.#grant = grant;
    this.#keys = keys;
  }

  /** What a person is asked for, where the run does not begin by itself. */
  askFor(asks: readonly AskedVariable[]): void {
    this.#asks = asks;
  }

  /** Whether a journal is of a run of these media. */
  owns({ runId, resumeToken }: NonNullable<Registration['resume']>): boolean {
    return this.#keys(runId)?.resumeToken === resumeToken;
  }

  /** What a server is told of a run that has ended, but for its events. */
  claimOf(runId: RunId): Pick<MediaRun, 'claim' | 'documentJson'> | undefined {
    const keys = this.#keys(runId);
    return keys && { claim: keys.claim, documentJson: this.#grant.documentJson };
  }

  /** What the installed system is given of the run that is open; undefined where there is none. */
  keptRun(media: StandAloneRun['media']): StandAloneRun | undefined {
    const keys = this.#resume && this.#keys(this.#resume.runId);
    if (this.#resume === undefined || keys === undefined) return undefined;
    return { format: 1, runId: this.#resume.runId, ...keys, media, grant: this.#grant };
  }

  register: SessionTransport['register'] = async ({ resume }) => {
    this.#resume = resume;
    const serverTimeMs = Date.now();
    const registered = { token: '', serverTimeMs, deviceId: null, deviceName: null };
    return resume === undefined ? registered : { ...registered, resumeKnown: true };
  };

  policy: SessionTransport['policy'] = async (): Promise<Policy> => {
    const resume = this.#resume;
    if (resume !== undefined && this.owns(resume)) return { kind: 'resume', runId: resume.runId };
    const { sequenceId, sequenceName: name, description, unattended } = this.#grant;
    const offer = {
      deploymentId: NO_DEPLOYMENT,
      sequenceId: SequenceId.parse(sequenceId),
      name,
      description,
      purpose: unattended ? 'required' : 'available',
    } as const;
    const asks = this.#asks.length === 0 ? {} : { asks: [...this.#asks] };
    return { kind: 'offers', start: unattended ? NO_DEPLOYMENT : null, offers: [offer], ...asks };
  };

  startRun: SessionTransport['startRun'] = async ({ runId, variables = [] }) => ({
    ...this.#grantOf(runId),
    variables: this.#typed(variables),
  });

  run: SessionTransport['run'] = async (runId) => this.#grantOf(runId);

  /** The journal has them; nobody else does. */
  postEvents: SessionTransport['postEvents'] = async (_run, events) => ({
    have: events.at(-1)?.seq ?? 0,
  });

  eventsAfter: SessionTransport['eventsAfter'] = async () => [];

  postLog: SessionTransport['postLog'] = async (_run, { offset, text }) => ({
    have: offset + Buffer.byteLength(text),
  });

  putProgress: SessionTransport['putProgress'] = async () => {};

  rememberResume(resume: Registration['resume']): void {
    this.#resume = resume;
  }

  rememberRecovery(): void {}

  /** There is nothing to close. */
  async [Symbol.asyncDispose](): Promise<void> {}

  recover: SessionTransport['recover'] = async (run) => {
    throw new TransportError('run.lost', `Nobody knows run ${run}`, { status: 409 });
  };

  #typed(variables: NonNullable<RunRequest['variables']>): RunGrant['variables'] {
    const secret = new Set(this.#asks.filter((each) => each.secret).map(({ name }) => name));
    return variables.map(({ name, value }) => ({ name, value, secret: secret.has(name) }));
  }

  #grantOf(runId: RunId): RunGrant {
    const { sequenceId, unattended, description: _, sequenceVersion: __, ...rest } = this.#grant;
    const keys = this.#keys(runId);
    if (keys === undefined)
      throw new TransportError('run.lost', `Nobody knows run ${runId}`, { status: 409 });
    return {
      ...rest,
      runId,
      deploymentId: NO_DEPLOYMENT,
      sequenceId: SequenceId.parse(sequenceId),
      purpose: unattended ? 'required' : 'available',
      deviceName: null,
      variables: [],
      // Nothing comes that is not there.
      contentWaitUntilMs: 0,
      runKey: keys.runKey,
      resumeToken: keys.resumeToken,
      have: 0,
    };
  }
}

import { createHmac, type KeyObject } from 'node:crypto';
import { DeploymentId, type RunId, SequenceId } from '../protocol/identity.ts';
import type { Policy, Registration, RunGrant } from '../protocol/policy.ts';
import type { StandAloneGrant } from '../protocol/stand-alone.ts';
import type { SessionTransport } from './transport.ts';
import { TransportError } from './transport-error.ts';

/** Stands where a deployment does: there is none on media. */
const NO_DEPLOYMENT = DeploymentId.parse('MEDIA');

/**
 * Stand-alone media in the place of a server: one task sequence, and whatever comes of it stays with the journal.
 * Keys of a run are made again from that of the media, so that a start later on knows its run.
 */
export class MediaTransport implements SessionTransport, AsyncDisposable {
  readonly server = '';
  readonly otherServers: readonly string[] = [];
  readonly keyThumbprint = '';
  readonly #grant: StandAloneGrant;
  readonly #secret: Buffer;
  #resume: Registration['resume'];

  constructor(grant: StandAloneGrant, key: KeyObject) {
    this.#grant = grant;
    this.#secret = key.export({ type: 'pkcs8', format: 'der' });
  }

  register: SessionTransport['register'] = async ({ resume }) => {
    this.#resume = resume;
    const serverTimeMs = Date.now();
    const registered = { token: '', serverTimeMs, deviceId: null, deviceName: null };
    return resume === undefined ? registered : { ...registered, resumeKnown: true };
  };

  policy: SessionTransport['policy'] = async (): Promise<Policy> => {
    const resume = this.#resume;
    if (resume !== undefined && resume.resumeToken === this.#tokenOf(resume.runId))
      return { kind: 'resume', runId: resume.runId };
    const { sequenceId, sequenceName: name, description, unattended } = this.#grant;
    const offer = {
      deploymentId: NO_DEPLOYMENT,
      sequenceId: SequenceId.parse(sequenceId),
      name,
      description,
      purpose: unattended ? 'required' : 'available',
    } as const;
    return { kind: 'offers', start: unattended ? NO_DEPLOYMENT : null, offers: [offer] };
  };

  startRun: SessionTransport['startRun'] = async ({ runId }) => this.#grantOf(runId);

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

  #grantOf(runId: RunId): RunGrant {
    const { sequenceId, unattended, description: _, sequenceVersion: __, ...rest } = this.#grant;
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
      runKey: this.#derive(`secrets:${runId}`).toString('base64'),
      resumeToken: this.#tokenOf(runId),
      have: 0,
    };
  }

  #tokenOf(runId: RunId): string {
    return this.#derive(`resume:${runId}`).toString('base64url');
  }

  #derive(purpose: string): Buffer {
    return createHmac('sha256', this.#secret).update(purpose).digest();
  }
}

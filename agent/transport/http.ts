import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { SITE_SERVER_NAME } from '../protocol/bootstrap.ts';
import {
  CapturedImageAck,
  type CapturedImageOffer,
  CapturedImageState,
} from '../protocol/captured-image.ts';
import type { RunId } from '../protocol/identity.ts';
import { type MediaRun, MediaRunTaken } from '../protocol/media-run.ts';
import { agentPaths } from '../protocol/paths.ts';
import {
  type BadSource,
  ContentSources,
  Policy,
  Registered,
  type Registration,
  RunGrant,
  RunRecovered,
  type RunRecovery,
} from '../protocol/policy.ts';
import {
  formatProof,
  formatTokenProof,
  keyThumbprint,
  NONCE_HEADER,
  NONCE_REFUSED,
  PROOF_HEADER,
  proofDigest,
  TOKEN_SCHEME,
} from '../protocol/proof.ts';
import { EventAck, LogAck, RunEvent } from '../protocol/run-event.ts';
import { parseServers, SERVERS_HEADER } from '../protocol/servers.ts';
import { ReleasedSecrets } from '../protocol/step-secrets.ts';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/version.ts';
import {
  type Answer,
  type Call,
  readAnswer,
  readText,
  refusal,
  unreachable,
} from './http-answer.ts';
import type { SessionTransport } from './transport.ts';
import { TransportError } from './transport-error.ts';

const ANSWER_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Answer to GET events: unlike a batch that is sent, it may be empty. */
const EventsAnswer = z.object({ events: z.array(RunEvent).max(500) });

/**
 * The server's agents' listener over TLS. The certificate must chain to the pinned site CA and carry
 * `SITE_SERVER_NAME`, whatever the address. Each request is proved with a key made for this boot
 * (proof.ts). A token that the server no longer knows, as after its own restart, is asked for again
 * once by registering anew with the same key.
 */
export class HttpTransport implements SessionTransport, AsyncDisposable {
  /** Address and port of the server that the machine was started with. */
  readonly server: string;
  /** All that are known, this one first; the others tell of themselves (protocol/servers.ts). */
  #servers: readonly string[];
  /** The one that is asked. */
  #current: string;
  readonly #dispatcher: Agent;
  readonly #key: KeyObject = generateKeyPairSync('ed25519').privateKey;
  #nonce = '';
  #token: string | undefined;
  /** Proves requests with the token; without it the machine's key does. */
  #tokenKey: Uint8Array | undefined;
  #registration: Registration | undefined;
  #recovery: { readonly run: RunId; readonly body: RunRecovery } | undefined;

  /**
   * @param server address and port, `10.0.0.1:7443`. @param servers of the same site, asked when it does
   * not answer. @param siteCa PEM.
   */
  constructor({
    server,
    servers = [],
    siteCa,
  }: {
    readonly server: string;
    readonly servers?: readonly string[];
    readonly siteCa: string;
  }) {
    this.server = server;
    this.#servers = [...new Set([server, ...servers])];
    this.#current = server;
    this.#dispatcher = new Agent({
      connect: { ca: siteCa, servername: SITE_SERVER_NAME, timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
  }

  /** Thumbprint of the key that proves this agent's registration. */
  get keyThumbprint(): string {
    const { x } = createPublicKey(this.#key).export({ format: 'jwk' });
    return keyThumbprint(x ?? '');
  }

  /** The others of the site that are known now. */
  get otherServers(): readonly string[] {
    return this.#servers.filter((each) => each !== this.server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher.destroy();
  }

  async register(registration: Registration, signal: AbortSignal): Promise<Registered> {
    this.#token = undefined;
    this.#tokenKey = undefined;
    const call = { method: 'POST', path: agentPaths.register, body: registration } as const;
    const registered = readAnswer(Registered, call, await this.#prove(call, signal));
    this.#token = registered.token;
    if (registered.tokenKey !== undefined)
      this.#tokenKey = Buffer.from(registered.tokenKey, 'base64url');
    this.#registration = registration;
    return registered;
  }

  policy: SessionTransport['policy'] = async (signal) =>
    this.#ask(Policy, { method: 'GET', path: agentPaths.policy }, signal);

  startRun: SessionTransport['startRun'] = async (body, signal) =>
    this.#ask(RunGrant, { method: 'POST', path: agentPaths.runs, body }, signal);

  run: SessionTransport['run'] = async (run, signal) =>
    this.#ask(RunGrant, { method: 'GET', path: agentPaths.run(run) }, signal);

  postEvents: SessionTransport['postEvents'] = async (run, events, signal) =>
    this.#ask(EventAck, { method: 'POST', path: agentPaths.events(run), body: { events } }, signal);

  eventsAfter: SessionTransport['eventsAfter'] = async (run, seq, signal) => {
    const path = `${agentPaths.events(run)}?after=${seq}`;
    return (await this.#ask(EventsAnswer, { method: 'GET', path }, signal)).events;
  };

  postLog: SessionTransport['postLog'] = async (run, body, signal) =>
    this.#ask(LogAck, { method: 'POST', path: agentPaths.log(run), body }, signal);

  secrets: NonNullable<SessionTransport['secrets']> = async (run, body, signal) =>
    this.#ask(ReleasedSecrets, { method: 'POST', path: agentPaths.secrets(run), body }, signal);

  putProgress: SessionTransport['putProgress'] = async (run, body, signal) => {
    await this.#authorized({ method: 'PUT', path: agentPaths.progress(run), body }, signal);
  };

  sources = async (run: RunId, signal: AbortSignal): Promise<ContentSources> =>
    this.#ask(ContentSources, { method: 'GET', path: agentPaths.sources(run) }, signal);

  badSource = async (run: RunId, body: BadSource, signal: AbortSignal): Promise<void> => {
    await this.#authorized({ method: 'POST', path: agentPaths.badSource(run), body }, signal);
  };

  /** An image that a step has captured: how far the server is with it. */
  offerImage = async (
    run: RunId,
    body: CapturedImageOffer,
    signal: AbortSignal,
  ): Promise<CapturedImageState> => {
    const path = agentPaths.capturedImages(run);
    return this.#ask(CapturedImageState, { method: 'POST', path, body }, signal);
  };

  /** A part of it. */
  sendImage = async (
    run: RunId,
    { id, offset, bytes }: { id: string; offset: number; bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<CapturedImageAck> => {
    const path = `${agentPaths.capturedImage(run, id)}?offset=${offset}`;
    return this.#ask(CapturedImageAck, { method: 'PUT', path, bytes }, signal);
  };

  /** Keep the resume proof current: a registration repeated after the run began must carry it. */
  rememberResume(resume: Registration['resume']): void {
    if (this.#registration && resume) this.#registration = { ...this.#registration, resume };
  }

  /** What a server that has lost the run is given, so that the run goes on. */
  rememberRecovery(run: RunId, body: RunRecovery): void {
    this.#recovery = { run, body };
  }

  /** Tells of a run from stand-alone media. @throws {TransportError} `run.lost` and other refusals */
  readonly handOverRun = async (run: MediaRun, signal: AbortSignal): Promise<MediaRunTaken> =>
    this.#ask(MediaRunTaken, { method: 'POST', path: agentPaths.mediaRuns, body: run }, signal);

  /** Has a run taken in again. @throws {TransportError} `run.lost` and other refusals */
  async recover(run: RunId, body: RunRecovery, signal: AbortSignal): Promise<RunRecovered> {
    const call = { method: 'POST', path: agentPaths.recover(run), body } as const;
    return readAnswer(RunRecovered, call, await this.#known(call, signal));
  }

  async #ask<Schema extends z.ZodType>(
    schema: Schema,
    call: Call,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    return readAnswer(schema, call, await this.#authorized(call, signal));
  }

  /** Asks once more after the run was taken in again by a server that was restored from a backup. */
  async #authorized(call: Call, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.#known(call, signal);
    } catch (error) {
      const recovery = this.#recovery;
      const lost = error instanceof TransportError && error.code === 'run.not-found';
      if (!lost || recovery === undefined || !call.path.includes(recovery.run)) throw error;
      await this.recover(recovery.run, recovery.body, signal);
      return this.#known(call, signal);
    }
  }

  /** Asks once more after it registered anew, when the token is not known. */
  async #known(call: Call, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.#prove(call, signal);
    } catch (error) {
      const expired = error instanceof TransportError && error.code.startsWith('token.');
      if (!expired || !this.#registration) throw error;
      await this.register(this.#registration, signal);
      return this.#prove(call, signal);
    }
  }

  /** One request with its proof; once more when the server wants another nonce. */
  async #prove(call: Call, signal: AbortSignal): Promise<Answer> {
    const first = await this.#send(call, signal);
    if (first.status < 300) return first;
    const refused = refusal(call, first);
    if (refused.code !== NONCE_REFUSED) throw refused;
    const second = await this.#send(call, signal);
    if (second.status < 300) return second;
    throw refusal(call, second);
  }

  /** Asks the servers in turn until one answers: each request may come twice, to any of them. */
  async #send(call: Call, signal: AbortSignal): Promise<Answer> {
    for (let left = this.#servers.length; ; left -= 1) {
      try {
        const answer = await this.#sendTo(this.#current, call, signal);
        // Its database is away, or it is closing: another one may do better when this is asked again.
        if (answer.status === 503) this.#turn();
        return answer;
      } catch (error) {
        const gone = error instanceof TransportError && error.code === 'transport.unreachable';
        if (!gone) throw error;
        this.#turn();
        if (left <= 1) throw error;
      }
    }
  }

  /** Goes on to the next server. Nonces are good on all servers of a site, but their clocks may differ. */
  #turn(): void {
    const at = this.#servers.indexOf(this.#current);
    this.#current = this.#servers[(at + 1) % this.#servers.length] ?? this.server;
    if (this.#servers.length > 1) this.#nonce = '';
  }

  #learn(header: string | string[] | undefined): void {
    if (typeof header !== 'string') return;
    // The one that answers, then the others it knows; the first one stays, to be asked when all are gone.
    this.#servers = [...new Set([this.#current, ...parseServers(header), this.server])];
  }

  async #sendTo(
    server: string,
    { method, path, body, bytes }: Call,
    signal: AbortSignal,
  ): Promise<Answer> {
    const text = body === undefined ? bytes : JSON.stringify(body);
    const token = this.#token;
    const claims = {
      jti: randomUUID(),
      htm: method,
      htu: path,
      nonce: this.#nonce,
      ...(token === undefined ? {} : { ath: proofDigest(token) }),
      ...(text === undefined ? {} : { bdh: proofDigest(text) }),
    };
    const proof =
      this.#tokenKey === undefined
        ? formatProof(this.#key, claims)
        : formatTokenProof(this.#tokenKey, claims);
    const origin = `https://${server}`;
    try {
      const answer = await request(origin + path, {
        method,
        dispatcher: this.#dispatcher,
        signal,
        headers: {
          [PROOF_HEADER]: proof,
          [PROTOCOL_HEADER]: String(PROTOCOL_VERSION),
          ...(token === undefined ? {} : { authorization: `${TOKEN_SCHEME} ${token}` }),
          ...(text === undefined
            ? {}
            : { 'content-type': bytes ? 'application/octet-stream' : 'application/json' }),
        },
        body: text ?? null,
      });
      const nonce = answer.headers[NONCE_HEADER];
      if (typeof nonce === 'string') this.#nonce = nonce;
      this.#learn(answer.headers[SERVERS_HEADER]);
      return { status: answer.statusCode, body: await readText(answer.body) };
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(origin, error);
    }
  }
}

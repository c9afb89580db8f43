import type { KeyObject } from 'node:crypto';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import {
  formatProof,
  formatTokenProof,
  NONCE_HEADER,
  PROOF_HEADER,
  proofDigest,
  TOKEN_SCHEME,
} from '#agent/protocol/proof.ts';

/** Where agents connect to. */
export interface AgentServer {
  readonly host: string;
  readonly port: number;
  /** With the site's CA; one for all agents, since reading it takes as long as a handshake. */
  readonly secureContext: SecureContext;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One agent's connection: TLS, requests one after another with a proof each, and no more. A thousand
 * whole agents would take the machine that the server is measured on.
 */
export class AgentConnection {
  readonly #server: AgentServer;
  readonly #key: KeyObject;
  #socket: TLSSocket | undefined;
  #parts: Buffer[] = [];
  #waiting: Waiting | undefined;
  #nonce = '';
  #count = 0;
  #token: { readonly text: string; readonly digest: string; readonly key: Uint8Array } | undefined;

  constructor(server: AgentServer, key: KeyObject) {
    this.#server = server;
    this.#key = key;
  }

  /** Its requests carry this token from now on, or none. @param key base64url, as it was given for the token */
  setToken(token?: { readonly text: string; readonly key: string }): void {
    this.#token = token && {
      text: token.text,
      digest: proofDigest(token.text),
      key: Buffer.from(token.key, 'base64url'),
    };
  }

  /** Connects; an old connection is dropped. @throws {Error} when nobody answers */
  async open(): Promise<void> {
    this.close();
    const socket = connect({ ...this.#server, servername: SITE_SERVER_NAME });
    socket.setNoDelay(true);
    this.#socket = socket;
    this.#parts = [];
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed')));
    });
    socket.on('data', (part: Buffer) => this.#take(part));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#waiting?.reject(new Error('the connection was closed'));
      this.#waiting = undefined;
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  /** One request, sent again once where the server wants its nonce in the proof. @throws {Error} connection lost */
  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const answer = await this.#send(method, path, text);
    return answer.status === 401 && answer.text.includes('"proof.nonce"')
      ? await this.#send(method, path, text)
      : answer;
  }

  #send(method: string, path: string, body: string): Promise<Answer> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed)
      return Promise.reject(new Error('the connection was closed'));
    const bytes = Buffer.byteLength(body);
    const lines = [
      `${method} ${path} HTTP/1.1`,
      `host: ${SITE_SERVER_NAME}`,
      `${PROOF_HEADER}: ${this.#prove(method, path, body)}`,
      ...(this.#token === undefined ? [] : [`authorization: ${TOKEN_SCHEME} ${this.#token.text}`]),
      ...(bytes === 0 ? [] : ['content-type: application/json', `content-length: ${bytes}`]),
    ];
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting = { resolve, reject };
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    return promise;
  }

  #prove(method: string, path: string, body: string): string {
    const claims = {
      jti: `agent-${process.pid}-${this.#count++}`,
      htm: method,
      htu: path,
      nonce: this.#nonce,
      ...(this.#token === undefined ? {} : { ath: this.#token.digest }),
      ...(body === '' ? {} : { bdh: proofDigest(body) }),
    };
    return this.#token === undefined
      ? formatProof(this.#key, claims)
      : formatTokenProof(this.#token.key, claims);
  }

  #take(part: Buffer): void {
    this.#parts.push(part);
    const all = Buffer.concat(this.#parts);
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = all.toString('latin1', 0, end);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (all.length < end + 4 + length) {
      this.#parts = [all];
      return;
    }
    this.#parts = [];
    this.#nonce = new RegExp(`^${NONCE_HEADER}: (\\S+)`, 'im').exec(head)?.[1] ?? this.#nonce;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({
      status: Number(head.slice(9, 12)),
      text: all.toString('utf8', end + 4, end + 4 + length),
    });
  }
}

import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import type { MachineIdentity } from '#agent/protocol/identity.ts';
import { formatMediaClaim } from '#agent/protocol/media-proof.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { Registered, type Registration } from '#agent/protocol/policy.ts';
import {
  formatProof,
  keyThumbprint,
  NONCE_HEADER,
  proofDigest,
  TOKEN_SCHEME,
} from '#agent/protocol/proof.ts';
import { testIdentity } from '../../../inventory/testing/test-identity.ts';

/** An answer as it came; `json` is not parsed by any schema. */
interface TestAnswer {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

/** An agent for tests: keys, proofs and TLS as the real one has them, and no machine. */
export interface TestAgent {
  call(method: string, path: string, body?: unknown, change?: ProofChange): Promise<TestAnswer>;
  register(
    resume?: Registration['resume'],
    bootImage?: Registration['bootImage'],
    environment?: Registration['environment'],
    media?: TestMedia,
  ): Promise<Registered>;
  /** Forgets its key and makes another, as each boot of PE does. */
  reboot(): void;
  /** Asks another server from now on, with what it has. @param url of that one's agents' listener */
  moveTo(url: string): void;
}
/** Media that a machine says it was started from, and their key. */
interface TestMedia {
  readonly id: string;
  readonly key: KeyObject;
}
/** What a test does wrong on purpose. */
interface ProofChange {
  readonly nonce?: string;
  readonly token?: string;
  readonly proof?: string;
  readonly provedBody?: string;
  /** Gets the proof that is sent. */
  readonly record?: (proof: string) => void;
}

/**
 * @param url of the agents' listener. @param ca the site CA, the only one trusted.
 * @param connects for each request, or once, as the real one does
 */
export function createTestAgent(
  url: string,
  ca: string,
  facts: Partial<MachineIdentity> = {},
  connects: 'once' | 'each time' = 'once',
): TestAgent {
  const identity = testIdentity({
    serialNumber: 'S-1',
    manufacturer: 'Acme',
    model: 'One',
    secureBoot: true,
    memoryBytes: 2 ** 31,
    unclaimedDevices: [{ vendor: '8086', device: '15f3', pciClass: '020000' }],
    ...facts,
  });
  let { hostname, port } = new URL(url);
  let key = generateKeyPairSync('ed25519').privateKey;
  const connections = connects === 'once' && new Agent({ keepAlive: true });
  let nonce = '';
  let token: string | undefined;

  const send = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | Uint8Array,
  ) =>
    new Promise<TestAnswer>((resolve, reject) => {
      const sent = request(
        {
          hostname,
          port,
          method,
          path,
          ca,
          headers,
          servername: SITE_SERVER_NAME,
          agent: connections,
        },
        (answer) => {
          const parts: Buffer[] = [];
          answer.on('data', (part: Buffer) => parts.push(part));
          answer.on('error', reject);
          answer.on('end', () => {
            nonce = String(answer.headers[NONCE_HEADER] ?? nonce);
            const text = Buffer.concat(parts).toString('utf8');
            const isJson = answer.headers['content-type']?.includes('json') === true;
            const { statusCode: status = 0, headers: answered } = answer;
            resolve({ status, text, json: isJson ? JSON.parse(text) : {}, headers: answered });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });

  const agent: TestAgent = {
    async call(method, path, body, change = {}) {
      const isBytes = body instanceof Uint8Array;
      const text = isBytes ? body : body === undefined ? '' : JSON.stringify(body);
      const given = change.token ?? token;
      const prove = () => {
        const proof = formatProof(key, {
          jti: randomUUID(),
          htm: method,
          htu: path,
          nonce: change.nonce ?? nonce,
          ...(given === undefined ? {} : { ath: proofDigest(given) }),
          ...(text === '' ? {} : { bdh: proofDigest(change.provedBody ?? text) }),
        });
        change.record?.(proof);
        return proof;
      };
      const once = () =>
        send(
          method,
          path,
          {
            dpop: change.proof ?? prove(),
            ...(given === undefined ? {} : { authorization: `${TOKEN_SCHEME} ${given}` }),
            ...(text === ''
              ? {}
              : { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
          },
          text,
        );
      const answer = await once();
      const retry = answer.status === 401 && answer.json['code'] === 'proof.nonce';
      return retry && change.nonce === undefined ? once() : answer;
    },
    async register(
      resume,
      bootImage,
      environment = bootImage === undefined ? 'linux-pe' : 'winpe',
      media,
    ) {
      token = undefined;
      const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
      const thumbprint = keyThumbprint(x);
      const { json } = await agent.call('POST', agentPaths.register, {
        identity,
        environment,
        agentVersion: '0.1.0',
        ...(resume === undefined ? {} : { resume }),
        ...(bootImage === undefined ? {} : { bootImage }),
        ...(media && { media: formatMediaClaim(media.key, media.id, thumbprint) }),
      });
      const registered = Registered.parse(json);
      token = registered.token;
      return registered;
    },
    moveTo(next) {
      ({ hostname, port } = new URL(next));
    },
    reboot() {
      key = generateKeyPairSync('ed25519').privateKey;
      token = undefined;
      nonce = '';
    },
  };
  return agent;
}

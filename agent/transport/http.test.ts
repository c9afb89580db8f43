import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SITE_SERVER_NAME } from '../protocol/bootstrap.ts';
import { RunId } from '../protocol/identity.ts';
import { agentPaths } from '../protocol/paths.ts';
import { Registration } from '../protocol/policy.ts';
import { parseProof, proofDigest } from '../protocol/proof.ts';
import { HttpTransport } from './http.ts';
import { retry } from './retry.ts';
import { TransportError } from './transport-error.ts';

const registration = Registration.parse({
  identity: {
    smbiosGuid: null,
    macAddresses: ['52:54:00:12:34:56'],
    serialNumber: null,
    assetTag: null,
    manufacturer: null,
    model: null,
    architecture: 'x64',
    firmware: 'uefi',
    secureBoot: false,
    memoryBytes: 1,
  },
  environment: 'linux-pe',
  agentVersion: '1',
});
const registered = { token: 'T', serverTimeMs: 5, deviceId: null, deviceName: null };
const { signal } = new AbortController();

interface Seen {
  readonly path: string;
  readonly nonce: string;
  readonly proven: boolean;
}
let server: Server;
/** Another server of the same site. */
let other: Server;
let otherAddress = '';
/** What the servers say of each other. */
let others = '';
let address = '';
let siteCa = '';
let otherCa = '';
/** What the server does with a request that is proved: status and body. */
let answer: (path: string, token: string) => { status: number; body: unknown };
const seen: Seen[] = [];

async function certificate(name: string) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  x509.cryptoProvider.set(webcrypto);
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${name}`,
    notBefore: new Date(0),
    notAfter: new Date('9999-12-31T23:59:59Z'),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  });
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: made.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}

beforeAll(async () => {
  const own = await certificate(SITE_SERVER_NAME);
  siteCa = own.cert;
  otherCa = (await certificate(SITE_SERVER_NAME)).cert;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const { url = '' } = request;
    const proof = await parseProof(String(request.headers['dpop']));
    const token = request.headers.authorization?.replace('DPoP ', '') ?? '';
    const { claims } = proof ?? {};
    const proven =
      claims?.htm === request.method &&
      claims?.htu === url &&
      claims?.bdh === (body === '' ? undefined : proofDigest(body)) &&
      claims?.ath === (token === '' ? undefined : proofDigest(token));
    seen.push({ path: url, nonce: claims?.nonce ?? '?', proven });
    const { status, body: answered } =
      claims?.nonce === 'fresh'
        ? answer(url, token)
        : { status: 401, body: { code: 'proof.nonce', message: 'another one' } };
    response.writeHead(status, {
      'dpop-nonce': 'fresh',
      ...(others === '' ? {} : { 'metalwright-servers': others }),
    });
    response.end(answered === undefined ? '' : JSON.stringify(answered));
  };
  const listen = async () => {
    const made = createServer(own, (request, response) => void serve(request, response));
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    const { port } = made.address() as AddressInfo;
    return { made, at: `127.0.0.1:${port}` };
  };
  ({ made: server, at: address } = await listen());
  ({ made: other, at: otherAddress } = await listen());
});
afterAll(() => {
  for (const each of [server, other]) {
    each.closeAllConnections();
    each.close();
  }
});

describe('M39 the agent to its server', () => {
  it('proves each request over its method, path, body and token, with the server’s nonce', async () => {
    answer = (path) =>
      path === '/v1/register'
        ? { status: 200, body: registered }
        : { status: 200, body: { kind: 'none', code: 'c', reason: 'r' } };
    await using transport = new HttpTransport({ server: address, siteCa });
    seen.length = 0;
    expect(await transport.register(registration, signal)).toEqual(registered);
    expect(await transport.policy(signal)).toMatchObject({ kind: 'none' });
    expect(seen).toEqual([
      { path: '/v1/register', nonce: '', proven: true },
      { path: '/v1/register', nonce: 'fresh', proven: true },
      { path: '/v1/policy', nonce: 'fresh', proven: true },
    ]);
  });

  it('registers again once when the server has forgotten its token', async () => {
    let tokens = 0;
    answer = (path, token) => {
      if (path === '/v1/register')
        return { status: 200, body: { ...registered, token: `T${++tokens}` } };
      return token === 'T2'
        ? { status: 200, body: { kind: 'none', code: 'c', reason: 'r' } }
        : { status: 401, body: { code: 'token.unknown', message: 'who?' } };
    };
    await using transport = new HttpTransport({ server: address, siteCa });
    await transport.register(registration, signal);
    expect(await transport.policy(signal)).toMatchObject({ kind: 'none' });
    expect(tokens).toBe(2);
  });

  it('M57 goes on with another server of the site when its own is gone, and with that one’s token', async () => {
    answer = (path) =>
      path === '/v1/register'
        ? { status: 200, body: registered }
        : { status: 200, body: { kind: 'none', code: 'c', reason: 'r' } };
    others = `${otherAddress}, nonsense, 127.0.0.1:1`;
    await using transport = new HttpTransport({ server: address, siteCa });
    await transport.register(registration, signal);
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    seen.length = 0;
    expect(await transport.policy(signal)).toMatchObject({ kind: 'none' });
    expect(seen.at(-1)).toMatchObject({ path: '/v1/policy', proven: true });
    // One that has no database says so; the next question goes to another, and comes back.
    let asked = 0;
    answer = () => {
      asked += 1;
      return { status: 503, body: { code: 'store.unreachable', message: 'away' } };
    };
    await expect(transport.policy(signal)).rejects.toMatchObject({ passing: true });
    expect(asked).toBe(1);
    await new Promise<void>((resolve) => server.listen(Number(address.split(':')[1]), resolve));
    others = '';
  });

  it('M56 has a run taken in again by a server that was restored from an older backup', async () => {
    const run = RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f');
    const paths = { events: agentPaths.events(run), recover: agentPaths.recover(run) };
    let known = false;
    answer = (path) => {
      if (path === paths.recover) {
        known = true;
        return { status: 200, body: { have: 0 } };
      }
      return known
        ? { status: 200, body: { have: 0 } }
        : { status: 404, body: { code: 'run.not-found', message: 'no such run' } };
    };
    await using transport = new HttpTransport({ server: address, siteCa });
    const post = () => transport.postEvents(run, [], signal);
    await expect(post()).rejects.toMatchObject({ code: 'run.not-found' });
    transport.rememberRecovery(run, { recovery: 'claim', documentJson: '{}' });
    seen.length = 0;
    expect(await post()).toEqual({ have: 0 });
    expect(seen.map(({ path }) => path)).toEqual([paths.events, paths.recover, paths.events]);
  });

  it('M57 begins with another server of the site when the one that started it is gone', async () => {
    answer = () => ({ status: 409, body: { code: 'run.refused', message: 'no' } });
    const gone = '127.0.0.1:1';
    await using transport = new HttpTransport({ server: gone, servers: [address], siteCa });
    await expect(transport.policy(signal)).rejects.toMatchObject({ code: 'run.refused' });
    // What an installed system is told: it begins with the same server, and has the others.
    expect(transport.server).toBe(gone);
    expect(transport.otherServers).toEqual([address]);
  });

  it('gives the server’s own code for a refusal, and never asks again by itself', async () => {
    answer = () => ({ status: 409, body: { code: 'run.refused', message: 'no', hint: 'h' } });
    await using transport = new HttpTransport({ server: address, siteCa });
    const refused = transport.policy(signal);
    await expect(refused).rejects.toMatchObject({ code: 'run.refused', hint: 'h', passing: false });
  });

  it('refuses a server that the pinned site CA did not sign', async () => {
    await using transport = new HttpTransport({ server: address, siteCa: otherCa });
    await expect(transport.policy(signal)).rejects.toMatchObject({
      code: 'transport.tls',
      passing: false,
    });
  });

  it('asks a server that is away again until it answers', async () => {
    let asked = 0;
    const troubles: string[] = [];
    const value = await retry(
      async () => {
        asked += 1;
        if (asked < 4) throw new TransportError('transport.unreachable', 'away');
        return 'here';
      },
      { onTrouble: ({ error }) => troubles.push(error.code), firstMs: 0.01 },
      signal,
    );
    expect([value, troubles.length]).toEqual(['here', 3]);
  });
});

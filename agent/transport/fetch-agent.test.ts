import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SITE_SERVER_NAME } from '../protocol/bootstrap.ts';
import { fetchAgent } from './fetch-agent.ts';

const program = Buffer.from('the program '.repeat(10_000));
const packed = zstdCompressSync(program);
const { signal } = new AbortController();

let server: Server;
let site = { server: '', siteCa: '' };
let folder = '';
/** What the server answers, by path and query. */
let answers: Readonly<Record<string, { status?: number; body: string | Uint8Array }>> = {};

const hello = (object: Uint8Array, more: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    'agent-sha256': createHash('sha256').update(object).digest('hex'),
    'agent-path': '/content/ab/abcd',
    'agent-size': String(object.length),
    'agent-compression': 'zstd',
    'of-the-future': 'x',
    ...more,
  })
    .map(([key, value]) => `${key} ${value}\n`)
    .join('');
const HELLO = '/bootstrap/v1/hello?arch=x64&env=winpe';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fetch-agent-'));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const name = SITE_SERVER_NAME;
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(0),
      notAfter: new Date('9999-12-31T23:59:59Z'),
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const own = { cert: made.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
  server = createServer(own, ({ url = '' }, response) => {
    const { status = 200, body } = answers[url] ?? { status: 404, body: 'none' };
    response.writeHead(status);
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  site = { server: `127.0.0.1:${port}`, siteCa: own.cert };
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const wanted = { architecture: 'x64', environment: 'winpe' } as const;
const fetched = async (part?: 'service'): Promise<boolean> =>
  fetchAgent(
    site,
    part === undefined ? wanted : { ...wanted, part },
    join(folder, 'agent'),
    signal,
  );

describe('M53 fetchAgent', () => {
  it('fetches a program by its hash and unpacks it', async () => {
    answers = { [HELLO]: { body: hello(packed) }, '/content/ab/abcd': { body: packed } };
    expect(await fetched()).toBe(true);
    expect(readFileSync(join(folder, 'agent')).equals(program)).toBe(true);
    expect(readdirSync(folder)).toEqual(['agent']);
    answers = {
      [HELLO]: { body: hello(program, { 'agent-compression': 'none' }) },
      '/content/ab/abcd': { body: program },
    };
    expect(await fetched()).toBe(true);
  });

  it('says where there is none, also of a server that does not know of the service', async () => {
    answers = {};
    expect(await fetched()).toBe(false);
    answers = { [`${HELLO}&part=service`]: { body: hello(packed) } };
    expect(await fetched('service')).toBe(false);
    answers = {
      [`${HELLO}&part=service`]: { body: hello(packed, { 'agent-part': 'service' }) },
      '/content/ab/abcd': { body: packed },
    };
    expect(await fetched('service')).toBe(true);
  });

  it('refuses other bytes, more bytes, and an answer that it does not understand', async () => {
    const other = Buffer.from(packed);
    other.writeUInt8(other.readUInt8(20) ^ 1, 20);
    for (const body of [other, Buffer.concat([packed, packed]), packed.subarray(1)]) {
      answers = { [HELLO]: { body: hello(packed) }, '/content/ab/abcd': { body } };
      await expect(fetched()).rejects.toMatchObject({ code: 'agent.fetch' });
    }
    answers = { [HELLO]: { body: 'hi' } };
    await expect(fetched()).rejects.toThrow(/not understood: hi/);
    answers = { [HELLO]: { status: 500, body: 'broken' } };
    await expect(fetched()).rejects.toThrow(/answers 500: broken/);
  });
});

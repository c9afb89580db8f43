import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { contentConnections } from './content-trust.ts';
import { httpChunks } from './fetch-chunk.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const YEAR_MS = 365 * 86_400_000;

interface Signed {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}
interface Wish {
  readonly from?: number;
  readonly to?: number;
  readonly isCa?: boolean;
  readonly name?: string;
}

let serial = 0;
/** A certificate, signed by another one or by itself. */
async function issue(
  subject: string,
  issuer: Signed | undefined,
  wish: Wish = {},
): Promise<Signed> {
  const { from = Date.now() - YEAR_MS, to = Date.now() + YEAR_MS, isCa = false } = wish;
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  serial += 1;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(4, '0'),
    subject: `CN=${subject}`,
    issuer: issuer?.certificate.subject ?? `CN=${subject}`,
    notBefore: new Date(from),
    notAfter: new Date(to),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: (issuer?.keys ?? keys).privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(isCa, undefined, true),
      ...(isCa
        ? [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true)]
        : [
            new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
            new x509.SubjectAlternativeNameExtension([
              { type: 'ip', value: wish.name ?? '127.0.0.1' },
            ]),
          ]),
    ],
  });
  return { certificate, keys };
}
const pem = ({ certificate }: Signed) => certificate.toString('pem');

let ca: Signed;
let middle: Signed;
let stranger: Signed;
beforeAll(async () => {
  ca = await issue('Site CA', undefined, { isCa: true, from: 0, to: Date.now() + 30 * YEAR_MS });
  middle = await issue('Middle', ca, { isCa: true, from: 0, to: Date.now() + 30 * YEAR_MS });
  // Of the same name, with another key.
  stranger = await issue('Site CA', undefined, { isCa: true });
});

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What fetching from a server with that certificate gives: the code of the error, or the bytes. */
async function fetched(
  leaf: Signed,
  {
    chain = [],
    cas = [ca],
    nowMs = Date.now(),
  }: { chain?: Signed[]; cas?: Signed[]; nowMs?: number },
) {
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', leaf.keys.privateKey));
  const asked: string[] = [];
  const server = createServer(
    {
      key: `-----BEGIN PRIVATE KEY-----\n${key.toString('base64')}\n-----END PRIVATE KEY-----\n`,
      cert: [leaf, ...chain].map(pem).join('\n'),
    },
    (request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(206, { 'content-range': 'bytes 0-3/4' }).end('good');
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const connections = contentConnections({ cas: () => cas.map(pem), nowMs: () => nowMs });
  closing.push(
    () => connections[Symbol.asyncDispose](),
    () => server.close(),
  );
  const url = `https://127.0.0.1:${port}/content/aa/x`;
  const { signal } = new AbortController();
  return await httpChunks(connections)({ url, first: 0, last: 3 }, signal).then(
    (bytes) => Buffer.from(bytes).toString(),
    (error: { code: string }) => `${error.code}${asked.length === 0 ? '' : ', though asked'}`,
  );
}

it('M52 content comes from an HTTPS server whose certificate is of the CA that the site has given', async () => {
  expect(await fetched(await issue('dp', ca), {})).toBe('good');
  expect(await fetched(await issue('dp', middle), { chain: [middle] })).toBe('good');
});

it.each([
  { what: 'of no CA that is trusted', cas: 'none' },
  { what: 'of a CA of the same name', cas: 'stranger' },
] as const)('M52 refuses one $what before anything is sent', async ({ cas }) => {
  const given = cas === 'none' ? [] : [stranger];
  expect(await fetched(await issue('dp', ca), { cas: given })).toBe('content.certificate');
});

it('M52 refuses one for another name, and one of itself', async () => {
  const other = await issue('dp', ca, { name: '127.0.0.2' });
  expect(await fetched(other, {})).toBe('content.certificate');
  expect(await fetched(await issue('dp', undefined), {})).toBe('content.certificate');
});

it('M52 goes by the time of the server, not by the clock of a bare machine', async () => {
  const past = { from: Date.now() - 3 * YEAR_MS, to: Date.now() - 2 * YEAR_MS };
  const then = Date.now() - 2.5 * YEAR_MS;
  const expired = await issue('dp', middle, past);
  expect(await fetched(expired, { chain: [middle], nowMs: then })).toBe('good');
  expect(await fetched(expired, { chain: [middle] })).toBe('content.certificate');
  const future = await issue('dp', ca, {
    from: Date.now() + YEAR_MS,
    to: Date.now() + 2 * YEAR_MS,
  });
  expect(await fetched(future, { nowMs: Date.now() + 1.5 * YEAR_MS })).toBe('good');
  expect(await fetched(future, {})).toBe('content.certificate');
});

it('M52 a certificate that is out of date is not trusted for that alone', async () => {
  const past = { from: Date.now() - 3 * YEAR_MS, to: Date.now() - 2 * YEAR_MS };
  const nowMs = Date.now() - 2.5 * YEAR_MS;
  const expired = await issue('dp', ca, past);
  expect(await fetched(expired, { cas: [stranger], nowMs })).toBe('content.certificate');
  expect(await fetched(expired, { cas: [], nowMs })).toBe('content.certificate');
  const other = await issue('dp', ca, { ...past, name: '127.0.0.2' });
  expect(await fetched(other, { nowMs })).toBe('content.certificate');
  // A leaf that is no CA signs nothing.
  const leaf = await issue('leaf', ca);
  const below = await issue('dp', leaf, past);
  expect(await fetched(below, { chain: [leaf], nowMs })).toBe('content.certificate');
});

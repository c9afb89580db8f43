import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { openSiteCa } from './site-ca.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-ca-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('M39 makes a CA once, and a certificate that machines with any clock accept', async () => {
  const first = await openSiteCa(directory, ['10.0.5.1']);
  const ca = new X509Certificate(first.caCertificate);
  const server = new X509Certificate(first.serverCertificate);
  expect(ca.ca).toBe(true);
  expect(server.verify(ca.publicKey)).toBe(true);
  expect(server.checkIssued(ca)).toBe(true);
  for (const one of [ca, server]) {
    expect(one.validFromDate.getTime()).toBe(0);
    expect(one.validToDate.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  }
  for (const name of [SITE_SERVER_NAME, 'localhost']) expect(server.checkHost(name)).toBe(name);
  expect(server.checkIP('10.0.5.1')).toBe('10.0.5.1');

  const second = await openSiteCa(directory, ['10.0.6.1']);
  expect(second.caCertificate).toBe(first.caCertificate);
  expect(new X509Certificate(second.serverCertificate).checkIP('10.0.6.1')).toBe('10.0.6.1');
  for (const file of ['site-ca.key', 'server.key'])
    expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
});

import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSiteCa } from './site-ca.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-ca-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('keeps its certificate while it names what it is to name, and issues another when it does not', async () => {
  const first = await openSiteCa(directory, ['10.0.0.1', 'fe80::1']);
  expect(await openSiteCa(directory, ['10.0.0.1', 'fe80::1'])).toEqual(first);
  for (const addresses of [['10.0.0.2', 'fe80::1'], ['10.0.0.1'], []]) {
    const before = await readFile(join(directory, 'server.pem'), 'utf8');
    const { caCertificate, serverKey, serverCertificate } = await openSiteCa(directory, addresses);
    expect([caCertificate, serverKey]).toEqual([first.caCertificate, first.serverKey]);
    expect(serverCertificate).not.toBe(before);
    const certificate = new X509Certificate(serverCertificate);
    expect(certificate.verify(new X509Certificate(caCertificate).publicKey)).toBe(true);
    for (const address of addresses) expect(certificate.checkIP(address)).toBe(address);
    expect(certificate.checkIP('10.0.0.9')).toBeUndefined();
  }
});

it.each([
  ['is broken', 'server.pem', () => 'no certificate'],
  ['is for another key', 'server.key', undefined],
  ['is of another CA', 'site-ca.key', undefined],
])('issues another when what is kept %s', async (_what, file, content) => {
  const before = await openSiteCa(directory, []);
  if (content === undefined) {
    await rm(join(directory, file));
    if (file === 'site-ca.key') await rm(join(directory, 'site-ca.pem'));
  } else await writeFile(join(directory, file), content());
  const { caCertificate, serverCertificate } = await openSiteCa(directory, []);
  expect(serverCertificate).not.toBe(before.serverCertificate);
  const ca = new X509Certificate(caCertificate);
  expect(new X509Certificate(serverCertificate).verify(ca.publicKey)).toBe(true);
});

import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { openConsoleTls } from './console-certificate.ts';
import { openSiteCa } from './site-ca.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-tls-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function pairOf(name: string) {
  const made = await openSiteCa(join(folder, name), []);
  return { key: made.serverKey, cert: made.serverCertificate };
}

const printOf = ({ cert }: { readonly cert: string }) => new X509Certificate(cert).fingerprint256;

it("shows the operator's own certificate, renewed too, and the site's to the command", async () => {
  const [site, own, renewed] = [await pairOf('site'), await pairOf('own'), await pairOf('renewed')];
  const files = { certificateFile: join(folder, 'c.pem'), keyFile: join(folder, 'k.pem') };
  const write = async (pair: { key: string; cert: string }) => {
    await writeFile(files.certificateFile, pair.cert);
    await writeFile(files.keyFile, pair.key);
  };
  await write(own);
  const tls = await openConsoleTls(site, files);
  const server = createServer(tls);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const shown = (servername?: string) =>
    new Promise<string>((resolve, reject) => {
      const options = servername === undefined ? {} : { servername };
      const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
      socket.on('error', reject);
      socket.on('secureConnect', () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
    });
  const all = async () => [
    await shown(),
    await shown('console.test'),
    await shown(SITE_SERVER_NAME),
  ];
  expect(await all()).toEqual([printOf(own), printOf(own), printOf(site)]);
  expect(await tls.reload(server)).toBe(false);
  await writeFile(files.keyFile, renewed.key);
  await expect(tls.reload(server)).rejects.toMatchObject({ code: 'console.certificate' });
  expect(await all()).toEqual([printOf(own), printOf(own), printOf(site)]);
  await write(renewed);
  expect(await tls.reload(server)).toBe(true);
  expect(await all()).toEqual([printOf(renewed), printOf(renewed), printOf(site)]);
  server.close();
});

it('does not start with files that are not there', async () => {
  const site = await pairOf('site');
  const files = { certificateFile: join(folder, 'none'), keyFile: join(folder, 'none') };
  await expect(openConsoleTls(site, files)).rejects.toMatchObject({ code: 'console.certificate' });
});

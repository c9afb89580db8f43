import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Config } from '../config.ts';
import { openSiteCa } from '../trust/site-ca.ts';
import { checkCapabilities } from './capabilities.ts';
import { checkCertificates } from './certificates.ts';
import { checkSecretFiles } from './secret-files.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'metalwright-trust-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const nowMs = Date.UTC(2026, 10, 28);
const file = (name: string) => join(data, name);
const look = (more: Partial<Parameters<typeof checkCertificates>[0]> = {}) =>
  checkCertificates({
    dataDirectory: data,
    consoleCertificate: null,
    names: [],
    addresses: ['10.0.0.1'],
    nowMs,
    ...more,
  });

it('M66 tells certificates that are good from those of another key, another time and other names', async () => {
  expect(await look()).toEqual([]);
  await openSiteCa(data, ['10.0.0.1']);
  expect((await look()).map(({ level }) => level)).toEqual(['ok', 'ok']);
  const moved = await look({ addresses: ['10.0.0.1', '10.0.0.2'] });
  expect(moved.find(({ level }) => level === 'warning')?.message).toContain(
    'does not carry 10.0.0.2',
  );
  const past = await look({ nowMs: Date.UTC(1969, 0, 1) });
  expect(past[0]).toMatchObject({
    level: 'problem',
    message: expect.stringContaining('and the clock shows 1969-01-01'),
  });
  expect((await look({ nowMs: Date.UTC(9999, 11, 20) }))[0]).toMatchObject({ level: 'warning' });

  // The console's own: the server's files stand for it.
  const own = { certificateFile: file('server.pem'), keyFile: file('server.key') };
  const named = await look({ consoleCertificate: own, names: ['deploy.example'] });
  expect(named.at(-1)?.message).toContain('does not carry deploy.example');
  const swapped = await look({ consoleCertificate: { ...own, keyFile: file('site-ca.key') } });
  expect(swapped.at(-1)).toMatchObject({
    level: 'problem',
    message: expect.stringContaining('does not belong to its key'),
  });
  const gone = await look({ consoleCertificate: { ...own, keyFile: file('nothing') } });
  expect(gone.at(-1)).toMatchObject({ level: 'problem', hint: expect.stringContaining('renew') });

  const other = await mkdtemp(join(tmpdir(), 'metalwright-other-'));
  await openSiteCa(other, []);
  for (const name of ['site-ca.pem', 'site-ca.key']) await cp(join(other, name), file(name));
  await rm(other, { recursive: true });
  expect((await look()).at(-1)?.message).toContain('signed by another CA');
});

it('M66 tells who else may read a password of the database or a key', async () => {
  const settings = Config.parse({
    database: { url: 'postgres://mw:secret@db/mw' },
    listeners: {
      consoleCertificate: { certificateFile: file('c.pem'), keyFile: file('c.key') },
    },
  });
  for (const name of ['settings.yaml', 'c.key']) await writeFile(file(name), 'x');
  await chmod(file('settings.yaml'), 0o644);
  await chmod(file('c.key'), 0o640);
  const found = await checkSecretFiles(file('settings.yaml'), settings);
  expect(found.map(({ level }) => level)).toEqual(['problem', 'ok']);
  expect(found[0]?.message).toContain('has mode 644');
  expect(found[0]?.hint).toContain(`chmod o-rwx ${file('settings.yaml')}`);
  // Without a password in it anybody may read it.
  const plain = Config.parse({
    database: { url: 'postgres://mw@db/mw', passwordFile: file('no') },
  });
  const missing = await checkSecretFiles(file('settings.yaml'), plain);
  expect(missing).toMatchObject([
    { level: 'problem', message: expect.stringContaining(file('no')) },
  ]);
});

it('M66 finds capabilities in the unit, or in this process', async () => {
  const files = { unit: file('unit'), status: file('status') };
  await writeFile(files.status, 'CapEff:\t0000000000002400\n');
  expect(await checkCapabilities(files)).toMatchObject({ level: 'ok' });
  await writeFile(files.status, 'CapEff:\t0000000000002000\n');
  const own = await checkCapabilities(files);
  expect(own).toMatchObject({ level: 'warning' });
  expect(own.message).toContain('CAP_NET_BIND_SERVICE');
  expect(own.message).not.toContain('CAP_NET_RAW');
  const unit = 'User=metalwright\nAmbientCapabilities=CAP_NET_BIND_SERVICE CAP_NET_RAW\n';
  await writeFile(files.unit, unit);
  expect(await checkCapabilities(files)).toMatchObject({ level: 'ok' });
  await writeFile(files.unit, `${unit}AmbientCapabilities=\n`);
  expect(await checkCapabilities(files)).toMatchObject({ level: 'problem' });
});

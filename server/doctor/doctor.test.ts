import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AGENT_FILE } from '../agent-package.ts';
import { imageFiles, publishBootFiles } from '../netboot/boot-files.ts';
import { checkBootImages } from './boot-images.ts';
import { checkClock } from './clock.ts';
import { checkDataDirectory } from './data-directory.ts';
import { formatFindings } from './finding.ts';
import { checkInterfaces } from './interfaces.ts';
import { checkTools } from './tools.ts';

async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'metalwright-doctor-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

it('finds that no interface can be answered on, and says what to do', async () => {
  const findings = await checkInterfaces({});
  expect(findings).toMatchObject([{ level: 'problem', code: 'doctor.interface' }]);
  expect(findings[0]?.hint).toContain('ip address add');
});

it('tells an interface with a link from one without', async () => {
  const sys = await temporaryDirectory();
  await mkdir(join(sys, 'eth0'));
  await writeFile(join(sys, 'eth0', 'carrier'), '1\n');
  const address = (cidr: string) => [
    { address: cidr, cidr, netmask: '', mac: '', family: 'IPv4' as const, internal: false },
  ];
  const findings = await checkInterfaces(
    { eth0: address('10.0.0.1/24'), eth1: address('10.1.0.1/24') },
    sys,
  );
  expect(findings.map((finding) => finding.level)).toEqual(['ok', 'warning']);
  expect(findings[1]?.message).toBe('eth1 has 10.1.0.1/24 but no link');
});

it('names the Debian package of a missing tool', async () => {
  const path = await temporaryDirectory();
  await writeFile(join(path, 'mksquashfs'), '', { mode: 0o755 });
  const findings = await checkTools(path);
  expect(findings[0]).toMatchObject({ level: 'ok', code: 'doctor.tool' });
  expect(findings[0]?.message).toContain(join(path, 'mksquashfs'));
  for (const finding of findings.filter((each) => each.level !== 'ok')) {
    expect(finding.hint).toMatch(/^apt-get install [a-z0-9-]+$/);
  }
});

it('lists the files that a boot image lacks; an empty one is missing too', async () => {
  const path = await temporaryDirectory();
  for (const file of ['vmlinuz', 'loader.img', 'manifest']) await writeFile(join(path, file), 'x');
  await writeFile(join(path, 'rest.squashfs'), '');
  const [finding] = await checkBootImages(path);
  expect(finding?.level).toBe('problem');
  expect(finding?.message).toMatch(
    /no shimx64\.efi, grubx64\.efi, rest\.squashfs, agent-linux-x64\.zst$/,
  );
});

it('is content with exactly the files that the server needs to serve the image', async () => {
  const path = await temporaryDirectory();
  for (const file of [...imageFiles, AGENT_FILE]) await writeFile(join(path, file), 'x');
  expect(await checkBootImages(path)).toMatchObject([{ level: 'ok' }]);
  const served = await publishBootFiles({
    directory: path,
    siteCa: '',
    signer: { publicKey: '', sign: () => '' },
    bootPort: 1,
    agentPort: 2,
  });
  expect(served.image.ready).toBe(true);
});

it('says how much room the data directory has', async () => {
  const path = await temporaryDirectory();
  const findings = await checkDataDirectory(path);
  expect(findings[0]).toMatchObject({ level: 'ok', message: `${path} can be written` });
  expect(findings[1]?.message).toMatch(/^\d+\.\d GB are free for /);
});

it('finds that the data directory is a file', async () => {
  const path = join(await temporaryDirectory(), 'data');
  await writeFile(path, '');
  expect(await checkDataDirectory(path)).toMatchObject([{ level: 'problem', code: 'doctor.data' }]);
});

it('finds a clock that is years off', async () => {
  const finding = await checkClock(Date.UTC(2011, 5, 1), []);
  expect(finding.level).toBe('problem');
  expect(finding.message).toContain('2011-06-01');
});

it('is content with a clock that a time service keeps', async () => {
  const mark = join(await temporaryDirectory(), 'synchronized');
  await writeFile(mark, '');
  expect(await checkClock(Date.UTC(2027, 5, 1), [mark])).toMatchObject({ level: 'ok' });
  expect(await checkClock(Date.UTC(2027, 5, 1), [])).toMatchObject({ level: 'warning' });
});

it('writes what to do under each finding, and the sum at the end', () => {
  const text = formatFindings([
    { level: 'ok', code: 'a.b', message: 'all well' },
    { level: 'problem', code: 'a.c', message: 'broken', hint: 'mend it' },
  ]);
  expect(text).toBe(
    'ok       all well\nPROBLEM  broken\n         what to do: mend it\n\n1 problem, 0 warnings\n',
  );
});

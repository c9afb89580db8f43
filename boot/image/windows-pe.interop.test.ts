import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BootImageFacts } from '#boot/boot-image-facts.ts';
import { makePeWim, type PeWimOptions } from './windows-pe/windows-pe.testing.ts';
import { buildWindowsPe, type WindowsPeBuild } from './windows-pe.ts';

const run = promisify(execFile);
const hasWimlib = await access('/usr/bin/wimlib-imagex').then(
  () => true,
  () => false,
);
if (!hasWimlib && process.env['REQUIRE_PEERS'] === '1')
  throw new Error('wimlib-imagex is missing: apt-get install wimtools');

const { signal } = new AbortController();
let folder: string;
let made = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-pe-'));
  await writeFile(join(folder, 'metalwright-agent.exe'), 'agent 1');
  await writeFile(join(folder, 'metalwright-service.exe'), 'service');
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** What is done with a WIM of that shape. */
async function prepare(options: PeWimOptions = {}, more: Partial<WindowsPeBuild> = {}) {
  const place = join(folder, String(++made));
  await mkdir(place);
  const wim = join(place, 'pe.wim');
  await makePeWim(place, wim, options);
  const build: WindowsPeBuild = {
    wim,
    index: 1,
    image: {
      architecture: options.architecture ?? 'x64',
      version: '10.0.26100.1',
      languages: ['en-US'],
    },
    out: join(place, 'out'),
    agent: {
      version: '1.0',
      files: ['metalwright-agent.exe', 'metalwright-service.exe'].map((name) => join(folder, name)),
    },
    place: { folder: 'Metalwright', program: 'metalwright-agent.exe', drivers: 'Drivers' },
    texts: { 'agent.json': '{}\n', 'site-ca.pem': 'PEM' },
    driverNames: (more.drivers ?? []).map(({ name }) => name),
    drivers: [],
    ...more,
  };
  return { build, wim };
}

async function filesOf(wim: string, path: string): Promise<readonly string[]> {
  const argv = ['dir', wim, '1', `--path=${path}`];
  const env = { ...process.env, WIMLIB_IMAGEX_IGNORE_CASE: '1' };
  const { stdout } = await run('wimlib-imagex', argv, { env });
  return stdout.trim().split('\n').slice(1).sort();
}

async function textOf(wim: string, path: string): Promise<string> {
  const { stdout } = await run('wimlib-imagex', ['extract', wim, '1', path, '--to-stdout']);
  return stdout;
}

describe.skipIf(!hasWimlib)('buildWindowsPe', () => {
  it('M53 puts the agent into a Windows PE, and cuts out what the network boot serves', async () => {
    const drivers = join(folder, 'drivers');
    await mkdir(drivers, { recursive: true });
    await writeFile(join(drivers, 'net.inf'), '[Version]');
    const { build, wim } = await prepare(
      { signed: true },
      { drivers: [{ name: '1-net', folder: drivers }] },
    );
    const before = await readFile(wim);
    const facts = await buildWindowsPe(build, signal);
    expect(await readFile(wim)).toEqual(before);
    expect(BootImageFacts.parse(facts)).toEqual({
      format: 1,
      kind: 'winpe',
      architecture: 'x64',
      version: '10.0.26100.1',
      languages: ['en-US'],
      components: ['WinPE-Scripting', 'WinPE-SecureStartup', 'WinPE-WMI'],
      agentVersion: '1.0',
      drivers: ['1-net'],
      wim: 'boot.wim',
      sdi: 'boot.sdi',
      efiBootManagers: { 2011: 'efi/2011/bootmgfw.efi', 2023: 'efi/2023/bootmgfw.efi' },
      revocationList: 'efi/boot.stl',
      bios: { bootManager: 'bios/bootmgr.exe', networkBootProgram: 'bios/pxeboot.n12' },
      fonts: ['fonts/segoe_slboot.ttf', 'fonts/wgl4_boot.ttf'],
    });
    const left = (await readdir(build.out, { recursive: true })).sort();
    expect(left.filter((name) => name.includes('.'))).toEqual([
      'bios/bootmgr.exe',
      'bios/pxeboot.n12',
      'boot-image.json',
      'boot.sdi',
      'boot.wim',
      'efi/2011/bootmgfw.efi',
      'efi/2023/bootmgfw.efi',
      'efi/boot.stl',
      'fonts/segoe_slboot.ttf',
      'fonts/wgl4_boot.ttf',
    ]);
    const built = join(build.out, 'boot.wim');
    expect(await filesOf(built, '/metalwright')).toEqual([
      '/Metalwright/Drivers',
      '/Metalwright/Drivers/1-net',
      '/Metalwright/Drivers/1-net/net.inf',
      '/Metalwright/agent.json',
      '/Metalwright/metalwright-agent.exe',
      '/Metalwright/metalwright-service.exe',
      '/Metalwright/site-ca.pem',
    ]);
    expect(await textOf(built, '/Windows/System32/winpeshl.ini')).toBe(
      '[LaunchApps]\r\n%SYSTEMROOT%\\System32\\wpeinit.exe\r\nX:\\Metalwright\\metalwright-agent.exe\r\n',
    );
    const { stdout } = await run('wimlib-imagex', ['info', built, '--header']);
    expect(stdout).toMatch(/Boot Index\s*= 1/);
  });

  it('M53 makes a boot image anew with another agent, its drivers left in, no larger', async () => {
    const drivers = join(folder, 'drivers');
    const { build } = await prepare({}, { drivers: [{ name: '1-net', folder: drivers }] });
    await buildWindowsPe(build, signal);
    const newer = join(folder, 'newer');
    await mkdir(newer);
    await writeFile(join(newer, 'metalwright-agent.exe'), 'agent 2');
    const again: WindowsPeBuild = {
      ...build,
      wim: join(build.out, 'boot.wim'),
      out: join(folder, 'again'),
      agent: { version: '2.0', files: [join(newer, 'metalwright-agent.exe')] },
      drivers: undefined,
    };
    expect((await buildWindowsPe(again, signal)).agentVersion).toBe('2.0');
    const built = join(again.out, 'boot.wim');
    expect(await textOf(built, '/Metalwright/metalwright-agent.exe')).toBe('agent 2');
    expect(await filesOf(built, '/Metalwright')).toContain('/Metalwright/Drivers/1-net/net.inf');
    const sizes = [built, again.wim].map(async (file) => (await readFile(file)).length);
    const [now = 0, then = 0] = await Promise.all(sizes);
    expect(Math.abs(now - then)).toBeLessThan(200);
  });

  it.each<{ name: string; options: PeWimOptions; code: string }>([
    {
      name: 'M43 programs of another architecture than it says',
      options: { programs: 'arm64' },
      code: 'boot-image.architecture',
    },
    {
      name: 'no boot manager',
      options: { without: ['Windows/Boot/EFI', 'Windows/Boot/PXE'] },
      code: 'boot-image.no-boot-files',
    },
    {
      name: 'no boot.sdi',
      options: { without: ['Windows/Boot/DVD'] },
      code: 'boot-image.no-boot-files',
    },
    {
      name: 'no wpeinit',
      options: { without: ['Windows/System32/wpeinit.exe'] },
      code: 'boot-image.no-wpeinit',
    },
  ])('refuses an image with $name', async ({ options, code }) => {
    const { build } = await prepare(options);
    await expect(buildWindowsPe(build, signal)).rejects.toMatchObject({ code });
  });

  it('starts BIOS machines only where both of their programs are there', async () => {
    const { build } = await prepare({ without: ['Windows/Boot/PXE/pxeboot.n12'] });
    expect((await buildWindowsPe(build, signal)).bios).toBeNull();
  });

  it('refuses a WIM that is cut off', async () => {
    const { build, wim } = await prepare();
    const whole = await readFile(wim);
    await writeFile(wim, whole.subarray(0, whole.length - 500));
    await expect(buildWindowsPe(build, signal)).rejects.toMatchObject({
      code: 'boot-image.tool-failed',
    });
  });
});

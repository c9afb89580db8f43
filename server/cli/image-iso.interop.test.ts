import { execFile } from 'node:child_process';
import { access, mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedData, signedProgram, testCertificate } from '#boot/authenticode.testing.ts';
import { openTestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

const run = promisify(execFile);
const tools = { '7zz': '7zip', genisoimage: 'genisoimage', 'wimlib-imagex': 'wimtools' };
const missing: string[] = [];
for (const [tool, packageName] of Object.entries(tools))
  await access(`/usr/bin/${tool}`).catch(() => missing.push(packageName));
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`apt-get install ${missing.join(' ')}`);

/** A tree with the shape of an installed Windows, as far as capture cares. */
async function captureWindows(folder: string, wim: string, solid: boolean): Promise<void> {
  await mkdir(join(folder, 'root/Windows/System32'), { recursive: true });
  await mkdir(join(folder, 'root/Windows/Boot/EFI'), { recursive: true });
  const authority = await testCertificate('Microsoft Windows Production PCA 2011');
  const signer = await testCertificate('Microsoft Windows', authority);
  const manager = signedProgram(signedData([signer, authority]));
  await writeFile(join(folder, 'root/Windows/Boot/EFI/bootmgfw.efi'), manager);
  await writeFile(join(folder, 'root/Windows/System32/ntoskrnl.exe'), 'kernel\n'.repeat(90_000));
  const properties = {
    ARCH: '9',
    EDITIONID: 'Professional',
    INSTALLATIONTYPE: 'Client',
    'LANGUAGES/LANGUAGE': 'en-US',
    'VERSION/MAJOR': '10',
    'VERSION/MINOR': '0',
    'VERSION/BUILD': '26100',
    'VERSION/SPBUILD': '1742',
  };
  await run('wimlib-imagex', [
    'capture',
    join(folder, 'root'),
    wim,
    'Windows 11 Pro',
    ...(solid ? ['--solid'] : []),
    ...Object.entries(properties).flatMap(([name, value]) => [
      '--image-property',
      `WINDOWS/${name}=${value}`,
    ]),
  ]);
}

describe.skipIf(missing.length > 0)('image add of an ISO as it is', () => {
  let site: Awaited<ReturnType<typeof openTestConsole>>;
  let command: (...argv: string[]) => ReturnType<typeof runHere>;

  beforeAll(async () => {
    site = await openTestConsole({ tls: true });
    const server = ['--server', await site.listen(), '--data', site.dataDirectory];
    command = async (...argv) => runHere([...argv, ...server]);
  });
  afterAll(async () => site[Symbol.asyncDispose]());

  const iso = async (name: string, wimName: string, solid = false): Promise<string> => {
    const folder = join(site.dataDirectory, name);
    await mkdir(join(folder, 'disc/sources'), { recursive: true });
    await captureWindows(folder, join(folder, 'disc/sources', wimName), solid);
    const path = join(folder, 'windows.iso');
    await run('genisoimage', ['-quiet', '-udf', '-V', 'CCCOMA', '-o', path, join(folder, 'disc')]);
    return path;
  };

  it.each([
    { name: 'install.wim', solid: false },
    { name: 'install.esd', solid: true },
  ])('M55 stores sources/$name of a UDF image and tells its editions', async ({ name, solid }) => {
    const path = await iso(`with-${name}`, name, solid);
    const added = await command('image', 'add', path, '--name', `Windows from ${name}`);
    expect(added.err).toBe('');
    expect(added.out).toMatch(
      /\n {2}1: Windows 11 Pro \(windows, Professional 10\.0\.26100\.1742, x64, en-US, [\d.]+ kB, signed 2011\)\n$/,
    );
  });

  it('refuses a truncated one, and an ISO without Windows, and keeps nothing', async () => {
    const path = await iso('cut', 'install.wim');
    await truncate(path, (await stat(path)).size - 600_000);
    const cut = await command('image', 'add', path, '--name', 'Cut');
    expect(cut).toMatchObject({ code: 1, out: '' });
    expect(cut.err).toMatch(/\[iso\.damaged\]\nwhat to do: /);

    const folder = join(site.dataDirectory, 'plain');
    await mkdir(folder);
    await writeFile(join(folder, 'readme.txt'), 'nothing');
    const plain = join(site.dataDirectory, 'plain.iso');
    await run('genisoimage', ['-quiet', '-o', plain, folder]);
    const none = await command('image', 'add', plain, '--name', 'None');
    expect(none.err).toContain('[iso.no-image]');
    expect((await command('image', 'list')).out).not.toMatch(/Cut|None/);
  });

  it('says that only an ISO has a path inside', async () => {
    const file = join(site.dataDirectory, 'no.wim');
    await writeFile(file, 'x');
    const added = await command('image', 'add', file, '--name', 'N', '--path-in-iso', 'a.wim');
    expect(added.err).toContain('[cli.usage]\nwhere: --path-in-iso');
  });
});

import { execFile } from 'node:child_process';
import { access, appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

const run = promisify(execFile);
const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const peers = { '/usr/bin/7zz': '7zip', '/usr/bin/gcab': 'gcab', '/usr/bin/zip': 'zip' };
const found = await Promise.all(Object.keys(peers).map(isThere));
const missing = Object.values(peers).filter((_, at) => found[at] !== true);
if (missing.length > 0 && process.env['REQUIRE_PEERS'] === '1')
  throw new Error(`missing: apt-get install ${missing.join(' ')}`);

const inf = (id: string) =>
  [
    '[Version]',
    'Signature = "$Windows NT$"',
    'Class = Net',
    'ClassGuid = {4D36E972-E325-11CE-BFC1-08002BE10318}',
    'Provider = Maker',
    'DriverVer = 02/03/2024,1.2.3.4',
    '[Manufacturer]',
    'Maker = Models, NTamd64.10.0',
    '[Models.NTamd64.10.0]',
    `"A card" = Install, ${id}`,
    '',
  ].join('\r\n');

describe.skipIf(missing.length > 0)('driver packs of makers', () => {
  let site: Awaited<ReturnType<typeof openTestConsole>>;
  let server: string[];
  beforeAll(async () => {
    site = await openTestConsole({ tls: true });
    server = ['--server', await site.listen(), '--data', site.dataDirectory];
  }, 60_000);
  afterAll(async () => site[Symbol.asyncDispose]());
  const command = (...argv: string[]) => runHere([...argv, ...server]);
  const here = (...names: string[]) => join(site.dataDirectory, ...names);

  /** A folder with these files, and its path. */
  async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(here(name, path)), { recursive: true });
      await writeFile(here(name, path), text);
    }
    return here(name);
  }
  const cab = (file: string, cwd: string, ...names: string[]) =>
    run('gcab', ['-c', file, ...names], { cwd });
  const packs = async () => {
    const { out } = await command('driver-pack', 'list', '--json');
    return new Map<string, { pack: object; driverCount: number }>(
      JSON.parse(out).map((each: { name: string }) => [each.name, each]),
    );
  };

  it('Dell: a cabinet with its manifest', async () => {
    const files = await folder('dell', {
      '5440/win11/x64/network/card.inf': inf('PCI\\VEN_8086&DEV_15F3'),
      '5440/win11/x64/network/card.sys': 'driver',
      'Manifest.xml': `<DriverPackManifest><DriverPackage dellVersion="A05"><SupportedOperatingSystems>
        <OperatingSystem osCode="Windows11" osArch="x64"/></SupportedOperatingSystems><SupportedSystems>
        <Brand><Model systemID="0C45" name="Latitude 5440"/></Brand></SupportedSystems></DriverPackage></DriverPackManifest>`,
    });
    const network = '5440/win11/x64/network';
    const file = here('5440-win11-A05.CAB');
    await cab(file, files, `${network}/card.inf`, `${network}/card.sys`, 'Manifest.xml');
    const added = await command('driver-pack', 'add', file);
    expect([added.err, added.out]).toEqual([
      '',
      expect.stringMatching(/^stored "5440-win11-A05" as MW1\w+, version 1: 1 drivers/),
    ]);
    expect((await packs()).get('5440-win11-A05')).toMatchObject({
      driverCount: 1,
      pack: { vendor: 'dell', systemSkus: ['0C45'], windows: ['windows-11'] },
    });
    const coverage = await command('driver', 'coverage', '--model', 'Latitude 5440');
    expect(coverage.out).toContain('5440-win11-A05 (');
  });

  it('HP: a program that extracts itself, with its .cva beside it', async () => {
    const files = await folder('hp', { 'src/a/x.inf': inf('PCI\\VEN_10EC&DEV_8168') });
    await run('7zz', ['a', '-bd', '-bso0', here('hp.7z'), 'src'], { cwd: files });
    const file = here('sp145678.exe');
    await writeFile(file, smallProgram());
    await appendFile(file, await readFile(here('hp.7z')));
    await writeFile(
      here('sp145678.cva'),
      '[CVA File Information]\r\n[System Information]\r\nSysId01=0x8AB8\r\nSysName01=HP EliteBook 840 G9\r\n[Operating Systems]\r\nW1164_22H2=OEM\r\n',
    );
    expect((await command('driver-pack', 'add', file)).err).toBe('');
    expect((await packs()).get('sp145678')).toMatchObject({
      pack: { vendor: 'hp', baseBoards: ['8AB8'], models: ['EliteBook 840 G9'] },
    });
  });

  it('Lenovo: a zip with cabinets in it, by its name', async () => {
    const files = await folder('lenovo', { 'x.inf': inf('PCI\\VEN_17AA&DEV_0001') });
    await cab(here('lenovo', 'inner.cab'), files, 'x.inf');
    const file = here('tp_t14_gen4_mt21hd_21he_w11_22_202307.zip');
    await run('zip', ['-q', file, 'inner.cab'], { cwd: files });
    expect((await command('driver-pack', 'add', file)).err).toBe('');
    expect((await packs()).get('tp_t14_gen4_mt21hd_21he_w11_22_202307')).toMatchObject({
      driverCount: 1,
      pack: { vendor: 'lenovo', lenovoTypes: ['21HD', '21HE'], windows: ['windows-11'] },
    });
  });

  it('of anybody: a folder, by options; and not without them', async () => {
    const files = await folder('own', { 'x.inf': inf('USB\\VID_0BDA&PID_8153') });
    const refused = await command('driver-pack', 'add', files);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('driver-pack.models')]);
    const options = ['--name', 'Own', '--model', 'Box 1', 'Box 2', '--os', 'windows-10'];
    expect((await command('driver-pack', 'add', files, ...options)).err).toBe('');
    expect((await packs()).get('Own')?.pack).toMatchObject({
      vendor: null,
      models: ['Box 1', 'Box 2'],
      windows: ['windows-10'],
    });
  });

  it('are refused where they lead out of their folder, have links, or are none', async () => {
    const script =
      'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], "w")\nz.writestr("../../evil.inf", "x")\nz.close()';
    await run('python3', ['-c', script, here('slip.zip')]);
    const slip = await command('driver-pack', 'add', here('slip.zip'), '--model', 'X');
    expect(slip.err).toContain('leads out of the folder [driver-pack.entry]');
    const files = await folder('links', { 'x.inf': inf('PCI\\VEN_1&DEV_2') });
    await symlink('/etc/passwd', here('links', 'y.sys'));
    await run('zip', ['-qry', here('links.zip'), '.'], { cwd: files });
    const links = await command('driver-pack', 'add', here('links.zip'), '--model', 'X');
    expect(links.err).toContain('is a link [driver-pack.entry]');
    await writeFile(here('none.cab'), 'no archive');
    const none = await command('driver-pack', 'add', here('none.cab'), '--model', 'X');
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('[driver-pack.archive]')]);
    expect(await isThere(join(site.dataDirectory, '..', 'evil.inf'))).toBe(false);
  });
});

/** The head of a program for Windows, of which nothing runs: what extracts itself begins with one. */
function smallProgram(): Uint8Array {
  const bytes = Buffer.alloc(1024);
  bytes.write('MZ', 0, 'latin1');
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80, 'latin1');
  bytes.writeUInt16LE(0x8664, 0x84);
  bytes.writeUInt16LE(1, 0x86);
  bytes.writeUInt16LE(0xf0, 0x94);
  bytes.writeUInt16LE(0x22, 0x96);
  bytes.writeUInt16LE(0x20b, 0x98);
  bytes.writeUInt32LE(0x1000, 0x98 + 32);
  bytes.writeUInt32LE(0x200, 0x98 + 36);
  bytes.writeUInt32LE(0x2000, 0x98 + 56);
  bytes.writeUInt32LE(0x200, 0x98 + 60);
  bytes.writeUInt16LE(3, 0x98 + 68);
  bytes.writeUInt32LE(16, 0x98 + 108);
  const section = 0x98 + 0xf0;
  bytes.write('.text', section, 'latin1');
  bytes.writeUInt32LE(0x200, section + 8);
  bytes.writeUInt32LE(0x1000, section + 12);
  bytes.writeUInt32LE(0x200, section + 16);
  bytes.writeUInt32LE(0x200, section + 20);
  bytes.writeUInt32LE(0x60000020, section + 36);
  return bytes;
}

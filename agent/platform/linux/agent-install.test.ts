import { lstat, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installAgent, uninstallAgent } from './agent-install.ts';
import { missingPeers } from './loop-disk.testing.ts';

let root = '';
const agent = () => ({
  binary: join(root, 'built'),
  siteCa: 'PEM\n',
  environment: () => ({
    METALWRIGHT_SERVER: '10.0.0.1:7443',
    METALWRIGHT_SERVERS: '10.0.0.2:7443',
  }),
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'metalwright-os-'));
  await writeFile(join(root, 'built'), 'program');
});
afterEach(async () => rm(root, { recursive: true }));

describe('M53 the agent in the installed OS', () => {
  it('is started by systemd with the settings of this run, and leaves nothing when taken out', async () => {
    await mkdir(join(root, 'usr/lib/systemd'), { recursive: true });
    await writeFile(join(root, 'usr/lib/systemd/systemd'), '');
    await installAgent(root, agent());
    await installAgent(root, agent());
    expect((await stat(join(root, 'opt/metalwright/agent'))).mode & 0o777).toBe(0o755);
    const settings = join(root, 'etc/metalwright/agent.env');
    expect(await readFile(settings, 'utf8')).toBe(
      'METALWRIGHT_SERVER=10.0.0.1:7443\nMETALWRIGHT_SERVERS=10.0.0.2:7443\nMETALWRIGHT_SITE_CA=/etc/metalwright/site-ca.pem\nMETALWRIGHT_ENVIRONMENT=full-os\n',
    );
    expect((await stat(settings)).mode & 0o777).toBe(0o600);
    const wanted = 'etc/systemd/system/multi-user.target.wants/metalwright-agent.service';
    expect(await readlink(join(root, wanted))).toBe(
      '/etc/systemd/system/metalwright-agent.service',
    );
    await uninstallAgent(root);
    for (const path of ['opt/metalwright', 'etc/metalwright', wanted])
      expect(await lstat(join(root, path)).catch(() => 'gone')).toBe('gone');
  });

  it('M45 is given its run where there is no server, and waits for no network', async () => {
    await mkdir(join(root, 'usr/lib/systemd'), { recursive: true });
    await writeFile(join(root, 'usr/lib/systemd/systemd'), '');
    const read = async (path: string) => readFile(join(root, 'etc', path), 'utf8');
    await installAgent(root, agent());
    expect(await read('systemd/system/metalwright-agent.service')).toContain('network-online');
    await installAgent(root, { ...agent(), environment: () => ({}), standAloneRun: () => '{}' });
    expect(await read('metalwright/stand-alone.json')).toBe('{}');
    const { mode } = await stat(join(root, 'etc/metalwright/stand-alone.json'));
    expect(mode & 0o777).toBe(0o600);
    expect(await read('metalwright/agent.env')).toBe(
      'METALWRIGHT_SITE_CA=/etc/metalwright/site-ca.pem\nMETALWRIGHT_ENVIRONMENT=full-os\nMETALWRIGHT_STAND_ALONE=/etc/metalwright/stand-alone.json\n',
    );
    expect(await read('systemd/system/metalwright-agent.service')).not.toContain('network-online');
    await installAgent(root, agent());
    await expect(read('metalwright/stand-alone.json')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.skipIf(missingPeers('efibootmgr') !== undefined)(
    'M56 can send the machine back to the PE from an OS that has no efibootmgr',
    async () => {
      await mkdir(join(root, 'usr/lib/systemd'), { recursive: true });
      await writeFile(join(root, 'usr/lib/systemd/systemd'), '');
      await installAgent(root, agent());
      const tool = await stat(join(root, 'opt/metalwright/bin/efibootmgr'));
      expect(tool.mode & 0o111).toBe(0o111);
      for (const library of ['libefiboot.so.1', 'libefivar.so.1'])
        expect((await stat(join(root, 'opt/metalwright/lib', library))).size).toBeGreaterThan(1000);
      const unit = await readFile(
        join(root, 'etc/systemd/system/metalwright-agent.service'),
        'utf8',
      );
      expect(unit).toMatch(/^Environment=PATH=.*:\/opt\/metalwright\/bin$/m);
    },
  );

  it('leaves an efibootmgr of the OS alone', async () => {
    await mkdir(join(root, 'usr/lib/systemd'), { recursive: true });
    await writeFile(join(root, 'usr/lib/systemd/systemd'), '');
    await mkdir(join(root, 'usr/bin'), { recursive: true });
    await writeFile(join(root, 'usr/bin/efibootmgr'), '');
    await installAgent(root, agent());
    expect(await lstat(join(root, 'opt/metalwright/bin')).catch(() => 'none')).toBe('none');
  });

  it('refuses an OS that could not start it', async () => {
    await expect(installAgent(root, agent())).rejects.toThrow(
      expect.objectContaining({ code: 'boot.no-systemd' }),
    );
  });
});

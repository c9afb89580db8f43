import { execFile } from 'node:child_process';
import { access, mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentSettings } from '#agent/protocol/agent-settings.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import { makePeWim, type PeWimOptions } from '#boot/image/windows-pe/windows-pe.testing.ts';
import { openTestConsole } from '../http/routes/operator/test-console.ts';
import type { WindowsAgent } from '../windows-agents.ts';
import { runHere } from './testing/run-here.ts';

const run = promisify(execFile);
const hasWimlib = await access('/usr/bin/wimlib-imagex').then(
  () => true,
  () => false,
);
if (!hasWimlib && process.env['REQUIRE_PEERS'] === '1')
  throw new Error('wimlib-imagex is missing: apt-get install wimtools');

/** What it is made as changes with the agent of the server: the same object, so that a test may change it. */
const agent: { -readonly [Key in keyof WindowsAgent]: WindowsAgent[Key] } = {
  architecture: 'x64',
  version: '1.0+a',
  folder: '',
  files: ['metalwright-agent.exe'],
  agent: { sha256: Sha256.parse('0'.repeat(64)), sizeBytes: 1, compression: 'none' },
  service: undefined,
};

describe.skipIf(!hasWimlib)('M53 boot-image', () => {
  let site: Awaited<ReturnType<typeof openTestConsole>>;
  let command: (...argv: string[]) => ReturnType<typeof runHere>;
  const here = (name: string) => join(site.dataDirectory, name);

  beforeAll(async () => {
    site = await openTestConsole({ tls: true, windowsAgents: [agent] });
    agent.folder = here('agent');
    await mkdir(agent.folder);
    await writeFile(join(agent.folder, 'metalwright-agent.exe'), 'agent 1');
    const server = ['--server', await site.listen(), '--data', site.dataDirectory];
    command = async (...argv) => runHere([...argv, ...server]);
  }, 30_000);
  afterAll(async () => site[Symbol.asyncDispose]());

  const wim = async (name: string, options: PeWimOptions = {}): Promise<string> => {
    await mkdir(here(name));
    await makePeWim(here(name), here(`${name}.wim`), options);
    return here(`${name}.wim`);
  };
  const at = ['--server-address', '10.0.0.1'];

  it('is made of a Windows PE, with drivers in their order, listed, and made anew', async () => {
    for (const [folder, name, className] of [
      ['net', 'e1d.inf', 'Net'],
      ['disk', 'iaStorAC.inf', 'SCSIAdapter'],
    ] as const) {
      await mkdir(here(`drivers/${folder}`), { recursive: true });
      const text = `[Version]\r\nSignature="$WINDOWS NT$"\r\nClass=${className}\r\n`;
      await writeFile(here(`drivers/${folder}/${name}`), text);
    }
    expect((await command('package', 'add', here('drivers'), '--name', 'PE drivers')).err).toBe('');
    const file = await wim('pe');
    const words = ['--name', 'Windows PE', '--drivers', 'PE drivers', ...at];
    const added = await command('boot-image', 'add', file, ...words);
    expect(added.err).toBe('');
    expect(added.out).toMatch(/^stored "Windows PE" as MW1\w+, version 1\n/);
    expect(added.out).toContain('Windows PE 10.0.26100.1, x64, en-US');
    expect(added.out).toContain('starts UEFI (signed by 2011, 2023) and BIOS');
    expect(added.out).toContain('components: WinPE-Scripting, WinPE-SecureStartup, WinPE-WMI');
    expect(added.out).toContain('drivers: 01-rst, 02-net');

    const settings = async (): Promise<AgentSettings> => {
      const [image] = await site.services.bootImages.list();
      const built = image?.files.get('boot.wim');
      const path = built?.kind === 'file' ? built.path : '';
      const argv = ['extract', path, '1', '/Metalwright/agent.json', '--to-stdout'];
      const { stdout } = await run('wimlib-imagex', argv);
      return AgentSettings.parse(JSON.parse(stdout));
    };
    const told = {
      server: '10.0.0.1:7443',
      servers: ['10.0.5.2:7443'],
      bootBase: 'http://10.0.0.1:7480',
      environment: 'winpe',
      inBootImage: { name: 'Windows PE', architecture: 'x64' },
      drivers: ['Drivers\\01-rst', 'Drivers\\02-net'],
    };
    expect(await settings()).toEqual(told);
    expect((await command('boot-image', 'list')).out).toMatch(/Windows PE .* 1\.0\+a\n$/);

    agent.version = '1.1+b';
    await writeFile(join(agent.folder, 'metalwright-agent.exe'), 'agent 2');
    expect((await command('boot-image', 'list')).out).toContain('1.0+a (boot-image rebuild)');
    const other = ['--server-address', '10.0.0.2'];
    const rebuilt = await command('boot-image', 'rebuild', '--all', ...other);
    expect(rebuilt.err).toBe('');
    expect(rebuilt.out).toMatch(/^rebuilt "Windows PE" \(\w+\), version 2, agent 1\.1\+b\n$/);
    expect(await settings()).toEqual({
      ...told,
      server: '10.0.0.2:7443',
      bootBase: 'http://10.0.0.2:7480',
    });
    const shown = (await command('boot-image', 'show', 'windows pe')).out;
    expect(shown).toContain('version 2');
    expect(shown).toMatch(/^size \d[\d.]* [kM]B$/m);
    expect(shown).toMatch(/^set for no machine; task sequences may name it$/m);
    await command('netboot', 'chain', 'set', '--all', '--boot-image', 'Windows PE');
    expect((await command('boot-image', 'show', 'windows pe')).out).toMatch(
      /^set for all machines$/m,
    );
    expect(await readdir(here('work'))).toEqual([]);
  }, 60_000);

  it.each<{ name: string; options?: PeWimOptions; cutTo?: number; code: string }>([
    {
      name: 'a Windows that is no Windows PE',
      options: { installationType: 'Client' },
      code: 'wim.not-windows-pe',
    },
    { name: 'a truncated one', cutTo: 2000, code: 'wim.truncated' },
    { name: 'what is no WIM', cutTo: 100, code: 'wim.short' },
    {
      name: 'M43 one for ARM64 where there is no such agent',
      options: { architecture: 'arm64' },
      code: 'boot-image.no-agent',
    },
    {
      name: 'M43 programs of another architecture than it says',
      options: { programs: 'arm64' },
      code: 'boot-image.architecture',
    },
    {
      name: 'a solid one',
      options: { capture: ['--solid'], boot: false },
      code: 'wim.solid',
    },
  ])(
    'refuses $name, and keeps nothing',
    async ({ name, options, cutTo, code }) => {
      const before = (await command('boot-image', 'list')).out;
      const file = await wim(name.replaceAll(/\W+/g, '-'), options);
      if (cutTo !== undefined) await truncate(file, cutTo);
      const added = await command('boot-image', 'add', file, '--name', 'Bad', ...at);
      expect(added.code).toBe(1);
      expect(added.err).toContain(`[${code}]\n`);
      expect(added.err).toContain('what to do: ');
      expect((await command('boot-image', 'list')).out).toBe(before);
      expect(await readdir(here('work')).catch(() => [])).toEqual([]);
    },
    60_000,
  );

  it('says that its address is not known before anything is kept', async () => {
    const file = await wim('no-address');
    const added = await command('boot-image', 'add', file, '--name', 'X');
    expect(added.err).toContain('[boot-image.no-address]');
  }, 60_000);
});

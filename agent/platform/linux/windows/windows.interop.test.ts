import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatHive } from '#boot/bcd/format-hive.ts';
import { fileTimeOf } from '#boot/bcd/hive.ts';
import { dwordValue, textValue } from '#boot/bcd/registry-value.ts';
import { smallProgram } from '#boot/pe-header.testing.ts';
import { AgentSettings } from '../../../protocol/agent-settings.ts';
import type { StepProgress } from '../../../sequence/platform.ts';
import type {
  DriverOutcome,
  FileChange,
  WindowsCapability,
} from '../../../sequence/windows-capability.ts';
import type { WindowsAgent } from '../../offline-windows/install-agent.ts';
import { missingPeers } from '../loop-disk.testing.ts';
import { linuxWindows } from './windows.ts';
import {
  key,
  systemHive,
  type WindowsDisk,
  windowsDisk,
  windowsDiskPeers,
} from './windows-disk.testing.ts';

const skip = missingPeers(...windowsDiskPeers, 'hivexsh', 'ntfscat');
const signal = AbortSignal.timeout(120_000);

const software = formatHive({
  fileName: 'SOFTWARE',
  lastWritten: fileTimeOf(0),
  root: key('ROOT', [
    key('Microsoft', [
      key('Windows NT', [
        key(
          'CurrentVersion',
          [],
          [
            dwordValue('CurrentMajorVersionNumber', 10),
            dwordValue('CurrentMinorVersionNumber', 0),
            textValue('CurrentBuildNumber', '26100'),
            dwordValue('UBR', 1742),
            textValue('EditionID', 'Professional'),
          ],
        ),
      ]),
      key('Windows', [
        key('CurrentVersion', [
          key('Setup', [
            key('State', [], [textValue('ImageState', 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE')]),
          ]),
        ]),
      ]),
    ]),
  ]),
});
const system = formatHive({
  fileName: 'SYSTEM',
  lastWritten: fileTimeOf(0),
  root: key('ROOT', [
    key('Select', [], [dwordValue('Current', 1), dwordValue('Default', 1)]),
    key('ControlSet001', [
      key('Control', [
        key('Nls', [key('Language', [], [textValue('InstallLanguage', '0407')])]),
        key('ProductOptions', [], [textValue('ProductType', 'WinNT')]),
        key('Session Manager', [
          key('Environment', [], [textValue('PROCESSOR_ARCHITECTURE', 'AMD64')]),
        ]),
      ]),
    ]),
  ]),
});

const windowsFiles = {
  'Windows/System32/config/SYSTEM': system,
  'Windows/System32/config/SOFTWARE': software,
};
const noAgent: WindowsAgent = {
  settings: () => ({
    server: '10.0.0.1:7443',
    servers: ['10.0.0.2:7443'],
    bootBase: 'http://10.0.0.1:7480',
  }),
  siteCa: 'the CA',
  fetch: async () => false,
};

function capability(machine: WindowsDisk, agent: Partial<WindowsAgent> = {}): WindowsCapability {
  const { disk, mounts, folder } = machine;
  return linuxWindows({
    disk,
    mounts,
    devices: async () => [],
    machine: { architecture: 'x64', firmware: 'uefi', secureBoot: false },
    agent: { ...noAgent, ...agent },
    folder: join(folder, 'work'),
  });
}

describe.skipIf(skip !== undefined)(
  `M55 a Windows on NTFS from Linux${skip === undefined ? '' : ` (${skip})`}`,
  { timeout: 120_000 },
  () => {
    it('tells what its registry says', async () => {
      await using machine = await windowsDisk(windowsFiles, signal);
      expect(await capability(machine).facts(machine.windows.volume, signal)).toEqual({
        architecture: 'x64',
        version: '10.0.26100.1742',
        edition: 'Professional',
        productType: 'client',
        language: 'de-DE',
        imageState: 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE',
      });
      await using other = await windowsDisk(
        { ...windowsFiles, 'Windows/System32/config/SYSTEM': systemHive() },
        signal,
      );
      await expect(capability(other).facts(other.windows.volume, signal)).rejects.toMatchObject({
        code: 'windows.hive',
      });
    });

    it('stages drivers under the next number, whole or not at all', async () => {
      await using machine = await windowsDisk(windowsFiles, signal);
      const drivers = join(machine.folder, 'drivers');
      for (const [path, text] of [
        ['net.inf', 'inf'],
        ['net.sys', 'sys'],
        ['Deep/disk.INF', 'inf'],
        ['Deep/Ünï.cat', 'cat'],
      ] as const) {
        mkdirSync(dirname(join(drivers, path)), { recursive: true });
        writeFileSync(join(drivers, path), text);
      }
      const windows = capability(machine);
      const request = {
        volume: machine.windows.volume,
        folder: drivers,
        unsigned: false,
        options: [],
      };
      const all = await last(windows.addDrivers({ ...request, recurse: true }, signal));
      expect(all).toEqual({
        kind: 'staged',
        folder: '\\Windows\\Metalwright\\Drivers\\1',
        infs: 2,
      });
      const top = await last(windows.addDrivers({ ...request, recurse: false }, signal));
      expect(top).toEqual({
        kind: 'staged',
        folder: '\\Windows\\Metalwright\\Drivers\\2',
        infs: 1,
      });
      await using mounted = await machine.disk.mount(machine.windows.volume, signal);
      const staged = join(mounted.path, 'Windows/Metalwright/Drivers');
      expect(readdirSync(staged).sort()).toEqual(['1', '2']);
      expect(readdirSync(join(staged, '1/Deep')).sort()).toEqual(['disk.INF', 'Ünï.cat'].sort());
      expect(readdirSync(join(staged, '2/Deep'))).toEqual(['Ünï.cat']);
      writeFileSync(join(drivers, 'bad:name.inf'), '');
      await expect(
        last(windows.addDrivers({ ...request, recurse: true }, signal)),
      ).rejects.toMatchObject({
        code: 'drivers.stage',
        message: expect.not.stringContaining('stays there'),
      });
      expect(readdirSync(staged).sort()).toEqual(['1', '2']);
      await expect(
        last(windows.addDrivers({ ...request, folder: staged, recurse: false }, signal)),
      ).rejects.toMatchObject({ code: 'drivers.no-inf' });
    });

    it('changes small files without regard to case, and twice alike', async () => {
      const scripts = { 'Windows/Setup/SCRIPTS/setupcomplete.cmd': 'the image has one' };
      await using machine = await windowsDisk({ ...windowsFiles, ...scripts }, signal);
      const { files } = capability(machine);
      if (files === undefined) throw new Error('no files');
      const { volume } = machine.windows;
      const script = '\\Windows\\Setup\\Scripts\\SetupComplete.cmd';
      const kept = '\\Windows\\Setup\\Scripts\\kept.cmd';
      const changes: readonly FileChange[] = [
        { kind: 'move', from: script, to: kept },
        { kind: 'write', path: script, bytes: Buffer.from('ours') },
        { kind: 'write', path: '\\windows\\panther\\Unattend\\x.xml', bytes: Buffer.from('x') },
        { kind: 'remove', path: '\\Windows\\not there' },
      ];
      await files.change({ volume, changes }, signal);
      await files.change({ volume, changes: changes.slice(1) }, signal);
      const read = async (path: string): Promise<string | undefined> =>
        (
          await files.read({ volume, path }, signal).then((bytes) => bytes && Buffer.from(bytes))
        )?.toString();
      expect(await read('\\WINDOWS\\setup\\scripts\\SETUPCOMPLETE.CMD')).toBe('ours');
      expect(await read(kept)).toBe('the image has one');
      expect(await read('\\Windows\\Panther\\Unattend\\X.XML')).toBe('x');
      await files.change(
        { volume, changes: [{ kind: 'remove', path: '\\windows\\SETUP' }] },
        signal,
      );
      expect(await read(script)).toBeUndefined();
      const bad: FileChange = { kind: 'write', path: '\\a:b', bytes: Buffer.from('') };
      await expect(files.change({ volume, changes: [bad] }, signal)).rejects.toMatchObject({
        code: 'windows.files',
      });
    });

    it('M53 puts the agent, its service and its settings there, and refuses what is no program', async () => {
      await using machine = await windowsDisk(windowsFiles, signal);
      const programs = {
        agent: smallProgram({ text: 'agent' }),
        service: smallProgram({ text: 'service' }),
      };
      const windows = capability(machine, {
        fetch: async (_site, { part }, path) => {
          writeFileSync(path, programs[part ?? 'agent']);
          return true;
        },
      });
      const request = { volume: machine.windows.volume, architecture: 'x64' } as const;
      await windows.installAgent(request, signal);
      await windows.installAgent(request, signal);
      const cat = (name: string): Buffer =>
        execFileSync('ntfscat', [machine.windows.device, `Windows/Metalwright/${name}`], {
          stdio: 'pipe',
        });
      expect(cat('metalwright-agent.exe').equals(programs.agent)).toBe(true);
      expect(cat('metalwright-service.exe').equals(programs.service)).toBe(true);
      expect(cat('site-ca.pem').toString()).toBe('the CA');
      expect(AgentSettings.parse(JSON.parse(cat('agent.json').toString()))).toMatchObject({
        server: '10.0.0.1:7443',
        servers: ['10.0.0.2:7443'],
        bootBase: 'http://10.0.0.1:7480',
        environment: 'full-os',
      });
      await expect(capability(machine).installAgent(request, signal)).rejects.toMatchObject({
        code: 'windows.no-agent',
      });
      const wrong = capability(machine, {
        fetch: async (_site, _wanted, path) => {
          writeFileSync(path, smallProgram({ machine: 0xaa64 }));
          return true;
        },
      });
      await expect(wrong.installAgent(request, signal)).rejects.toThrow(/is for arm64/);
      expect(cat('metalwright-agent.exe').equals(programs.agent)).toBe(true);
    });
  },
);

async function last(working: AsyncGenerator<StepProgress, DriverOutcome>): Promise<DriverOutcome> {
  for (;;) {
    const { done, value } = await working.next();
    if (done === true) return value;
  }
}

import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RegistryEdit } from '../../../sequence/windows-capability.ts';
import { missingPeers } from '../loop-disk.testing.ts';
import { editRegistry } from './edit-registry.ts';
import { key, systemHive, windowsDisk, windowsDiskPeers } from './windows-disk.testing.ts';

const skip = missingPeers(
  ...windowsDiskPeers,
  'setfattr',
  'hivexsh',
  'hivexregedit',

  'reged',
);
const PRINTED = { encoding: 'utf8', stdio: 'pipe' } as const;
const signal = AbortSignal.timeout(120_000);

/** O:SY G:SY D:P(A;;FA;;;SY): owned by SYSTEM, and nobody else may even read. */
const SECURITY = `0x${[
  '010004901400000020000000000000002c000000',
  '010100000000000512000000',
  '010100000000000512000000',
  '02001c000100000000001400ff011f00010100000000000512000000',
].join('')}`;

const service = 'CurrentControlSet\\Services\\MetalwrightAgent';
const edits: readonly RegistryEdit[] = [
  { kind: 'set', key: service, name: 'Start', value: { type: 'REG_DWORD', data: 2 } },
  {
    kind: 'set',
    key: service,
    name: 'ImagePath',
    value: { type: 'REG_EXPAND_SZ', data: '%SystemRoot%\\Grüße.exe' },
  },
  {
    kind: 'set',
    key: `${service}\\Dépôt`,
    name: 'Needs',
    value: { type: 'REG_MULTI_SZ', data: ['a', 'b'] },
  },
  { kind: 'delete-value', key: 'setup', name: 'CMDLINE' },
];

describe.skipIf(skip !== undefined)(
  `M55 the registry of a Windows on NTFS${skip === undefined ? '' : ` (${skip})`}`,
  { timeout: 120_000 },
  () => {
    it('changes what was asked for in the same file, with the same security; others read it', async () => {
      await using machine = await windowsDisk(
        { 'windows/system32/CONFIG/SYSTEM': systemHive(key('Ünique')) },
        signal,
      );
      const work = join(machine.folder, 'work');
      let before: { readonly security: string; readonly inode: number };
      {
        await using mounted = await machine.disk.mount(machine.windows.volume, signal);
        const hive = join(mounted.path, 'windows/system32/CONFIG/SYSTEM');
        execFileSync('setfattr', ['-n', 'system.ntfs_acl', '-v', SECURITY, hive]);
        before = { security: securityOf(hive), inode: statSync(hive).ino };
        await editRegistry(mounted.path, { hive: 'SYSTEM', edits }, work, signal);
        expect(readdirSync(join(mounted.path, 'windows/system32/CONFIG'))).toEqual(['SYSTEM']);
      }
      await using again = await machine.disk.mount(machine.windows.volume, signal);
      const hive = join(again.path, 'windows/system32/CONFIG/SYSTEM');
      expect(securityOf(hive)).toBe(before.security);
      expect(securityOf(hive)).toBe(SECURITY);
      expect(statSync(hive).ino).toBe(before.inode);
      const exported = execFileSync(
        'hivexregedit',
        ['--export', '--unsafe-printable-strings', hive, '\\ControlSet002\\Services'],
        { ...PRINTED, encoding: 'latin1' },
      );
      expect(exported).toContain('\\MetalwrightAgent]');
      expect(exported).toContain('"Start"=dword:00000002');
      expect(exported).toContain('\\MetalwrightAgent\\Dépôt]');
      const other = execFileSync(
        'hivexregedit',
        ['--export', hive, '\\ControlSet001\\Services'],
        PRINTED,
      );
      expect(other).not.toContain('Metalwright');
      // chntpw's reader, on a copy: it opens for writing.
      const copy = join(machine.folder, 'copy');
      copyFileSync(hive, copy);
      const text = join(machine.folder, 'setup.reg');
      execFileSync('reged', ['-x', copy, 'HKEY_LOCAL_MACHINE\\SYSTEM', '\\', text], PRINTED);
      const seen = readFileSync(text, 'latin1');
      expect(seen).toContain('"SystemSetupInProgress"=dword:00000001');
      expect(seen).not.toContain('CmdLine');
    });

    it('changes nothing the second time', async () => {
      await using machine = await windowsDisk(
        { 'Windows/System32/config/SYSTEM': systemHive() },
        signal,
      );
      await using mounted = await machine.disk.mount(machine.windows.volume, signal);
      const hive = join(mounted.path, 'Windows/System32/config/SYSTEM');
      await editRegistry(mounted.path, { hive: 'SYSTEM', edits }, machine.folder, signal);
      const first = readFileSync(hive);
      await editRegistry(mounted.path, { hive: 'SYSTEM', edits }, machine.folder, signal);
      expect(readFileSync(hive).equals(first)).toBe(true);
    });

    it('M56 puts a hive back that a power cut left half, and drops a copy that is not whole', async () => {
      const whole = systemHive();
      await using machine = await windowsDisk({ 'Windows/System32/config/SYSTEM': whole }, signal);
      await using mounted = await machine.disk.mount(machine.windows.volume, signal);
      const hive = join(mounted.path, 'Windows/System32/config/SYSTEM');
      const edit = async (): Promise<void> =>
        editRegistry(mounted.path, { hive: 'SYSTEM', edits }, machine.folder, signal);
      writeFileSync(`${hive}.metalwright`, whole);
      writeFileSync(hive, whole.subarray(0, 5000));
      await edit();
      const script = join(machine.folder, 'look');
      writeFileSync(script, 'cd \\ControlSet002\\Services\nls\n');
      const listed = execFileSync('hivexsh', ['-f', script, hive], PRINTED);
      expect(listed).toContain('MetalwrightAgent');
      // Cut off while the copy was written: the hive is still whole.
      writeFileSync(`${hive}.metalwright`, whole.subarray(0, 5000));
      writeFileSync(`${hive}.metalwright.new`, 'x');
      await edit();
      expect(readdirSync(join(mounted.path, 'Windows/System32/config'))).toEqual(['SYSTEM']);
    });

    it('refuses a hive that was not closed, one that is damaged, and a volume without one', async () => {
      const dirty = Buffer.from(systemHive());
      dirty.writeUInt32LE(dirty.readUInt32LE(4) + 1, 4);
      let sum = 0;
      for (let at = 0; at < 508; at += 4) sum = (sum ^ dirty.readUInt32LE(at)) >>> 0;
      dirty.writeUInt32LE(sum, 508);
      await using machine = await windowsDisk({ 'Windows/System32/config/SYSTEM': dirty }, signal);
      await using mounted = await machine.disk.mount(machine.windows.volume, signal);
      const hive = join(mounted.path, 'Windows/System32/config/SYSTEM');
      const edit = async (): Promise<void> =>
        editRegistry(mounted.path, { hive: 'SYSTEM', edits }, machine.folder, signal);
      await expect(edit()).rejects.toMatchObject({ code: 'windows.hive-dirty' });
      writeFileSync(hive, dirty.subarray(0, 4000));
      await expect(edit()).rejects.toMatchObject({ code: 'windows.hive' });
      rmSync(hive);
      await expect(edit()).rejects.toMatchObject({ code: 'windows.none' });
    });

    it('leaves the hive as it was where hivexsh does nothing and says that it did', async () => {
      const whole = systemHive();
      await using machine = await windowsDisk({ 'Windows/System32/config/SYSTEM': whole }, signal);
      await using mounted = await machine.disk.mount(machine.windows.volume, signal);
      const bin = join(machine.folder, 'hivexsh');
      writeFileSync(bin, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
      const path = process.env['PATH'] ?? '';
      process.env['PATH'] = `${machine.folder}:${path}`;
      try {
        await expect(
          editRegistry(mounted.path, { hive: 'SYSTEM', edits }, machine.folder, signal),
        ).rejects.toMatchObject({ code: 'windows.hive' });
      } finally {
        process.env['PATH'] = path;
      }
      const hive = join(mounted.path, 'Windows/System32/config/SYSTEM');
      expect(readFileSync(hive).equals(whole)).toBe(true);
    });
  },
);

function securityOf(path: string): string {
  const words = ['--absolute-names', '--only-values', '-n', 'system.ntfs_acl', path];
  return `0x${execFileSync('getfattr', words, { stdio: 'pipe' }).toString('hex')}`;
}

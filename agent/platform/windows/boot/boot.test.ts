import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gptPartition } from '#boot/bcd/device.ts';
import { bootMachine, DISK, OS } from './testing/boot-machine.ts';

const { signal } = new AbortController();
const other = gptPartition('99999999-9999-4999-8999-999999999999', DISK);
const noFirmware = async () => ({ code: 1, output: 'The store could not be opened.' });
const entries = async () => ({
  output: [
    'Firmwarestart-Manager',
    '---------------------',
    'Bezeichner              {fwbootmgr}',
    'displayorder            {bootmgr}',
    'timeout                 1',
    '',
  ].join('\r\n'),
});

describe('M55 a Windows is made bootable from Windows PE', () => {
  it('by bcdboot with lent letters, and what it wrote is looked at', async () => {
    await using machine = await bootMachine();
    const { simulated, boot, bcdboot, ids, partitions, esp, logged } = machine;
    simulated.tools = { 'bcdboot.exe': async () => bcdboot(), 'bcdedit.exe': entries };
    await boot.install({ ...ids, os: 'windows', title: 'Windows 11' }, signal);
    expect(simulated.commands[0]).toEqual([
      'bcdboot.exe',
      'Z:\\Windows',
      '/s',
      'Y:',
      '/f',
      'UEFI',
      '/v',
    ]);
    expect(await readFile(join(esp, 'EFI/Boot/bootx64.efi'), 'utf8')).toBe('manager of 2023');
    expect(partitions.map(({ letter }) => letter)).toEqual([undefined, undefined]);
    expect(logged).toEqual(['The firmware starts {bootmgr}']);
    expect(await boot.bootable(signal)).toBe(true);
  });

  it('on a BIOS machine the partition is made active, with a boot sector where there is a tool', async () => {
    await using machine = await bootMachine({ firmware: 'bios', system: { active: false } });
    const { simulated, boot, bcdboot, ids, partitions, logged } = machine;
    simulated.tools = { 'bcdboot.exe': async () => bcdboot() };
    await boot.install({ ...ids, os: 'windows', title: 'Windows 11' }, signal);
    expect(simulated.scripts).toEqual(['select volume Y\nactive\n']);
    expect(partitions[0]?.active).toBe(true);
    expect(logged).toContainEqual(expect.stringContaining('no bootsect'));
    expect(simulated.commands.at(-1)).toContain('BIOS');
    expect(await boot.bootable(signal)).toBe(true);
  });

  it('firmware that tells nothing of its entries starts the fallback', async () => {
    await using machine = await bootMachine();
    machine.simulated.tools = {
      'bcdboot.exe': async () => machine.bcdboot(),
      'bcdedit.exe': noFirmware,
    };
    await machine.boot.install({ ...machine.ids, os: 'windows', title: '' }, signal);
    expect(machine.logged).toContainEqual(expect.stringContaining('cannot be read here'));
  });

  it('a boot configuration that Windows has open is read by bcdedit', async () => {
    await using machine = await bootMachine();
    const answers = { device: 'partition=Z:' };
    machine.simulated.tools = {
      'bcdboot.exe': async () => {
        await machine.bcdboot();
        await machine.put(machine.esp, 'EFI/Microsoft/Boot/BCD', 'locked');
        return {};
      },
      'bcdedit.exe': async () => ({
        output: `Windows\r\n-------\r\nidentifier {default}\r\nosdevice ${answers.device}\r\n`,
      }),
    };
    const install = async () =>
      machine.boot.install({ ...machine.ids, os: 'windows', title: '' }, signal);
    await install();
    answers.device = 'partition=D:';
    await expect(install()).rejects.toMatchObject({ code: 'boot.read-back' });
  });

  it.each([
    ['does nothing', async () => ({}), 'boot.read-back', /bootmgfw\.efi is missing/],
    ['writes another Windows', other, 'boot.read-back', /does not start the Windows/],
    [
      'fails',
      async () => ({
        code: 193,
        output: 'BFSVC Error: Failed to set element. Status = [c000003a]\r\n',
      }),
      'boot.bcdboot',
      /boot files could not be copied.*BFSVC Error/,
    ],
  ] as const)('a bcdboot that %s is an error', async (_what, tool, code, text) => {
    await using machine = await bootMachine();
    const bcdboot = typeof tool === 'function' ? tool : async () => machine.bcdboot(tool);
    machine.simulated.tools = { 'bcdboot.exe': bcdboot, 'bcdedit.exe': entries };
    await expect(
      machine.boot.install({ ...machine.ids, os: 'windows', title: '' }, signal),
    ).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
    expect(machine.partitions.map(({ letter }) => letter)).toEqual([undefined, undefined]);
  });

  it('refuses what cannot start', async () => {
    await using machine = await bootMachine();
    const install = async (more: object) =>
      machine.boot.install({ ...machine.ids, os: 'windows', title: '', ...more }, signal);
    await expect(install({ os: 'linux' })).rejects.toMatchObject({ code: 'boot.linux' });
    await rm(join(machine.os, 'Windows/System32/config/SYSTEM'));
    await expect(install({})).rejects.toMatchObject({ code: 'boot.no-system' });
    await using bios = await bootMachine({ firmware: 'bios', startedBy: 'uefi' });
    await expect(
      bios.boot.install({ ...bios.ids, os: 'windows', title: '' }, signal),
    ).rejects.toMatchObject({ code: 'boot.mbr' });
  });
});

describe('M33 whether a Windows machine has something to start from', () => {
  it('has not without a store, nor with one of a Windows that is gone or has no loader', async () => {
    await using machine = await bootMachine();
    const { boot, bcdboot, os } = machine;
    expect(await boot.bootable(signal)).toBe(false);
    await bcdboot(other);
    expect(await boot.bootable(signal)).toBe(false);
    await bcdboot(gptPartition(OS, DISK));
    await rm(join(os, 'Windows/system32/winload.efi'));
    expect(await boot.bootable(signal)).toBe(false);
  });

  it('has with the loader of another system', async () => {
    await using machine = await bootMachine();
    await machine.put(machine.esp, 'EFI/Boot/bootx64.efi');
    expect(await machine.boot.bootable(signal)).toBe(true);
  });

  it('a Windows that runs has started', async () => {
    await using machine = await bootMachine({ environment: 'full-os' });
    expect(await machine.boot.bootable(signal)).toBe(true);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { linuxBoot } from '../boot.ts';
import type { BootEntries, BootEntry } from '../boot-entries.ts';
import { missingPeers } from '../loop-disk.testing.ts';
import {
  systemHive,
  type WindowsDisk,
  windowsDisk,
  windowsDiskPeers,
} from './windows-disk.testing.ts';

const skip = missingPeers(...windowsDiskPeers, 'hivexsh', 'hivexget', 'mcopy', 'mdir', 'sgdisk');
const PRINTED = { encoding: 'utf8', stdio: 'pipe' } as const;
const signal = AbortSignal.timeout(120_000);

const files = {
  'Windows/System32/config/SYSTEM': systemHive(),
  'Windows/Boot/EFI/bootmgfw.efi': 'plain manager',
  'Windows/Boot/EFI/boot.stl': 'list',
  'Windows/Boot/EFI/de-DE/bootmgfw.efi.mui': 'texts',
  'Windows/Boot/EFI_EX/bootmgfw_EX.efi': 'newer manager',
  'Windows/Boot/Fonts/wgl4_boot.ttf': 'font',
  'Windows/Boot/Fonts_EX/wgl4_boot_EX.ttf': 'newer font',
  'Windows/Boot/Resources/bootres.dll': 'resources',
};

describe.skipIf(skip !== undefined)(
  `M55 Windows made bootable on a loop disk${skip === undefined ? '' : ` (${skip})`}`,
  { timeout: 120_000 },
  () => {
    it('puts boot files, a boot configuration of the partitions and the first boot entry in place', async () => {
      await using machine = await windowsDisk(files, signal);
      const present = (await machine.disk.scan(signal))[0]?.volumes[0]?.partitionGuid ?? '';
      const entries = recorded([
        entry('0000', 'UEFI PXEv4', undefined, undefined),
        entry('0001', 'Debian (Metalwright)', 'aaaa', '\\EFI\\systemd\\systemd-bootx64.efi'),
        entry('0002', 'Windows Boot Manager', 'gone', '\\EFI\\Microsoft\\Boot\\bootmgfw.efi'),
        entry('0003', 'Windows Boot Manager', present, '\\efi\\microsoft\\boot\\BOOTMGFW.EFI'),
        entry('0004', 'Other', 'bbbb', '\\EFI\\other\\shimx64.efi'),
      ]);
      const logged: string[] = [];
      {
        // Left by an earlier Windows: the logs of its boot configuration would be replayed.
        await using esp = await machine.disk.mount(machine.esp.volume, signal);
        mkdirSync(join(esp.path, 'EFI/MICROSOFT/BOOT'), { recursive: true });
        writeFileSync(join(esp.path, 'EFI/MICROSOFT/BOOT/BCD.LOG1'), 'old');
        mkdirSync(join(esp.path, 'metalwright'));
        writeFileSync(join(esp.path, 'metalwright/journal.bin'), 'journal');
      }
      await install(machine, entries, logged);

      const listed = execFileSync(
        'mdir',
        ['-i', machine.esp.device, '-/', '-b', '::/'],
        PRINTED,
      ).toLowerCase();
      for (const path of [
        'boot/bcd',
        'boot/bootmgfw.efi',
        'boot/boot.stl',
        'boot/de-de/bootmgfw.efi.mui',
        'boot/fonts/wgl4_boot.ttf',
        'boot/resources/bootres.dll',
      ])
        expect(listed).toContain(`::/efi/microsoft/${path}`);
      expect(listed).toContain('::/efi/boot/bootx64.efi');
      expect(listed).toContain('::/metalwright/journal.bin');
      expect(listed).not.toContain('bcd.log');
      expect(fromEsp(machine, 'EFI/Boot/bootx64.efi').toString()).toBe('plain manager');
      expect(fromEsp(machine, 'EFI/Microsoft/Boot/Fonts/wgl4_boot.ttf').toString()).toBe('font');
      expect(logged.join()).toContain('Secure Boot is off');

      // By hivex, not by our reader: the loader's device names disk and partition as sgdisk prints them.
      const store = join(machine.folder, 'BCD');
      writeFileSync(store, fromEsp(machine, 'EFI/Microsoft/Boot/BCD'));
      const manager = '\\Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\Elements';
      const loader = text(hivexget(store, `${manager}\\23000003`));
      const osDevice = hivexget(store, `\\Objects\\${loader}\\Elements\\21000001`);
      const system = hivexget(store, `${manager}\\11000001`);
      const gpt = execFileSync('sgdisk', ['-p', '-i', '2', machine.loop.path], PRINTED);
      const printed = execFileSync('sgdisk', ['-i', '1', machine.loop.path], PRINTED);
      const diskGuid = /Disk identifier \(GUID\): (\S+)/.exec(gpt)?.[1] ?? '';
      const windowsGuid = /unique GUID: (\S+)/.exec(gpt)?.[1] ?? '';
      const espGuid = /unique GUID: (\S+)/.exec(printed)?.[1] ?? '';
      expect(osDevice.toString('hex')).toContain(mixed(windowsGuid));
      expect(osDevice.toString('hex')).toContain(mixed(diskGuid));
      expect(system.toString('hex')).toContain(mixed(espGuid));
      expect(text(hivexget(store, `\\Objects\\${loader}\\Elements\\12000004`))).toBe(
        'Windows 11 Lab',
      );

      expect(entries.now().map(({ number, label }) => `${number} ${label}`)).toEqual([
        '0005 Windows Boot Manager',
        '0000 UEFI PXEv4',
        '0004 Other',
      ]);
      expect(entries.data()?.length).toBe(0x88);
    });

    it('refuses a volume without Windows, and an EFI partition that is too small, before anything changes', async () => {
      await using none = await windowsDisk({ 'Users/x': '' }, signal);
      await expect(install(none, recorded([]), [])).rejects.toMatchObject({
        code: 'boot.no-system',
      });
      const large = { ...files, 'Windows/Boot/EFI/big.bin': new Uint8Array(60 * 1024 * 1024) };
      await using full = await windowsDisk(large, signal, 40);
      await expect(install(full, recorded([]), [])).rejects.toMatchObject({
        code: 'boot.esp-full',
      });
      const listed = execFileSync('mdir', ['-i', full.esp.device, '-b', '::/'], PRINTED);
      expect(listed.toLowerCase()).not.toContain('efi');
    });

    it('formats NTFS with the place of its partition, and new files inherit their security', async () => {
      await using machine = await windowsDisk({ 'Windows/notes.txt': 'x' }, signal);
      const boot = readFileSync(machine.windows.device).subarray(0, 512);
      const start = /First sector: (\d+)/.exec(
        execFileSync('sgdisk', ['-i', '2', machine.loop.path], PRINTED),
      )?.[1];
      expect(boot.readUInt32LE(0x1c)).toBe(Number(start));
      expect([boot.readUInt16LE(0x18), boot.readUInt16LE(0x1a)]).toEqual([63, 255]);
      await using mounted = await machine.disk.mount(machine.windows.volume, signal);
      const acl = execFileSync(
        'getfattr',
        [
          '--absolute-names',
          '-n',
          'system.ntfs_acl',
          '-e',
          'hex',
          join(mounted.path, 'Windows/notes.txt'),
        ],
        PRINTED,
      );
      // The root as mkntfs makes it lets everybody read, but only SYSTEM and Administrators change.
      const everyoneFull = 'ff011f00010100000000000100000000';
      expect(acl).not.toContain(everyoneFull);
      expect(acl).toContain('ff011f00010100000000000512000000');
    });
  },
);

async function install(
  machine: WindowsDisk,
  entries: BootEntries,
  logged: string[],
): Promise<void> {
  const boot = linuxBoot({
    disk: machine.disk,
    mounts: machine.mounts,
    entries,
    firmware: 'uefi',
    architecture: 'x64',
    secureBoot: false,
    log: (message) => logged.push(message),
    agent: { binary: '', siteCa: '', environment: () => ({}) },
    root: '/',
  });
  await boot.install(
    {
      systemVolume: machine.esp.volume,
      osVolume: machine.windows.volume,
      os: 'windows',
      title: 'Windows 11 Lab',
    },
    signal,
  );
}

function entry(
  number: string,
  label: string,
  partitionGuid: string | undefined,
  loader: string | undefined,
): BootEntry {
  return { number, label, partitionGuid, loader, network: partitionGuid === undefined };
}

function recorded(
  had: readonly BootEntry[],
): BootEntries & { now(): readonly BootEntry[]; data(): Uint8Array | undefined } {
  let all = [...had];
  let data: Uint8Array | undefined;
  return {
    now: () => all,
    data: () => data,
    read: async () => ({
      entries: all,
      order: all.map(({ number }) => number),
      current: undefined,
    }),
    create: async ({ label, partitionGuid, loader, optionalData }) => {
      data = optionalData;
      const number = String(all.length).padStart(4, '0');
      all = [{ number, label, partitionGuid, loader, network: false }, ...all];
    },
    setOrder: async () => {},
    remove: async (number) => {
      all = all.filter((one) => one.number !== number);
    },
    setNext: async () => {},
  };
}

function fromEsp({ esp }: WindowsDisk, path: string): Buffer {
  return execFileSync('mcopy', ['-i', esp.device, `::/${path}`, '-'], { stdio: 'pipe' });
}

function hivexget(store: string, path: string): Buffer {
  return execFileSync('hivexget', [store, path, 'Element']);
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8').trim();
}

/** A GUID as Windows stores it, hex. */
function mixed(guid: string): string {
  const [a = '', b = '', c = '', ...rest] = guid.toLowerCase().split('-');
  const reversed = (field: string): string => Buffer.from(field, 'hex').reverse().toString('hex');
  return [a, b, c].map(reversed).join('') + rest.join('');
}

import { describe, expect, it } from 'vitest';
import { gptPartition } from './device.ts';
import { formatBcd } from './format-bcd.ts';
import { installedWindowsStore } from './installed-windows.ts';
import { formatStore, parseStore } from './store.ts';

const disk = '10000000-0000-4000-8000-00000000000d';
const system = gptPartition('10000000-0000-4000-8000-000000000001', disk);
const windows = gptPartition('10000000-0000-4000-8000-000000000003', disk);
const tools = gptPartition('10000000-0000-4000-8000-000000000004', disk);
const loader = '20000000-0000-4000-8000-000000000001';
const common = {
  description: 'Windows 11',
  locale: 'en-GB',
  loader,
  resume: '20000000-0000-4000-8000-000000000002',
};
const recovery = {
  source: tools,
  loader: '20000000-0000-4000-8000-000000000003',
  options: '20000000-0000-4000-8000-000000000004',
};
const mbr = (megabytes: bigint) =>
  ({ kind: 'mbr-partition', offsetBytes: megabytes << 20n, diskSignature: 0x1234_5678 }) as const;

describe('the store of an installed Windows', () => {
  it('M43 names the partitions of the disk by their own GUIDs, with recovery, on UEFI', () => {
    const names = new Map([
      [system, '\\Device\\HarddiskVolume1'],
      [windows, 'C:'],
      [tools, '\\Device\\HarddiskVolume4'],
    ]);
    const store = installedWindowsStore({
      ...common,
      firmware: 'uefi',
      system,
      windows,
      recovery,
    });
    const text = formatBcd(store, { volumeName: (volume) => names.get(volume) });
    const sections = text.split('\n\n');
    expect(sections.map((section) => section.split('\n')[0])).toEqual([
      'Windows Boot Manager',
      'Windows Boot Loader',
      'Windows Boot Loader',
      'Resume from Hibernate',
      'Windows Memory Tester',
      'EMS Settings',
      'Debugger Settings',
      'RAM Defects',
      'Global Settings',
      'Boot Loader Settings',
      'Hypervisor Settings',
      'Resume Loader Settings',
      'Device options',
    ]);
    expect(sections[1]).toBe(`Windows Boot Loader
-------------------
identifier              {default}
device                  partition=C:
path                    \\Windows\\system32\\winload.efi
description             Windows 11
locale                  en-GB
inherit                 {bootloadersettings}
recoverysequence        {20000000-0000-4000-8000-000000000003}
displaymessageoverride  Recovery
recoveryenabled         Yes
isolatedcontext         Yes
allowedinmemorysettings 0x15000075
osdevice                partition=C:
systemroot              \\Windows
resumeobject            {20000000-0000-4000-8000-000000000002}
nx                      OptIn
bootmenupolicy          Standard`);
    expect(sections[2]).toContain(
      'ramdisk=[\\Device\\HarddiskVolume4]\\Recovery\\WindowsRE\\Winre.wim,{20000000-0000-4000-8000-000000000004}',
    );
    expect(sections[12]).toContain('ramdisksdipath          \\Recovery\\WindowsRE\\boot.sdi');
    expect(sections[0]).toContain('path                    \\EFI\\Microsoft\\Boot\\bootmgfw.efi');
    expect(sections[0]).toContain('device                  partition=\\Device\\HarddiskVolume1');
    expect(sections[8]).toContain(
      'inherit                 {dbgsettings}\n                        {emssettings}\n',
    );
  });

  it('M43 is without recovery, and for BIOS has disk signature and other loaders', () => {
    const store = installedWindowsStore({
      ...common,
      firmware: 'bios',
      system: mbr(1n),
      windows: mbr(101n),
    });
    const text = formatBcd(store);
    expect(text).toContain('device                  partition=0x12345678+1048576\n');
    expect(text).toContain('osdevice                partition=0x12345678+105906176\n');
    expect(text).toContain('\\winload.exe\n');
    expect(text).toContain('\\winresume.exe\n');
    expect(text).toContain('\\boot\\memtest.exe\n');
    expect(text).toContain('recoveryenabled         No\n');
    expect(text).not.toMatch(/bootmgfw|\.efi|isolatedcontext|recoverysequence|ramdisk/);
  });

  it('is read back as it was made', () => {
    const store = installedWindowsStore({ ...common, firmware: 'uefi', system, windows, recovery });
    const bytes = formatStore(store, 1n);
    expect(parseStore(bytes)).toEqual(store);
    expect(bytes.length).toBeLessThanOrEqual(24_576);
  });

  it.each([
    { firmware: 'uefi', system: mbr(1n), windows, seen: 'mbr-partition' },
    { firmware: 'uefi', system, windows: mbr(1n), seen: 'mbr-partition' },
    { firmware: 'bios', system: mbr(1n), windows, seen: 'gpt-partition' },
    { firmware: 'bios', system: { kind: 'boot' }, windows: mbr(1n), seen: 'boot' },
  ] as const)('M43 refuses what $firmware does not start from: $seen', ({ seen, ...disk }) => {
    expect(() => installedWindowsStore({ ...common, ...disk })).toThrow(
      expect.objectContaining({ code: 'bcd.firmware', message: expect.stringContaining(seen) }),
    );
  });
});

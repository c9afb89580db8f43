import { describe, expect, it } from 'vitest';
import { formatHive } from '#boot/bcd/format-hive.ts';
import { fileTimeOf } from '#boot/bcd/hive.ts';
import { dwordValue } from '#boot/bcd/registry-value.ts';
import { emptySignatures } from '#boot/efi-signatures.ts';
import { smallProgram } from '#boot/pe-header.testing.ts';
import { infText, madeDevice } from '../../../drivers/testing/made-drivers.ts';
import {
  type CheckedMachine,
  checkWindowsImage,
  parseWindowsInfo,
  SYSTEM_HIVE,
} from './check-image.ts';
import type { WimFiles } from './wim-files.ts';
import { key } from './windows-disk.testing.ts';

const MANAGER = '\\Windows\\Boot\\EFI\\bootmgfw.efi';

/** A SYSTEM hive whose boot loader starts these services. */
function system(...services: readonly string[]): Uint8Array {
  const started = services.map((name) => key(name, [], [dwordValue('Start', 0)]));
  const later = key('later', [], [dwordValue('Start', 3)]);
  return formatHive({
    fileName: 'SYSTEM',
    lastWritten: fileTimeOf(0),
    root: key('ROOT', [
      key('Select', [], [dwordValue('Default', 1)]),
      key('ControlSet001', [key('Services', [...started, later])]),
    ]),
  });
}

function driver(id: string, service: string): Uint8Array {
  const install = `[Install.Services]\r\nAddService=${service},2,Start\r\n[Start]\r\nStartType=0\r\n`;
  const models = `[Manufacturer]\r\n%Maker% = Models, NTamd64\r\n[Models.NTamd64]\r\n"A disk" = Install, ${id}\r\n[Install]\r\n${install}`;
  return new TextEncoder().encode(infText(models));
}

function image(files: Readonly<Record<string, Uint8Array>>): WimFiles {
  return {
    file: async (path) => files[path],
    filesOf: async (folder) =>
      Object.entries(files)
        .filter(([path]) => path.startsWith(`${folder}\\`))
        .map(([path, bytes]) => ({ path, bytes })),
  };
}

const nvme = madeDevice(['PCI\\VEN_8086&DEV_F1A5&CC_010802'], ['PCI\\CC_010802', 'PCI\\CC_0108']);
const vmd = madeDevice(['PCI\\VEN_8086&DEV_9A0B&CC_010400'], ['PCI\\CC_0104']);
const network = madeDevice(['PCI\\VEN_8086&DEV_1533&CC_020000']);
const machine: CheckedMachine = {
  architecture: 'x64',
  firmware: 'uefi',
  trust: { secureBoot: false, db: emptySignatures, dbx: emptySignatures },
  devices: [nvme, network],
  disks: [],
};
const about = { version: '10.0.26100', productType: 'client' } as const;
const files = {
  [SYSTEM_HIVE]: system('stornvme'),
  [MANAGER]: smallProgram(),
  '\\Windows\\INF\\stornvme.inf': driver('PCI\\CC_010802', 'stornvme'),
  '\\Windows\\INF\\broken.inf': Buffer.from('[Version'),
};
const check = async (
  changed: Readonly<Record<string, Uint8Array>> = {},
  on: Partial<CheckedMachine> = {},
): Promise<void> =>
  checkWindowsImage(image({ ...files, ...changed }), about, { ...machine, ...on });

describe('M55 checkWindowsImage', () => {
  it('lets an image pass whose boot loader starts the driver of the disks', async () => {
    await expect(check()).resolves.toBeUndefined();
    await expect(check({}, { devices: [nvme, vmd] })).resolves.toBeUndefined();
    await expect(
      check({ [SYSTEM_HIVE]: system() }, { devices: [network] }),
    ).resolves.toBeUndefined();
  });

  it('refuses one without a driver for them, or with one that starts too late', async () => {
    await expect(check({}, { devices: [vmd, network] })).rejects.toMatchObject({
      code: 'windows.boot-driver',
      message: expect.stringContaining('has no driver in it'),
    });
    await expect(check({ [SYSTEM_HIVE]: system('other') })).rejects.toThrow(
      /has stornvme.inf, whose services \(stornvme\) do not start at boot/,
    );
  });

  it('wants a driver for each controller that a disk hangs off, one below the other', async () => {
    const named = (device: typeof nvme, at: string) => ({
      ...device,
      name: `PCI ${at}, of the test`,
    });
    const devices = [named(vmd, '0000:00:0e.0'), named(nvme, '10000:01:00.0')];
    const behind = ['pci0000:00', '0000:00:0e.0', 'pci10000:00', '10000:01:00.0', 'nvme0n1'];
    await expect(check({}, { devices, disks: [behind] })).rejects.toThrow(/PCI 0000:00:0e.0, of/);
    const beside = ['pci0000:00', '10000:01:00.0', 'nvme0n1'];
    await expect(check({}, { devices, disks: [behind, beside] })).resolves.toBeUndefined();
  });

  it('refuses BIOS machines, images without Windows, boot managers that the firmware refuses', async () => {
    await expect(check({}, { firmware: 'bios' })).rejects.toMatchObject({ code: 'windows.bios' });
    const none = checkWindowsImage(image({ [MANAGER]: smallProgram() }), about, machine);
    await expect(none).rejects.toMatchObject({ code: 'windows.none' });
    const trust = { ...machine.trust, secureBoot: true };
    await expect(check({}, { trust })).rejects.toMatchObject({ code: 'windows.boot-files' });
    await expect(check({ [SYSTEM_HIVE]: new Uint8Array(5000) })).rejects.toMatchObject({
      code: 'windows.hive',
    });
  });
});

it('M55 reads version and kind of Windows from what wimlib prints', () => {
  const printed = [
    'Product Type:           ServerNT',
    'Major Version:          10',
    'Minor Version:          0',
    'Build:                  20348',
    'Service Pack Build:     887',
    '',
  ].join('\n');
  expect(parseWindowsInfo(printed)).toEqual({ version: '10.0.20348', productType: 'server' });
  expect(parseWindowsInfo('Index: 1\n')).toEqual({ version: null, productType: null });
});

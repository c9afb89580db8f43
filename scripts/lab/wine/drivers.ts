import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { infText } from '#agent/drivers/testing/made-drivers.ts';
import type { LabDevice } from './prefix.ts';

/** What Plug and Play finds in the lab's computer: a network card, a storage controller, a TPM 2.0. */
export const labDevices: readonly LabDevice[] = [
  {
    instance: 'PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086&REV_03\\3&11583659&0&18',
    name: 'Network card of the lab',
    hardwareIds: ['PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086', 'PCI\\VEN_8086&DEV_15F3'],
  },
  {
    instance: 'PCI\\VEN_1B36&DEV_0010&SUBSYS_11001AF4&REV_02\\3&11583659&0&20',
    name: 'Storage controller of the lab',
    hardwareIds: ['PCI\\VEN_1B36&DEV_0010'],
  },
  {
    instance: 'ACPI\\MSFT0101\\1',
    name: 'Trusted Platform Module 2.0',
    hardwareIds: ['ACPI\\VEN_MSFT&DEV_0101', 'ACPI\\MSFT0101'],
  },
];

const STORAGE = { Class: 'SCSIAdapter', ClassGuid: '{4D36E97B-E325-11CE-BFC1-08002BE10318}' };

/** Two packages of drivers: one whose drivers all go on, and one to choose from. @returns their folders */
export async function makeDriverPackages(
  directory: string,
): Promise<{ readonly all: string; readonly catalogue: string }> {
  const [all, catalogue] = [join(directory, 'drivers-all'), join(directory, 'drivers-catalogue')];
  await writeFiles(all, {
    'storage/labdisk.inf': inf('PCI\\VEN_1B36&DEV_0010', STORAGE),
    'storage/labdisk.sys': 'a driver',
    'arm/labarm.inf': inf('PCI\\VEN_1B36&DEV_0010', STORAGE, 'NTarm64'),
  });
  await writeFiles(catalogue, {
    'old/labnet.inf': inf('PCI\\VEN_8086&DEV_15F3', { DriverVer: '01/02/2020,1.0.0.1' }),
    'new/labnet.inf': inf('PCI\\VEN_8086&DEV_15F3', { DriverVer: '02/03/2025,2.0.0.1' }),
    'new/labnet.sys': 'a newer driver',
    'other/labother.inf': inf('PCI\\VEN_10EC&DEV_8168', {}),
  });
  return { all, catalogue };
}

function inf(
  id: string,
  version: Readonly<Record<string, string>>,
  decoration = 'NTamd64',
): string {
  const models = [
    '[Manufacturer]',
    `%Maker% = Models, ${decoration}`,
    `[Models.${decoration}]`,
    `"Device of the lab" = Install, ${id}`,
    `[Install.${decoration}]`,
  ];
  return infText(models.join('\r\n'), version);
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

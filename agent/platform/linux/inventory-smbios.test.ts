import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smbiosInventory } from '../smbios/rows.ts';
import { readFirmware } from './inventory-smbios.ts';

let sys = '';
beforeAll(async () => {
  sys = await mkdtemp(join(tmpdir(), 'firmware-'));
  await mkdir(join(sys, 'class/dmi/id'), { recursive: true });
});
afterAll(async () => rm(sys, { recursive: true, force: true }));

describe('M03 firmware as the kernel tells it', () => {
  it('reads the kernel’s own files where the SMBIOS table may not be read', async () => {
    const dmi: Record<string, string> = {
      sys_vendor: 'QEMU',
      product_name: 'Standard PC',
      product_uuid: '4c4c4544-0042-3510-8052-b4c04f4a3132',
      bios_vendor: 'SeaBIOS',
      bios_version: '1.16.2',
      bios_date: '04/01/2014',
      chassis_type: '1',
      chassis_asset_tag: 'A-1',
    };
    for (const [name, text] of Object.entries(dmi))
      await writeFile(join(sys, 'class/dmi/id', name), text);
    const inventory = smbiosInventory((await readFirmware(sys)).smbios, null);
    expect(inventory['Win32_ComputerSystemProduct']?.[0]).toMatchObject({
      Vendor: 'QEMU',
      UUID: '4C4C4544-0042-3510-8052-B4C04F4A3132',
    });
    expect(inventory['Win32_BIOS']?.[0]).toMatchObject({
      ReleaseDate: '20140401000000.000000+000',
    });
    expect(inventory['Win32_SystemEnclosure']?.[0]).toMatchObject({
      ChassisTypes: ['1'],
      SMBIOSAssetTag: 'A-1',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { SimulatedDevice } from './device.ts';
import { deviceInventory } from './device-inventory.ts';
import { type SimulatedFacts, simulatedQuery } from './query.ts';

const { signal } = new AbortController();
const ask = (facts: SimulatedFacts, environment: 'winpe' | 'full-os' | 'linux-pe' = 'winpe') =>
  simulatedQuery(facts, {
    environment,
    architecture: 'x64',
    pe: environment === 'linux-pe' ? 'linux-pe' : 'winpe',
  });

describe('M03 what a simulated machine answers', () => {
  it('of the registry: keys above one that is there, values without case, the default value', async () => {
    const { registry } = ask({
      registry: { 'HKLM\\SOFTWARE\\Maker\\Tool': { Version: { type: 'REG_SZ', data: '2' } } },
    });
    const look = async (key: string, valueName: string | null) =>
      registry?.({ key, valueName }, signal);
    expect(await look('hkey_local_machine\\software\\MAKER\\tool', 'VERSION')).toEqual({
      value: { type: 'REG_SZ', data: '2' },
    });
    expect(await look('HKLM\\SOFTWARE\\Maker', null)).toEqual({ value: null });
    expect(await look('HKLM\\SOFTWARE\\Maker\\Tool', '')).toEqual({ value: null });
    expect(await look('HKLM\\SOFTWARE\\Maker\\Tool', 'Other')).toBeNull();
    expect(await look('HKLM\\SOFTWARE\\Other', null)).toBeNull();
  });

  it('has no registry and no products in Linux, whatever is described', () => {
    const linux = ask({ registry: {}, products: [] }, 'linux-pe');
    expect([linux.registry, linux.software]).toEqual([undefined, undefined]);
    const os = { version: '12', productType: null, language: null };
    expect(
      ask({ registry: {}, os: { ...os, family: 'linux' } }, 'full-os').registry,
    ).toBeUndefined();
  });

  it('fails where nothing is known, and only there', async () => {
    const unknown = ask({ files: null, registry: null, products: null, os: null }, 'full-os');
    const error = { code: 'simulate.unknown' };
    const file = { path: '/etc/x', kind: 'file' } as const;
    await expect(unknown.path(file, signal)).rejects.toMatchObject(error);
    await expect(unknown.system(signal)).rejects.toMatchObject(error);
    await expect(unknown.software?.(signal)).rejects.toMatchObject(error);
    await expect(
      unknown.registry?.({ key: 'HKLM\\X', valueName: null }, signal),
    ).rejects.toMatchObject(error);
    expect(await unknown.path({ ...file, kind: 'folder' }, signal)).toBeNull();
  });
});

describe('M03 the inventory of a described device', () => {
  const device = (more: object) =>
    deviceInventory(
      SimulatedDevice.parse({ name: 'PC', firmware: 'bios', architecture: 'x86', ...more }),
    );

  it('has no class and no property that nobody described; none is something else', () => {
    const { Win32_Battery, Win32_Tpm, Win32_DiskDrive, Win32_SystemEnclosure } = device({});
    expect([Win32_Battery, Win32_Tpm, Win32_DiskDrive]).toEqual([undefined, undefined, undefined]);
    expect(Win32_SystemEnclosure).toEqual([{}]);
    expect(device({ battery: false, tpm: false, disks: [] })).toMatchObject({
      Win32_Battery: [],
      Win32_Tpm: [],
      Win32_DiskDrive: [],
    });
  });

  it('takes more classes and properties, over its own and without case', () => {
    const { Win32_BIOS, Own_Class } = device({
      serialNumber: 'S1',
      wmi: {
        WIN32_bios: [{ SMBIOSBIOSVersion: '1.2', SerialNumber: 'S2' }],
        Own_Class: [{ A: 1 }],
      },
    });
    expect(Win32_BIOS).toEqual([{ SerialNumber: 'S2', SMBIOSBIOSVersion: '1.2' }]);
    expect(Own_Class).toEqual([{ A: 1 }]);
  });
});

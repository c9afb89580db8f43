import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { laptopTable } from '../smbios/testing.ts';
import { readWindowsIdentity } from './identity.ts';
import { openRegistry } from './query/registry.ts';
import { type FakeKeys, fakeReg } from './query/testing.ts';

const { signal } = new AbortController();
const HKLM = 'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet';
const table = laptopTable();
const environment = {
  [`${HKLM}\\Control\\Session Manager\\Environment`]: {
    PROCESSOR_ARCHITECTURE: ['REG_SZ', 'ARM64'],
  },
} as const;
const nic = (mac: string, internal = false): NetworkInterfaceInfo => ({
  address: '10.0.0.9',
  family: 'IPv4',
  netmask: '255.255.255.0',
  cidr: null,
  mac,
  internal,
});

async function identity(
  keys: FakeKeys,
  options: { readonly win32?: boolean; readonly uefi?: boolean; readonly bootMac?: string } = {},
) {
  const { win32 = true, uefi = true, bootMac } = options;
  return readWindowsIdentity(
    {
      win32: win32
        ? { smbiosTable: () => table, firmwareKind: () => (uefi ? 'uefi' : 'bios') }
        : undefined,
      registry: openRegistry({ run: fakeReg({ ...environment, ...keys }) }, '64'),
      query: {
        networkInterfaces: () => ({
          Loopback: [nic('00:00:00:00:00:00', true)],
          Ethernet: [nic('00:11:22:33:44:55'), nic('00:11:22:33:44:55')],
          'Ethernet 2': [nic('AA:11:22:33:44:66')],
          Tunnel: [nic('00:00:00:00:00:00')],
        }),
      },
      bootMac,
    },
    signal,
  );
}

describe('M54 who a machine with Windows is', () => {
  it('is told by the table of its firmware and by Windows', async () => {
    const found = await identity(
      {
        [`${HKLM}\\Control\\SecureBoot\\State`]: { UEFISecureBootEnabled: ['REG_DWORD', '0x1'] },
        [`${HKLM}\\Enum\\PCI\\VEN_8086&DEV_A0EF\\3&1`]: {
          HardwareID: ['REG_MULTI_SZ', 'PCI\\VEN_8086&DEV_A0EF&REV_20\\0PCI\\VEN_8086&CC_028000'],
        },
        [`${HKLM}\\Enum\\PCI\\VEN_8086&DEV_0001\\3&1`]: {
          HardwareID: ['REG_MULTI_SZ', 'PCI\\VEN_8086&DEV_0001\\0PCI\\VEN_8086&CC_060000'],
        },
        [`${HKLM}\\Enum\\PCI\\VEN_8086&DEV_0002\\3&1`]: {
          HardwareID: ['REG_MULTI_SZ', 'PCI\\VEN_8086&DEV_0002\\0PCI\\VEN_8086&CC_010802'],
          Service: ['REG_SZ', 'stornvme'],
        },
      },
      { bootMac: 'aa-11-22-33-44-66' },
    );
    expect(found).toMatchObject({
      smbiosGuid: '4c4c4544-0042-3510-8052-b4c04f4a3132',
      serialNumber: 'AAA88B2',
      assetTag: 'ASSET-7',
      manufacturer: 'Acme Inc.',
      model: 'Latitude 5530',
      macAddresses: ['aa:11:22:33:44:66', '00:11:22:33:44:55'],
      architecture: 'arm64',
      firmware: 'uefi',
      secureBoot: true,
      unclaimedDevices: [{ vendor: '8086', device: 'a0ef', pciClass: '028000' }],
    });
  });

  it('is told by the registry alone where Windows cannot be called', async () => {
    const raw = Buffer.concat([Buffer.alloc(8), table])
      .toString('hex')
      .toUpperCase();
    const found = await identity(
      {
        [`${HKLM}\\Services\\mssmbios\\Data`]: { SMBiosData: ['REG_BINARY', raw] },
        [`${HKLM}\\Control`]: { PEFirmwareType: ['REG_DWORD', '0x2'] },
      },
      { win32: false },
    );
    expect(found).toMatchObject({ serialNumber: 'AAA88B2', firmware: 'uefi', secureBoot: false });
    expect(await identity({}, { win32: false })).toMatchObject({
      smbiosGuid: null,
      serialNumber: null,
      model: null,
      firmware: 'bios',
    });
    expect(await identity({}, { uefi: false })).toMatchObject({ firmware: 'bios' });
  });
});

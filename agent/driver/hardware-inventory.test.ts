import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HardwareInventory } from '../protocol/hardware-inventory.ts';
import type { WmiInventory } from '../sequence/query-capability.ts';
import { hardwareInventory } from './hardware-inventory.ts';

const latitude: WmiInventory = {
  Win32_ComputerSystem: [{ SystemSKUNumber: '0B04', SystemFamily: 'Latitude' }],
  Win32_BaseBoard: [{ Manufacturer: 'Dell Inc.', Product: '0M6GXJ' }],
  Win32_BIOS: [
    {
      Manufacturer: 'Dell Inc.',
      SMBIOSBIOSVersion: '1.27.1',
      ReleaseDate: '20240318000000.000000+000',
    },
  ],
  Win32_SystemEnclosure: [{ ChassisTypes: ['10'] }],
  Win32_Processor: [
    {
      Name: '12th Gen Intel(R) Core(TM) i5-1245U ',
      NumberOfCores: 10,
      NumberOfLogicalProcessors: 12,
    },
  ],
  Win32_Tpm: [{ SpecVersion: '2.0, 0, 1.38' }],
  Win32_DiskDrive: [
    { Model: 'KXG60ZNV256G', SerialNumber: 'X1', Size: '256052966400', InterfaceType: 'SCSI' },
  ],
  Win32_NetworkAdapter: [
    {
      PhysicalAdapter: true,
      MACAddress: '00:11:22:AA:BB:CC',
      PNPDeviceID: 'PCI\\VEN_8086&DEV_1A1E&SUBSYS_0B041028&REV_01',
      Name: 'e1000e (eth0)',
    },
    { PhysicalAdapter: false, MACAddress: '00:11:22:AA:BB:CD', Name: 'vEthernet' },
  ],
};

describe('M54 the hardware that an agent tells of its machine', () => {
  it('is taken from what conditions are answered with', () => {
    expect(hardwareInventory(latitude)).toEqual({
      systemSku: '0B04',
      systemFamily: 'Latitude',
      boardManufacturer: 'Dell Inc.',
      boardProduct: '0M6GXJ',
      biosVendor: 'Dell Inc.',
      biosVersion: '1.27.1',
      biosDate: '2024-03-18',
      chassisType: 10,
      processor: '12th Gen Intel(R) Core(TM) i5-1245U',
      processorCores: 10,
      processorThreads: 12,
      tpmVersion: '2.0',
      disks: [{ model: 'KXG60ZNV256G', serial: 'X1', sizeBytes: 256_052_966_400, bus: 'SCSI' }],
      networkAdapters: [{ mac: '00:11:22:aa:bb:cc', pciId: '8086:1a1e', name: 'e1000e (eth0)' }],
    });
  });

  it('tells a machine without TPM from one where that is not known', () => {
    expect(hardwareInventory({ Win32_Tpm: [] }).tpmVersion).toBe('');
    expect(hardwareInventory({}).tpmVersion).toBeNull();
  });

  it('knows the adapters of Windows PE without WMI by their configuration', () => {
    const { networkAdapters } = hardwareInventory({
      Win32_NetworkAdapterConfiguration: [{ MACAddress: '00-11-22-aa-bb-cc', Description: 'LAN' }],
    });
    expect(networkAdapters).toEqual([{ mac: '00:11:22:aa:bb:cc', pciId: null, name: 'LAN' }]);
  });

  it('can be sent, whatever a machine calls itself', () => {
    const names = Object.keys(latitude);
    const properties = [
      ...new Set(Object.values(latitude).flatMap(([row = {}]) => Object.keys(row))),
    ];
    const value = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string()),
    );
    const row = fc.dictionary(fc.constantFrom(...properties), value);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), fc.array(row, { maxLength: 70 })),
        (rows) => {
          const told = hardwareInventory(rows);
          expect(HardwareInventory.parse(JSON.parse(JSON.stringify(told)))).toEqual(told);
        },
      ),
      { numRuns: 50 },
    );
  });
});

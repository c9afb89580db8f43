import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineVariables } from './machine-variables.ts';

const adapter = (row: object) => ({ IPEnabled: true, ...row });

describe('M11 what Set Dynamic Variables gathers', () => {
  it('is by the names of Configuration Manager, lists with commas', () => {
    const variables = machineVariables({
      Win32_ComputerSystem: [{ Manufacturer: ' Dell Inc.\u0000', Model: 'Latitude 7490' }],
      Win32_BIOS: [{ SerialNumber: 'ABC123' }],
      Win32_SystemEnclosure: [{ SMBIOSAssetTag: 'A-7', SerialNumber: 'other' }],
      Win32_ComputerSystemProduct: [{ UUID: '4C4C4544-0000' }],
      Win32_NetworkAdapterConfiguration: [
        adapter({ MACAddress: '52:54:00:00:00:01', IPAddress: ['10.0.0.5', 'fe80::1'] }),
        adapter({ MACAddress: '52:54:00:00:00:02', DefaultIPGateway: ['10.0.0.1'] }),
        adapter({ MACAddress: null, IPAddress: ['10.0.0.5'], DefaultIPGateway: null }),
        { IPEnabled: false, MACAddress: '50:50:54:50:30:30', IPAddress: ['192.0.2.1'] },
      ],
    });
    expect(Object.fromEntries(variables)).toEqual({
      _SMSTSMake: 'Dell Inc.',
      _SMSTSModel: 'Latitude 7490',
      _SMSTSSerialNumber: 'ABC123',
      _SMSTSAssetTag: 'A-7',
      _SMSTSUUID: '4C4C4544-0000',
      _SMSTSMacAddresses: '52:54:00:00:00:01,52:54:00:00:00:02',
      _SMSTSIPAddresses: '10.0.0.5,fe80::1',
      _SMSTSDefaultGateways: '10.0.0.1',
    });
  });

  it('leaves out what is not known, and takes the serial number from the enclosure', () => {
    expect(machineVariables({}).size).toBe(0);
    const variables = machineVariables({
      Win32_BIOS: [{ SerialNumber: ' ' }],
      Win32_SystemEnclosure: [{ SMBIOSAssetTag: null }, { SerialNumber: 'E1' }],
    });
    expect([...variables]).toEqual([['_SMSTSSerialNumber', 'E1']]);
  });

  it('holds no more than a variable does, whatever firmware and adapters say', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '\0', '\n', ','),
      size: 'max',
      maxLength: 5000,
    });
    fc.assert(
      fc.property(text, fc.array(text), (Model, IPAddress) => {
        const variables = machineVariables({
          Win32_ComputerSystem: [{ Model }],
          Win32_NetworkAdapterConfiguration: [adapter({ IPAddress })],
        });
        for (const value of variables.values()) {
          expect(value.length).toBeLessThanOrEqual(4000);
          expect(value).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 20 },
    );
  });
});

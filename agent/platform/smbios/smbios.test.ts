import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSmbios } from './facts.ts';
import { smbiosInventory, systemProperties, systemType } from './rows.ts';
import { parseSmbiosTable } from './table.ts';
import { laptopTable, structure } from './testing.ts';

const laptop = readSmbios(laptopTable());
const rows = smbiosInventory(laptop, 'DELL   - 1072009');

describe('M03 SMBIOS in the words of WMI', () => {
  it('prints dates, UUIDs and sizes in WMI’s own forms', () => {
    expect(rows['Win32_BIOS']?.[0]).toMatchObject({
      SMBIOSBIOSVersion: '1.16.2',
      Manufacturer: 'Acme Inc.',
      Version: 'DELL   - 1072009',
      ReleaseDate: '20200421000000.000000+000',
      SerialNumber: 'AAA88B2',
      SystemBiosMajorVersion: 1,
      SystemBiosMinorVersion: 16,
    });
    expect(rows['Win32_ComputerSystemProduct']?.[0]).toMatchObject({
      Vendor: 'Acme Inc.',
      Name: 'Latitude 5530 ',
      Version: 'A00',
      IdentifyingNumber: 'AAA88B2',
      UUID: '4C4C4544-0042-3510-8052-B4C04F4A3132',
    });
    expect(rows['Win32_PhysicalMemory']?.map((row) => row['Capacity'])).toEqual([
      '17179869184',
      '68719476736',
    ]);
  });

  it('tells board, enclosure without its lock bit, and the SKU behind contained elements', () => {
    expect(rows['Win32_BaseBoard']?.[0]).toMatchObject({ Product: '0FP2W2', Version: 'A00' });
    expect(rows['Win32_SystemEnclosure']?.[0]).toMatchObject({
      ChassisTypes: ['10'],
      SMBIOSAssetTag: 'ASSET-7',
      SKU: 'Notebook',
    });
    expect(systemProperties(laptop)).toMatchObject({
      Model: 'Latitude 5530 ',
      SystemSKUNumber: '087D',
      SystemFamily: 'Latitude',
    });
    expect(laptop.processors).toEqual([
      { name: null, socket: 'U3E1', id: 'BFEBFBFF000906EA', currentMhz: 2592 },
    ]);
    expect(laptop.memorySlots).toBe(4);
  });

  it('takes the kind of machine from ACPI, else from the enclosure', () => {
    expect(systemType(undefined, laptop)).toEqual({ PCSystemType: 2, PCSystemTypeEx: 2 });
    expect(systemType(0, laptop)).toEqual({ PCSystemType: 2, PCSystemTypeEx: 2 });
    expect(systemType(3, laptop)).toEqual({ PCSystemType: 3, PCSystemTypeEx: 3 });
    expect(systemType(8, laptop)).toEqual({ PCSystemType: 2, PCSystemTypeEx: 8 });
  });

  it('keeps what came before a structure that lies about its length, a string or its reach', () => {
    const bios = structure(0, 0x12, { 4: [9], 5: [1] }, ['2.0']);
    const facts = readSmbios(Uint8Array.from([...bios, 1, 0xff, 0, 0, 1, 2, 3]));
    expect(facts).toMatchObject({ bios: { vendor: null, version: '2.0', release: null } });
    expect(facts.system).toBeNull();
    expect(readSmbios(Uint8Array.from([1, 3, 0, 0, 0, 0]))).toMatchObject({ system: null });
  });

  it('reads any bytes to an end, also a table of headers alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        smbiosInventory(readSmbios(bytes), null);
      }),
    );
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const table = laptopTable();
        table[at % table.length] = value;
        smbiosInventory(readSmbios(table), null);
      }),
    );
    const headers = new Uint8Array(1 << 20).fill(4);
    expect(parseSmbiosTable(headers).length).toBeLessThanOrEqual(4096);
  });
});

import type { WmiInventory, WmiRow } from '../../sequence/query-capability.ts';
import type { SmbiosBios, SmbiosFacts, SmbiosSystem } from './facts.ts';

/**
 * What SMBIOS says in the words of WMI: `Win32_ComputerSystemProduct`, `_BIOS`, `_BaseBoard`,
 * `_SystemEnclosure`, `_PhysicalMemory`. Makers' strings stay as they are, `To be filled by O.E.M.`
 * too: that is what conditions in the field compare with. Pure.
 * @param firmwareOem ACPI's OEM id and revision, the `Version` of Win32_BIOS: `DELL   - 1072009`
 */
export function smbiosInventory(facts: SmbiosFacts, firmwareOem: string | null): WmiInventory {
  const { bios, system, boards, enclosures, memory } = facts;
  const rows: WmiInventory = {
    Win32_ComputerSystemProduct: system ? [productRow(system)] : [],
    Win32_BIOS: bios ? [biosRow(bios, system, firmwareOem)] : [],
    Win32_BaseBoard: boards.map((board, index) => ({
      Tag: index === 0 ? 'Base Board' : `Base Board ${index}`,
      Name: 'Base Board',
      Caption: 'Base Board',
      Manufacturer: board.manufacturer,
      Product: board.product,
      Version: board.version,
      SerialNumber: board.serialNumber,
    })),
    Win32_SystemEnclosure: enclosures.map((enclosure, index) => ({
      Tag: `System Enclosure ${index}`,
      Name: 'System Enclosure',
      Manufacturer: enclosure.manufacturer,
      Version: enclosure.version,
      SerialNumber: enclosure.serialNumber,
      SMBIOSAssetTag: enclosure.assetTag,
      SKU: enclosure.sku,
      ChassisTypes: enclosure.chassisType === null ? null : [String(enclosure.chassisType)],
    })),
    Win32_PhysicalMemory: memory.map((module, index) => ({
      Tag: `Physical Memory ${index}`,
      Capacity: String(module.sizeBytes),
      DeviceLocator: module.locator,
      BankLabel: module.bank,
      Manufacturer: module.manufacturer,
      SerialNumber: module.serialNumber,
      PartNumber: module.partNumber,
      Speed: module.speed,
      ConfiguredClockSpeed: module.configuredSpeed,
      SMBIOSMemoryType: module.type,
    })),
  };
  // What has no structure is not known, rather than not there.
  return Object.fromEntries(Object.entries(rows).filter(([, found]) => found.length > 0));
}

/** The part of `Win32_ComputerSystem` that SMBIOS tells. */
export function systemProperties({ system, enclosures }: SmbiosFacts): WmiRow {
  return {
    Manufacturer: system?.manufacturer ?? null,
    Model: system?.product ?? null,
    SystemFamily: system?.family ?? null,
    SystemSKUNumber: system?.sku ?? null,
    ChassisSKUNumber: enclosures[0]?.sku ?? null,
  };
}

function productRow(system: SmbiosSystem): WmiRow {
  return {
    Caption: 'Computer System Product',
    Name: system.product,
    Vendor: system.manufacturer,
    Version: system.version,
    IdentifyingNumber: system.serialNumber,
    UUID: system.uuid?.toUpperCase() ?? null,
    SKUNumber: null,
  };
}

function biosRow(
  bios: SmbiosBios,
  system: SmbiosSystem | null,
  firmwareOem: string | null,
): WmiRow {
  const { vendor, version, release } = bios;
  return {
    Name: version,
    Caption: version,
    Description: version,
    Manufacturer: vendor,
    SMBIOSPresent: true,
    SMBIOSBIOSVersion: version,
    Version: firmwareOem,
    BIOSVersion: [firmwareOem, version].filter((text) => text !== null),
    ReleaseDate: cimDate(bios.releaseDate),
    SerialNumber: system?.serialNumber ?? null,
    PrimaryBIOS: true,
    SystemBiosMajorVersion: release?.[0] ?? null,
    SystemBiosMinorVersion: release?.[1] ?? null,
  };
}

/** `04/21/2020` as a CIM datetime, `20200421000000.000000+000`; a year of two digits is of the 1900s. */
function cimDate(date: string | null): string | null {
  const [, month, day, year] = /^\s*(\d\d)\/(\d\d)\/(\d{4}|\d\d)\s*$/.exec(date ?? '') ?? [];
  if (month === undefined || day === undefined || year === undefined) return null;
  return `${year.length === 2 ? `19${year}` : year}${month}${day}000000.000000+000`;
}

/**
 * `PCSystemType` and `PCSystemTypeEx`: ACPI's preferred profile (FADT, 5.2.9.1) as Windows takes it, else
 * what the enclosure is. WMI's numbers are ACPI's up to 7; 8, a tablet, is mobile in the older property.
 */
export function systemType(profile: number | undefined, { enclosures }: SmbiosFacts): WmiRow {
  const chassis = enclosures[0]?.chassisType ?? 0;
  const told = profile !== undefined && profile >= 1 && profile <= 8 ? profile : undefined;
  const type = told ?? typeOfChassis(chassis);
  return { PCSystemType: type === 8 ? 2 : type, PCSystemTypeEx: type };
}

/** Portable, laptop, notebook, hand-held, sub-notebook, convertible, detachable; tablet; servers. */
function typeOfChassis(chassis: number): number {
  if ([8, 9, 10, 11, 14, 31, 32].includes(chassis)) return 2;
  if (chassis === 30) return 8;
  if ([17, 23, 25, 28, 29].includes(chassis)) return 4;
  return [3, 4, 5, 6, 7, 13, 15, 16, 24, 35].includes(chassis) ? 1 : 0;
}

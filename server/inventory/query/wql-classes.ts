import type { QueryField } from './field.ts';
import { findField } from './fields.ts';

/** A class of Configuration Manager's inventory, with its properties that are known here. */
interface WqlClass {
  readonly name: string;
  /** By name in lower case. */
  readonly properties: ReadonlyMap<
    string,
    { readonly property: string; readonly field: QueryField }
  >;
}

/** In KiB, as WMI has it; not rounded, so that queries that were written for it find the same. */
const TOTAL_PHYSICAL_MEMORY: QueryField = {
  name: 'memory in KiB',
  aliases: [],
  type: 'number',
  list: false,
  doc: 'Memory in KiB',
  needs: 'hardware',
  get: ({ inventory: { memoryBytes } }) =>
    memoryBytes === null ? null : Math.floor(memoryBytes / 1024),
};

/** Each class, and the field that each of its properties is. */
const rows: readonly (readonly [string, Readonly<Record<string, string | QueryField>>])[] = [
  [
    'SMS_R_System',
    {
      IPAddresses: 'address',
      Name: 'name',
      NetbiosName: 'name',
      MACAddresses: 'macAddress',
      SMBIOSGUID: 'smbiosGuid',
      SerialNumber: 'serialNumber',
      CreationDate: 'created',
    },
  ],
  ['SMS_G_System_COMPUTER_SYSTEM', { Name: 'name', Manufacturer: 'manufacturer', Model: 'model' }],
  [
    'SMS_G_System_COMPUTER_SYSTEM_PRODUCT',
    {
      IdentifyingNumber: 'serialNumber',
      Name: 'model',
      UUID: 'smbiosGuid',
      Vendor: 'manufacturer',
    },
  ],
  [
    'SMS_G_System_PC_BIOS',
    {
      Manufacturer: 'biosVendor',
      ReleaseDate: 'biosDate',
      SerialNumber: 'serialNumber',
      SMBIOSBIOSVersion: 'biosVersion',
    },
  ],
  ['SMS_G_System_BASEBOARD', { Manufacturer: 'boardManufacturer', Product: 'boardProduct' }],
  ['SMS_G_System_DISK', { Model: 'diskModel' }],
  ['SMS_G_System_FIRMWARE', { SecureBoot: 'secureBoot' }],
  ['SMS_G_System_PROCESSOR', { Name: 'processor', NumberOfCores: 'processorCores' }],
  ['SMS_G_System_TPM', { SpecVersion: 'tpmVersion' }],
  ['SMS_G_System_X86_PC_MEMORY', { TotalPhysicalMemory: TOTAL_PHYSICAL_MEMORY }],
  ['SMS_G_System_SYSTEM_ENCLOSURE', { SerialNumber: 'serialNumber', SMBIOSAssetTag: 'assetTag' }],
  ['SMS_G_System_NETWORK_ADAPTER', { MACAddress: 'macAddress' }],
  ['SMS_G_System_NETWORK_ADAPTER_CONFIGURATION', { MACAddress: 'macAddress' }],
];

/** Classes of WQL queries that are known here, with the properties that are. */
export const wqlClasses: readonly WqlClass[] = rows.map(([name, properties]) => ({
  name,
  properties: new Map(
    Object.entries(properties).flatMap(([property, field]) => {
      const found = typeof field === 'string' ? findField(field) : field;
      return found === undefined
        ? []
        : [[property.toLowerCase(), { property, field: found }] as const];
    }),
  ),
}));

const byName: ReadonlyMap<string, WqlClass> = new Map(
  wqlClasses.map((each) => [each.name.toLowerCase(), each]),
);

/** A class by its name without case. */
export function findClass(name: string): WqlClass | undefined {
  return byName.get(name.toLowerCase());
}

import { HardwareInventory } from '../protocol/hardware-inventory.ts';
import { MacAddress } from '../protocol/identity.ts';
import type { WmiInventory, WmiRow } from '../sequence/query-capability.ts';

const MOST_PARTS = 64;
const LONGEST_TEXT = 256;

/**
 * The hardware out of the inventory that conditions are answered from, whatever the system; what a row
 * has in another form than WMI's is left out, so that odd hardware stops no machine. Pure.
 */
export function hardwareInventory(rows: WmiInventory): HardwareInventory {
  const first = (name: string): WmiRow => rows[name]?.[0] ?? {};
  const [system, board, bios] = ['ComputerSystem', 'BaseBoard', 'BIOS'].map((name) =>
    first(`Win32_${name}`),
  );
  const processors = rows['Win32_Processor'] ?? [];
  const tpm = rows['Win32_Tpm'];
  const [chassisType = null] = numbers(first('Win32_SystemEnclosure'));
  return HardwareInventory.parse({
    systemSku: text(system?.['SystemSKUNumber']),
    systemFamily: text(system?.['SystemFamily']),
    boardManufacturer: text(board?.['Manufacturer']),
    boardProduct: text(board?.['Product']),
    biosVendor: text(bios?.['Manufacturer']),
    biosVersion: text(bios?.['SMBIOSBIOSVersion']),
    biosDate: day(bios?.['ReleaseDate']),
    chassisType,
    processor: text(processors[0]?.['Name']),
    processorCores: sum(processors, 'NumberOfCores'),
    processorThreads: sum(processors, 'NumberOfLogicalProcessors'),
    tpmVersion: tpm === undefined ? null : (text(tpm[0]?.['SpecVersion'])?.split(',')[0] ?? ''),
    disks: (rows['Win32_DiskDrive'] ?? []).slice(0, MOST_PARTS).map((row) => ({
      model: text(row['Model']),
      serial: text(row['SerialNumber']),
      sizeBytes: wholeNumber(row['Size']),
      bus: text(row['InterfaceType']),
    })),
    networkAdapters: adapters(rows).slice(0, MOST_PARTS),
  });
}

/** Those of hardware; where only configured ones are known, as in Windows PE without WMI, those. */
function adapters(rows: WmiInventory): HardwareInventory['networkAdapters'] {
  const physical = (rows['Win32_NetworkAdapter'] ?? []).filter(
    (row) => row['PhysicalAdapter'] === true && row['MACAddress'],
  );
  const found = physical.length > 0 ? physical : rows['Win32_NetworkAdapterConfiguration'];
  return (found ?? []).map((row) => {
    const [, vendor, device] =
      /VEN_([0-9a-f]{4})&DEV_([0-9a-f]{4})/i.exec(String(row['PNPDeviceID'])) ?? [];
    return {
      mac: MacAddress.safeParse(row['MACAddress']).data ?? null,
      pciId: vendor === undefined ? null : `${vendor}:${device}`.toLowerCase(),
      name: text(row['Name']) ?? text(row['Description']),
    };
  });
}

function text(value: WmiRow[string] | undefined): string | null {
  const trimmed = typeof value === 'string' ? value.trim().slice(0, LONGEST_TEXT) : '';
  return trimmed === '' ? null : trimmed;
}

function wholeNumber(value: WmiRow[string] | undefined): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function sum(rows: readonly WmiRow[], property: string): number | null {
  const total = rows.reduce((so, row) => so + (wholeNumber(row[property]) ?? 0), 0);
  return total === 0 ? null : total;
}

/** The day of a CIM datetime, `20240318000000.000000+000`. */
function day(value: WmiRow[string] | undefined): string | null {
  const [, year, month, date] = /^(\d{4})(\d\d)(\d\d)/.exec(text(value) ?? '') ?? [];
  return year === undefined ? null : `${year}-${month}-${date}`;
}

/** `ChassisTypes` of an enclosure: a list of numbers, that some write as text. */
function numbers(enclosure: WmiRow): number[] {
  const types = enclosure['ChassisTypes'];
  return (Array.isArray(types) ? types : []).flatMap((type: unknown) => {
    const number = Number(type);
    return Number.isInteger(number) && number >= 0 && number <= 255 ? [number] : [];
  });
}

import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { WmiInventory, WmiRow, WmiValue } from '#agent/sequence/query-capability.ts';
import { chassisTypes, type SimulatedDevice } from './device.ts';

const GIB = 1024 ** 3;
/** Decimal, as disks are sold. */
const GB = 1e9;

/** A described device in the words of WMI. A class that nothing was said of is not there: not known. */
export function deviceInventory(device: SimulatedDevice): WmiInventory {
  const { manufacturer, model, serialNumber, battery, disks, tpm, os } = device;
  const made: Record<string, readonly WmiRow[] | undefined> = {
    Win32_ComputerSystem: [
      row({
        Name: device.name,
        Manufacturer: manufacturer,
        Model: model,
        SystemType: systemTypes[device.architecture],
        TotalPhysicalMemory: device.memoryGb && Math.round(device.memoryGb * GIB),
      }),
    ],
    Win32_ComputerSystemProduct: [
      row({
        Vendor: manufacturer,
        Name: model,
        IdentifyingNumber: serialNumber,
        UUID: device.smbiosGuid?.toUpperCase(),
      }),
    ],
    Win32_BIOS: [row({ Manufacturer: manufacturer, SerialNumber: serialNumber })],
    Win32_BaseBoard: [row({ Manufacturer: manufacturer, SerialNumber: serialNumber })],
    Win32_SystemEnclosure: [
      row({
        Manufacturer: manufacturer,
        SerialNumber: serialNumber,
        SMBIOSAssetTag: device.assetTag,
        ChassisTypes: device.chassis && [String(chassisTypes[device.chassis])],
      }),
    ],
    Win32_Processor: [
      row({
        Name: device.processor,
        Architecture: processorArchitectures[device.architecture],
        MaxClockSpeed: nominalMhz(device.processor),
      }),
    ],
    Win32_NetworkAdapter: device.macAddresses.map((mac) => row({ MACAddress: wmiMac(mac) })),
    Win32_NetworkAdapterConfiguration: adapters(device),
    Win32_DiskDrive: disks?.map((disk, index) =>
      row({
        Index: index,
        Model: disk.model,
        SerialNumber: disk.serialNumber,
        Size: Math.round(disk.sizeGb * GB),
        InterfaceType: disk.bus && interfaceTypes[disk.bus],
        MediaType:
          (disk.removable ?? disk.bus === 'usb') ? 'Removable Media' : 'Fixed hard disk media',
      }),
    ),
    Win32_Tpm:
      tpm === undefined
        ? undefined
        : tpm === false
          ? []
          : [row({ IsEnabled_InitialValue: tpm.enabled, SpecVersion: tpm.version })],
    Win32_Battery:
      battery === undefined
        ? undefined
        : battery === false
          ? []
          : [row({ BatteryStatus: battery.status })],
    Win32_OperatingSystem: os && [
      row({
        Version: os.version,
        OSLanguage: os.language,
        ProductType: os.productType && productTypes[os.productType],
        OSArchitecture: device.architecture === 'x86' ? '32-bit' : '64-bit',
      }),
    ],
  };
  return withMore(made, device.wmi);
}

const systemTypes: Readonly<Record<MachineArchitecture, string>> = {
  x64: 'x64-based PC',
  arm64: 'ARM64-based PC',
  x86: 'X86-based PC',
};
/** `… CPU @ 1.90GHz`: as the maker calls it. */
function nominalMhz(name: string | undefined): number | undefined {
  const ghz = /@\s*(\d+(?:\.\d+)?)\s*GHz/i.exec(name ?? '')?.[1];
  return ghz === undefined ? undefined : Math.round(Number(ghz) * 1000);
}

/** Win32_Processor.Architecture. */
const processorArchitectures: Readonly<Record<MachineArchitecture, number>> = {
  x86: 0,
  x64: 9,
  arm64: 12,
};
/** Win32_OperatingSystem.ProductType. */
const productTypes = { client: 1, 'domain-controller': 2, server: 3 } as const;
/** Win32_DiskDrive.InterfaceType: Windows says SCSI of NVMe and SAS, IDE of SATA. */
const interfaceTypes = {
  nvme: 'SCSI',
  sas: 'SCSI',
  raid: 'SCSI',
  sata: 'IDE',
  ata: 'IDE',
  usb: 'USB',
  // All else that Windows has a driver of its own for, it says to be SCSI.
  scsi: 'SCSI',
  virtio: 'SCSI',
  sd: 'SCSI',
  mmc: 'SCSI',
  iscsi: 'SCSI',
  fc: 'SCSI',
  other: 'SCSI',
} as const;

/** One row for each adapter; the addresses are said of the first, with which the machine started. */
function adapters({ macAddresses, ipAddresses, gateways }: SimulatedDevice): WmiRow[] {
  const isKnown = ipAddresses.length > 0;
  return macAddresses.map((mac, index) =>
    row({
      MACAddress: wmiMac(mac),
      IPEnabled: isKnown ? index === 0 : undefined,
      IPAddress: isKnown ? (index === 0 ? ipAddresses : []) : undefined,
      DefaultIPGateway: isKnown ? (index === 0 ? gateways : []) : undefined,
    }),
  );
}

function wmiMac(mac: string): string {
  return mac.toUpperCase();
}

function row(properties: Readonly<Record<string, WmiValue | undefined>>): WmiRow {
  const known: Record<string, WmiValue> = {};
  for (const [name, value] of Object.entries(properties))
    if (value !== undefined) known[name] = value;
  return known;
}

/** The described classes over the made ones: row by row, property by property, names without case. */
function withMore(
  made: Readonly<Record<string, readonly WmiRow[] | undefined>>,
  more: WmiInventory,
): WmiInventory {
  const inventory: Record<string, readonly WmiRow[]> = {};
  for (const [name, rows] of Object.entries(made)) if (rows !== undefined) inventory[name] = rows;
  for (const [name, rows] of Object.entries(more)) {
    const key = Object.keys(inventory).find((one) => one.toLowerCase() === name.toLowerCase());
    const before = key === undefined ? [] : (inventory[key] ?? []);
    inventory[key ?? name] = rows.map((properties, index) => ({ ...before[index], ...properties }));
  }
  return inventory;
}

import type { SystemFacts, WmiInventory, WmiRow } from '../../../sequence/query-capability.ts';
import { readSmbios } from '../../smbios/facts.ts';
import { smbiosInventory, systemProperties, systemType } from '../../smbios/rows.ts';
import type { WindowsParts } from './parts.ts';
import type { Registry } from './registry.ts';

const SMBIOS_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\mssmbios\\Data';
const SYSTEM_KEY = 'HKLM\\HARDWARE\\DESCRIPTION\\System';
/** Before the table in what the driver keeps: RawSMBIOSData of `GetSystemFirmwareTable`. */
const RAW_HEADER_BYTES = 8;
const WMI_PRODUCT_TYPE = { client: 1, 'domain-controller': 2, server: 3 } as const;
/** Win32_Processor.Architecture, its width, and Win32_ComputerSystem.SystemType. */
const PROCESSORS = {
  x86: [0, 32, 'X86-based PC'],
  x64: [9, 64, 'x64-based PC'],
  arm64: [12, 64, 'ARM64-based PC'],
} as const;

/**
 * The inventory of a Windows without PowerShell or CIM, as Windows PE mostly is: from the SMBIOS table
 * and the processor that its kernel keeps in the registry. Disks, TPM and battery are not known there.
 */
export async function registryInventory(
  parts: Pick<WindowsParts, 'hostName' | 'memoryBytes'>,
  known: { readonly registry: Registry; readonly system: SystemFacts },
  signal: AbortSignal,
): Promise<WmiInventory> {
  const { registry, system } = known;
  const text = async (key: string, name: string): Promise<string | null> =>
    (await registry.read(key, name, signal))?.value?.data ?? null;
  const raw = Buffer.from((await text(SMBIOS_KEY, 'SMBiosData')) ?? '', 'hex');
  const facts = readSmbios(raw.subarray(RAW_HEADER_BYTES));
  const [firmwareOem = null] = (await text(SYSTEM_KEY, 'SystemBiosVersion'))?.split('\n') ?? [];
  const processorKey = `${SYSTEM_KEY}\\CentralProcessor\\0`;
  const [architecture, width, systemKind] = PROCESSORS[system.architecture];
  const processor: WmiRow = {
    DeviceID: 'CPU0',
    Name: await text(processorKey, 'ProcessorNameString'),
    Manufacturer: await text(processorKey, 'VendorIdentifier'),
    Caption: await text(processorKey, 'Identifier'),
    MaxClockSpeed: Number((await text(processorKey, '~MHz')) ?? 0) || null,
    Architecture: architecture,
    AddressWidth: width,
    ProcessorId: facts.processors[0]?.id ?? null,
    SocketDesignation: facts.processors[0]?.socket ?? null,
  };
  return {
    ...smbiosInventory(facts, firmwareOem),
    Win32_ComputerSystem: [
      {
        Name: parts.hostName.toUpperCase(),
        ...systemProperties(facts),
        ...systemType(undefined, facts),
        SystemType: systemKind,
        TotalPhysicalMemory: String(parts.memoryBytes),
      },
    ],
    Win32_Processor: [processor],
    Win32_OperatingSystem: [await osRow(text, parts.hostName, system)],
  };
}

async function osRow(
  text: (key: string, name: string) => Promise<string | null>,
  hostName: string,
  { version, architecture, language, productType }: SystemFacts,
): Promise<WmiRow> {
  const name = await text('HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion', 'ProductName');
  return {
    Caption: name === null ? null : `Microsoft ${name.replace(/^Microsoft /, '')}`,
    Version: version,
    BuildNumber: version.split('.').at(-1) ?? null,
    OSArchitecture: { x64: '64-bit', x86: '32-bit', arm64: 'ARM 64-bit Processor' }[architecture],
    OSLanguage: language,
    ProductType: productType === null ? null : WMI_PRODUCT_TYPE[productType],
    CSName: hostName.toUpperCase(),
  };
}

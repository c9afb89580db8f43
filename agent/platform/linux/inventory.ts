import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineArchitecture } from '../../protocol/identity.ts';
import type { WmiInventory, WmiRow } from '../../sequence/query-capability.ts';
import { smbiosInventory, systemProperties, systemType } from '../smbios/rows.ts';
import { batteryRows } from './battery.ts';
import type { DiskSource } from './disk-scan.ts';
import { diskRows } from './inventory-disk.ts';
import { type NetworkInterfaces, networkInventory } from './inventory-network.ts';
import { hypervisorPresent, processorRows } from './inventory-processor.ts';
import type { FirmwareFacts } from './inventory-smbios.ts';
import { readOsRelease } from './os-release.ts';
import { readNumber } from './sysfs.ts';
import { tpmRows } from './tpm.ts';

/** Where the inventory is read from; tests give a tree of their own. */
export interface InventorySources {
  /** `/`, below which `sys`, `proc` and `etc` are. */
  readonly root: string;
  readonly architecture: MachineArchitecture;
  readonly hostName: string;
  readonly firmware: () => Promise<FirmwareFacts>;
  readonly disks: DiskSource;
  readonly networkInterfaces: () => NetworkInterfaces;
  readonly log: (message: string) => void;
}

const SYSTEM_TYPES = {
  x64: 'x64-based PC',
  x86: 'X86-based PC',
  arm64: 'ARM64-based PC',
} as const;
const OS_ARCHITECTURES = { x64: '64-bit', x86: '32-bit', arm64: 'ARM 64-bit Processor' } as const;

/**
 * What this machine is in the words of WMI, so that the queries of a sequence are answered without
 * Windows. Hardware is read once; network and batteries, which change during a run, each time.
 */
export function linuxInventory(
  sources: InventorySources,
): (signal: AbortSignal) => Promise<WmiInventory> {
  const { root, hostName, networkInterfaces } = sources;
  const sys = join(root, 'sys');
  const proc = join(root, 'proc');
  let lasting: Promise<WmiInventory> | undefined;
  return async (signal) => {
    lasting ??= readLasting(sources, signal).catch((error: unknown) => {
      lasting = undefined;
      throw error;
    });
    return {
      ...(await lasting),
      ...(await networkInventory({ sys, proc, hostName }, networkInterfaces())),
      Win32_Battery: await batteryRows(sys),
    };
  };
}

async function readLasting(sources: InventorySources, signal: AbortSignal): Promise<WmiInventory> {
  const { root, architecture, hostName } = sources;
  const firmware = await sources.firmware();
  const { smbios } = firmware;
  const cpuinfo = await readFile(join(root, 'proc/cpuinfo'), 'utf8').catch(() => '');
  const cpu = join(root, 'sys/devices/system/cpu/cpu0/cpufreq');
  const baseKhz =
    (await readNumber(join(cpu, 'base_frequency'))) ??
    (await readNumber(join(cpu, 'cpuinfo_max_freq')));
  const processors = processorRows({ cpuinfo, architecture, baseKhz, smbios: smbios.processors });
  const logical = processors.reduce(
    (sum, row) => sum + Number(row['NumberOfLogicalProcessors']),
    0,
  );
  const memoryBytes = await totalMemory(root);
  const system: WmiRow = {
    Name: hostName.toUpperCase(),
    DNSHostName: hostName,
    ...systemProperties(smbios),
    ...systemType(firmware.profile, smbios),
    SystemType: SYSTEM_TYPES[architecture],
    TotalPhysicalMemory: memoryBytes === null ? null : String(memoryBytes),
    NumberOfProcessors: processors.length,
    NumberOfLogicalProcessors: logical,
    HypervisorPresent: hypervisorPresent(cpuinfo),
    PartOfDomain: false,
    Domain: 'WORKGROUP',
    Workgroup: 'WORKGROUP',
  };
  return {
    ...smbiosInventory(smbios, firmware.oem),
    Win32_ComputerSystem: [system],
    Win32_Processor: processors,
    Win32_OperatingSystem: [await osRow(sources, memoryBytes)],
    Win32_Tpm: await tpmRows(root),
    ...(await diskInventory(sources, signal)),
  };
}

/** Without disks that can be listed, their class is not known: no query on it is answered by guess. */
async function diskInventory(
  { disks, log }: InventorySources,
  signal: AbortSignal,
): Promise<WmiInventory> {
  try {
    return { Win32_DiskDrive: diskRows(await disks(signal)) };
  } catch (error) {
    signal.throwIfAborted();
    log(`Disks could not be listed for the inventory: ${String(error)}`);
    return {};
  }
}

async function osRow(
  { root, architecture, hostName }: InventorySources,
  memoryBytes: number | null,
): Promise<WmiRow> {
  const release = await readOsRelease(root);
  return {
    Caption: release.get('PRETTY_NAME') ?? release.get('NAME') ?? 'Linux',
    Version: release.get('VERSION_ID') ?? '',
    OSArchitecture: OS_ARCHITECTURES[architecture],
    OSLanguage: null,
    ProductType: null,
    CSName: hostName.toUpperCase(),
    TotalVisibleMemorySize: memoryBytes === null ? null : String(memoryBytes / 1024),
  };
}

async function totalMemory(root: string): Promise<number | null> {
  const meminfo = await readFile(join(root, 'proc/meminfo'), 'utf8').catch(() => '');
  const [, kilobytes] = /^MemTotal:\s+(\d{1,13}) kB$/m.exec(meminfo) ?? [];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

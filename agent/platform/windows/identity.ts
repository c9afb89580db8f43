import { totalmem } from 'node:os';
import {
  type FirmwareKind,
  isPlaceholderGuid,
  MacAddress,
  type MachineIdentity,
  SmbiosGuid,
} from '../../protocol/identity.ts';
import { makersText } from '../makers-text.ts';
import { readSmbios } from '../smbios/facts.ts';
import { pciDevices, unclaimed } from './pci-devices.ts';
import type { WindowsParts as QueryParts } from './query/parts.ts';
import type { Registry } from './query/registry.ts';
import { windowsSystem } from './query/system.ts';
import type { Win32 } from './win32.ts';

const CONTROL = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';
const SMBIOS_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\mssmbios\\Data';
/** Before the table in what the driver keeps: RawSMBIOSData of `GetSystemFirmwareTable`. */
const RAW_HEADER_BYTES = 8;

/** Who this machine is, by the firmware's own table; from the registry what Windows does not tell by a call. */
export async function readWindowsIdentity(
  parts: {
    readonly win32: Pick<Win32, 'smbiosTable' | 'firmwareKind'> | undefined;
    readonly registry: Registry;
    readonly query: Pick<QueryParts, 'networkInterfaces'>;
    readonly bootMac: string | undefined;
  },
  signal: AbortSignal,
): Promise<MachineIdentity> {
  const { registry, win32 } = parts;
  const number = async (key: string, name: string): Promise<string | undefined> =>
    (await registry.read(key, name, signal))?.value?.data;
  const { system, enclosures } = readSmbios(await smbiosTable(win32, registry, signal));
  const guid = SmbiosGuid.safeParse(system?.uuid);
  return {
    smbiosGuid: guid.success && !isPlaceholderGuid(guid.data) ? guid.data : null,
    macAddresses: macAddresses(parts.query, parts.bootMac),
    serialNumber: makersText(system?.serialNumber),
    assetTag: makersText(enclosures[0]?.assetTag),
    manufacturer: makersText(system?.manufacturer),
    model: makersText(system?.product),
    architecture: (await windowsSystem(registry, signal)).architecture,
    firmware: win32?.firmwareKind() ?? firmwareOf(await number(CONTROL, 'PEFirmwareType')),
    secureBoot: (await number(`${CONTROL}\\SecureBoot\\State`, 'UEFISecureBootEnabled')) === '1',
    memoryBytes: totalmem(),
    unclaimedDevices: unclaimed(await pciDevices(registry, signal)),
  };
}

/** The table by a call, else as the driver of Windows keeps it. */
async function smbiosTable(
  win32: Pick<Win32, 'smbiosTable'> | undefined,
  registry: Registry,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const table = win32?.smbiosTable() ?? new Uint8Array();
  if (table.length > 0) return table;
  const kept = (await registry.read(SMBIOS_KEY, 'SMBiosData', signal))?.value?.data ?? '';
  return Buffer.from(kept, 'hex').subarray(RAW_HEADER_BYTES);
}

/** Of `PEFirmwareType`: 1 BIOS, 2 UEFI. Only a machine with UEFI keeps it away from its disks' MBR. */
function firmwareOf(type: string | undefined): FirmwareKind {
  return type === '2' ? 'uefi' : 'bios';
}

/** Of adapters with an address; the one that started the machine first. */
function macAddresses(
  { networkInterfaces }: Pick<QueryParts, 'networkInterfaces'>,
  bootMac: string | undefined,
): MacAddress[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = all.flatMap(({ internal, mac }) => {
    const parsed = MacAddress.safeParse(mac);
    const isReal = !internal && parsed.success && !/^(00:){5}00$|^(ff:){5}ff$/.test(parsed.data);
    return isReal ? [parsed.data] : [];
  });
  const boot = MacAddress.safeParse(bootMac);
  const first = own.filter((mac) => boot.success && mac === boot.data);
  return [...new Set([...first, ...own])].slice(0, 64);
}

import { UnclaimedDevice } from '../../protocol/identity.ts';
import { needsDriver } from '../pci-class.ts';
import { registryData } from './query/reg-output.ts';
import type { Registry } from './query/registry.ts';

const PCI_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Enum\\PCI';
const MAX_DEVICES = 256;

/** A PCI device as Plug and Play found it. */
export interface PciDevice {
  /** Most specific first: `PCI\VEN_8086&DEV_15F3&SUBSYS_…&REV_03`. */
  readonly hardwareIds: readonly string[];
  /** Six hex digits, lower case; empty where none of its ids tells it. */
  readonly pciClass: string;
  /** Whether a driver has been chosen for it. */
  readonly hasDriver: boolean;
}

/** What stands in the registry on PCI devices. In a Windows PE, which begins anew, all of them are there. */
export async function pciDevices(registry: Registry, signal: AbortSignal): Promise<PciDevice[]> {
  const keys = await registry.tree(PCI_KEY, '64', signal);
  return keys.flatMap(({ values }) => {
    const strings = (name: string): string[] => {
      const value = values.find((each) => each.name.toLowerCase() === name);
      return value ? registryData(value.type, value.data).split('\n').filter(Boolean) : [];
    };
    const hardwareIds = strings('hardwareid');
    if (hardwareIds.length === 0) return [];
    const ids = [...hardwareIds, ...strings('compatibleids')].join('\n');
    const pciClass = /CC_([0-9A-F]{6})/i.exec(ids)?.[1]?.toLowerCase() ?? '';
    return [{ hardwareIds, pciClass, hasDriver: strings('service').length > 0 }];
  });
}

/** Those that a deployment may miss a driver for. Pure. */
export function unclaimed(devices: readonly PciDevice[]): UnclaimedDevice[] {
  const found = devices.flatMap(({ hardwareIds, pciClass, hasDriver }) => {
    const [, vendor, device] =
      /VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})/i.exec(hardwareIds[0] ?? '') ?? [];
    const [, subsystem] = /SUBSYS_([0-9A-F]{8})/i.exec(hardwareIds[0] ?? '') ?? [];
    const [, revision] = /REV_([0-9A-F]{2})\b/i.exec(hardwareIds[0] ?? '') ?? [];
    const parsed = UnclaimedDevice.safeParse({
      vendor: vendor?.toLowerCase(),
      device: device?.toLowerCase(),
      pciClass,
      subsystem: subsystem?.toLowerCase(),
      revision: revision?.toLowerCase(),
    });
    return !hasDriver && parsed.success && needsDriver(pciClass) ? [parsed.data] : [];
  });
  return found.slice(0, MAX_DEVICES);
}

/** Network controllers (class 02). Pure. */
export function networkCards(devices: readonly PciDevice[]): PciDevice[] {
  return devices.filter(({ pciClass }) => pciClass.startsWith('02'));
}

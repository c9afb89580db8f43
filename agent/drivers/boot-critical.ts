import type { HardwareDevice } from '../sequence/windows-capability.ts';
import type { DriverFacts } from './driver-facts.ts';
import { matchDriver } from './match.ts';
import type { DriverTarget } from './target-os.ts';

/** Class 01 of PCI but for floppy disks, and the storage controllers of Hyper-V. */
const PCI_STORAGE = /^PCI\\(?:[^\\]*&)?CC_01(?!02)/i;
const HYPER_V_STORAGE =
  /^VMBUS\\\{(?:ba6163d9-04a1-4d29-b605-72e2ffb1dc7f|32412632-86cb-44a2-9b5c-50d1417354f5)\}/i;

/** What of a Windows on a volume or in an image says whether it could start from a disk. */
export interface ImageDrivers {
  readonly os: DriverTarget;
  /** Of its driver store and INF folder. */
  readonly drivers: readonly DriverFacts[];
  /** Names of the services with Start = 0 in its SYSTEM hive. */
  readonly bootServices: readonly string[];
}

/** A storage controller that this Windows would not start from, and why. */
export interface MissingBootDriver {
  readonly device: HardwareDevice;
  readonly reason: /** No driver in it is for the device. */
    | { readonly kind: 'no-driver' }
    /** There are some, but the services they name are not started by the boot loader. */
    | { readonly kind: 'not-at-boot'; readonly inf: string; readonly services: readonly string[] };
}

/** Whether disks hang off a device: without its driver Windows stops with INACCESSIBLE_BOOT_DEVICE. */
export function isStorageController({ hardwareIds, compatibleIds }: HardwareDevice): boolean {
  return [...hardwareIds, ...compatibleIds].some(
    (id) => PCI_STORAGE.test(id) || HYPER_V_STORAGE.test(id),
  );
}

/**
 * The storage controllers among `devices` for which a Windows has no driver that its boot loader starts. One
 * is enough: which of several Windows takes is not asked. A driver that takes its service from another INF
 * file (`Needs`) is given the benefit of the doubt. Pure.
 */
export function missingBootDrivers(
  devices: readonly HardwareDevice[],
  { os, drivers, bootServices }: ImageDrivers,
): MissingBootDriver[] {
  const started = new Set(bootServices.map((name) => name.toLowerCase()));
  return devices.filter(isStorageController).flatMap((device): MissingBootDriver[] => {
    const found = drivers.flatMap((facts) => {
      // An extension goes beside a driver and is none.
      const match = facts.extensionId === null ? matchDriver(facts, device, os) : null;
      return match ? [{ facts, install: match.install }] : [];
    });
    const starts = found.some(({ install: { services, needs } }) =>
      services.length === 0 && needs.length > 0
        ? true
        : services.some(({ name }) => started.has(name.toLowerCase())),
    );
    if (starts) return [];
    const [first] = found;
    if (!first) return [{ device, reason: { kind: 'no-driver' } }];
    const services = first.install.services.map(({ name }) => name);
    return [{ device, reason: { kind: 'not-at-boot', inf: first.facts.inf, services } }];
  });
}

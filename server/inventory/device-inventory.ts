import type { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import type { Device } from './device.ts';

/**
 * All that is known of one device under flat names, for what asks by name: queries, reports, lists. Null or
 * an empty list where it is not known. Times are milliseconds since 1970.
 */
export interface DeviceInventory {
  readonly id: string;
  readonly name: string;
  readonly state: Device['state'];
  readonly notes: string;
  readonly createdMs: number;
  readonly lastSeenMs: number | null;
  readonly smbiosGuid: string | null;
  readonly macAddresses: readonly string[];
  readonly serialNumber: string | null;
  readonly assetTag: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly systemSku: string | null;
  readonly systemFamily: string | null;
  readonly boardManufacturer: string | null;
  readonly boardProduct: string | null;
  readonly biosVendor: string | null;
  readonly biosVersion: string | null;
  /** `2024-03-18`. */
  readonly biosDate: string | null;
  /** SMBIOS type 3, +0x05: 3 desktop, 10 notebook ... */
  readonly chassisType: number | null;
  readonly architecture: string | null;
  readonly firmware: string | null;
  readonly secureBoot: boolean | null;
  /** `2.0` or `1.2`; empty where there is none. */
  readonly tpmVersion: string | null;
  readonly processor: string | null;
  readonly processorCores: number | null;
  readonly processorThreads: number | null;
  readonly memoryBytes: number | null;
  readonly diskModels: readonly string[];
  readonly diskSizesBytes: readonly number[];
  readonly networkAdapters: readonly string[];
  /** `8086:15f3`. */
  readonly networkPciIds: readonly string[];
  /** Devices without a driver in the boot environment, `8086:15f3 (020000)`. */
  readonly unclaimedDevices: readonly string[];
  /** IP address that it last registered from. */
  readonly address: string | null;
  /** Interface of this server on which its last network boot was heard. */
  readonly interfaceName: string | null;
  /** DHCP relay of its subnet (giaddr); null where it boots beside the server. */
  readonly relay: string | null;
  /** Switch port: circuit id of option 82, where relay or switch adds it. */
  readonly port: string | null;
}

/** What was kept of a machine at one start. */
export interface KeptInventory {
  readonly hardware: HardwareInventory | null;
  readonly secureBoot: boolean;
  readonly memoryBytes: number;
}

/** Lays the record of a device and what was kept of its last start side by side. */
export function deviceInventory(device: Device, kept: KeptInventory | null): DeviceInventory {
  const { seenAt, ...record } = device;
  const hardware = kept?.hardware;
  const named = (texts: readonly (string | null)[] | undefined) =>
    (texts ?? []).filter((text) => text !== null);
  return {
    ...record,
    systemSku: hardware?.systemSku ?? null,
    systemFamily: hardware?.systemFamily ?? null,
    boardManufacturer: hardware?.boardManufacturer ?? null,
    boardProduct: hardware?.boardProduct ?? null,
    biosVendor: hardware?.biosVendor ?? null,
    biosVersion: hardware?.biosVersion ?? null,
    biosDate: hardware?.biosDate ?? null,
    chassisType: hardware?.chassisType ?? null,
    secureBoot: kept?.secureBoot ?? null,
    tpmVersion: hardware?.tpmVersion ?? null,
    processor: hardware?.processor ?? null,
    processorCores: hardware?.processorCores ?? null,
    processorThreads: hardware?.processorThreads ?? null,
    memoryBytes: kept?.memoryBytes ?? null,
    diskModels: named(hardware?.disks.map(({ model }) => model)),
    diskSizesBytes: (hardware?.disks ?? []).flatMap(({ sizeBytes }) => sizeBytes ?? []),
    networkAdapters: named(hardware?.networkAdapters.map(({ name }) => name)),
    networkPciIds: named(hardware?.networkAdapters.map(({ pciId }) => pciId)),
    address: seenAt?.address ?? null,
    interfaceName: seenAt?.interfaceName ?? null,
    relay: seenAt?.relay ?? null,
    port: seenAt?.port ?? null,
  };
}

/** Whether two starts found the same machine: then one entry is kept of both. */
export function sameInventory(one: KeptInventory, other: KeptInventory): boolean {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other));
}

/** Parts in an order of their own: which of two disks a kernel finds first differs from boot to boot. */
function canonical({ hardware, secureBoot, memoryBytes }: KeptInventory): unknown {
  const sorted = (parts: readonly object[]) => parts.map((part) => JSON.stringify(part)).sort();
  return [
    secureBoot,
    memoryBytes,
    hardware === null
      ? null
      : {
          ...hardware,
          disks: sorted(hardware.disks),
          networkAdapters: sorted(hardware.networkAdapters),
        },
  ];
}

import { pciDeviceIds } from '#agent/drivers/pci-ids.ts';
import type { UnclaimedDevice } from '#agent/protocol/identity.ts';
import type { HardwareDevice } from '#agent/sequence/windows-capability.ts';

/** As the record of a machine has it: `8086:15f3 (020000) subsys 00008086 rev 03`. */
export function formatUnclaimed(device: UnclaimedDevice): string {
  const { vendor, device: number, pciClass, subsystem, revision } = device;
  const board = subsystem === undefined ? '' : ` subsys ${subsystem}`;
  return `${vendor}:${number} (${pciClass})${board}${revision === undefined ? '' : ` rev ${revision}`}`;
}

/** Reads it back as Windows names the device; undefined for what is none. */
export function parseUnclaimed(
  text: string,
): (HardwareDevice & { readonly pciClass: string }) | undefined {
  const [, vendor, device, pciClass, subsystem, revision] =
    /^([0-9a-f]{4}):([0-9a-f]{4}) \(([0-9a-f]{6})\)(?: subsys ([0-9a-f]{8}))?(?: rev ([0-9a-f]{2}))?$/.exec(
      text,
    ) ?? [];
  if (vendor === undefined || device === undefined || pciClass === undefined) return undefined;
  const ids = pciDeviceIds({ vendor, device, pciClass, subsystem, revision });
  const name = `PCI\\VEN_${vendor}&DEV_${device}`.toUpperCase();
  return { name, pciClass, ...ids };
}

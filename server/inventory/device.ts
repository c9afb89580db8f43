import type {
  DeviceId,
  FirmwareKind,
  MacAddress,
  MachineArchitecture,
  MachineIdentity,
  SmbiosGuid,
} from '#agent/protocol/identity.ts';
import { automaticName } from './device-name.ts';
import type { SeenAt } from './seen-at.ts';
import { formatUnclaimed } from './unclaimed-device.ts';

/**
 * `waiting`: unknown and not approved; `approved`: unknown, may be deployed to as a member of All
 * Unknown Computers; `known`: imported, or a run on it has succeeded; `ignored`: refused.
 */
export type DeviceState = 'waiting' | 'approved' | 'known' | 'ignored';

/** The server's record of one machine. */
export interface Device {
  readonly id: DeviceId;
  readonly name: string;
  readonly state: DeviceState;
  readonly smbiosGuid: SmbiosGuid | null;
  readonly macAddresses: readonly MacAddress[];
  readonly serialNumber: string | null;
  readonly assetTag: string | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly architecture: MachineArchitecture | null;
  readonly firmware: FirmwareKind | null;
  /** `8086:15f3 (020000)`, `8086:15f3 (020000) subsys 00008086 rev 03`: devices no driver of the boot environment claimed. */
  readonly unclaimedDevices: readonly string[];
  /** Free text of the operators. */
  readonly notes: string;
  /** Null before it has registered. */
  readonly seenAt: SeenAt | null;
  readonly createdMs: number;
  readonly lastSeenMs: number | null;
}

/** When and where a machine said something. */
export interface Sighting {
  readonly nowMs: number;
  /** Where that is not known the record keeps what it has. */
  readonly seenAt?: SeenAt | null;
}

/** What a machine has just said of itself, laid over its record. A MAC once known is kept. */
export function learnIdentity(
  device: Device,
  identity: MachineIdentity,
  { nowMs, seenAt }: Sighting,
): Device {
  return {
    ...device,
    smbiosGuid: device.smbiosGuid ?? identity.smbiosGuid,
    macAddresses: [...new Set([...device.macAddresses, ...identity.macAddresses])],
    serialNumber: identity.serialNumber ?? device.serialNumber,
    assetTag: identity.assetTag ?? device.assetTag,
    manufacturer: identity.manufacturer ?? device.manufacturer,
    model: identity.model ?? device.model,
    architecture: identity.architecture,
    firmware: identity.firmware,
    seenAt: seenAt ? learnPlace(device.seenAt, seenAt) : device.seenAt,
    unclaimedDevices: identity.unclaimedDevices.map(formatUnclaimed),
    lastSeenMs: nowMs,
  };
}

/** Where its network boot was not heard, as after a restart of the server, the port is where it was. */
function learnPlace(before: SeenAt | null, now: SeenAt): SeenAt {
  if (before === null || now.interfaceName !== null) return now;
  return { ...before, address: now.address, atMs: now.atMs };
}

/** The record of a machine that was seen for the first time. */
export function newDevice(
  id: DeviceId,
  identity: MachineIdentity,
  at: Sighting & { readonly state: DeviceState },
): Device {
  const blank: Device = {
    id,
    name: automaticName({ id, macAddresses: identity.macAddresses }),
    state: at.state,
    smbiosGuid: null,
    macAddresses: [],
    serialNumber: null,
    assetTag: null,
    manufacturer: null,
    model: null,
    architecture: null,
    firmware: null,
    unclaimedDevices: [],
    notes: '',
    seenAt: null,
    createdMs: at.nowMs,
    lastSeenMs: at.nowMs,
  };
  return learnIdentity(blank, identity, at);
}

import type { MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { NetbootDevice, NetbootSnapshot, NetbootTarget } from './snapshot.ts';

/** The records that network boots are decided by, as they come and go one by one. */
export interface DeviceTable extends Pick<NetbootSnapshot, 'byMac' | 'byGuid'> {
  /** Puts a record in the place of the one of the same device. */
  readonly put: (device: NetbootDevice) => void;
  readonly remove: (deviceId: string) => void;
  /** All records, in no order. */
  readonly all: () => Iterable<NetbootDevice>;
}

/** One record, or all that have an identifier: that identifies none of them then. */
type Owners = NetbootDevice | readonly NetbootDevice[];

/** Makes an empty table. An identifier that two records have identifies neither. */
export function makeDeviceTable(): DeviceTable {
  const devices = new Map<string, NetbootDevice>();
  const macs = new Map<MacAddress, Owners>();
  const guids = new Map<SmbiosGuid, Owners>();
  const remove = (deviceId: string) => {
    const before = devices.get(deviceId);
    if (before === undefined) return;
    devices.delete(deviceId);
    for (const mac of before.macs) leave(macs, mac, before);
    if (before.guid !== null) leave(guids, before.guid, before);
  };
  return {
    byMac: { get: (mac) => only(macs.get(mac)) },
    byGuid: { get: (guid) => only(guids.get(guid)) },
    put(device) {
      remove(device.target.deviceId);
      devices.set(device.target.deviceId, device);
      for (const mac of new Set(device.macs)) join(macs, mac, device);
      if (device.guid !== null) join(guids, device.guid, device);
    },
    remove,
    all: () => devices.values(),
  };
}

function only(owners: Owners | undefined): NetbootTarget | undefined {
  return owners === undefined || isSeveral(owners) ? undefined : owners.target;
}

function join<Key>(table: Map<Key, Owners>, key: Key, device: NetbootDevice): void {
  const before = table.get(key);
  if (before === undefined) table.set(key, device);
  else table.set(key, isSeveral(before) ? [...before, device] : [before, device]);
}

function leave<Key>(table: Map<Key, Owners>, key: Key, device: NetbootDevice): void {
  const before = table.get(key);
  if (before === undefined) return;
  const left = isSeveral(before) ? before.filter((one) => one !== device) : [];
  const [first] = left;
  if (first === undefined) table.delete(key);
  else table.set(key, left.length === 1 ? first : left);
}

function isSeveral(owners: Owners): owners is readonly NetbootDevice[] {
  return Array.isArray(owners);
}

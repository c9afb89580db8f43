import { MacAddress } from '#agent/protocol/identity.ts';
import { DeviceView } from '../http/api.ts';
import type { ApiClient } from './api-client.ts';
import { findByName } from './find-by-name.ts';

/** Finds a device by id (or its beginning), name, serial number, asset tag, GUID or MAC in any spelling. */
export function findDevice(devices: readonly DeviceView[], wanted: string): DeviceView {
  const mac = MacAddress.safeParse(wanted);
  return findByName(devices, mac.success ? mac.data : wanted, {
    what: 'device',
    listCommand: 'metalwright device list',
    names: (device) => [
      device.id,
      device.name,
      device.serialNumber,
      device.assetTag,
      device.smbiosGuid,
      ...device.macAddresses,
    ],
    label: (device) => `${device.name} (${device.id.slice(0, 8)})`,
    prefix: true,
  });
}

/** Devices by name: all, or those that fit. */
export function listDevices(
  api: ApiClient,
  filter: { readonly search?: string; readonly state?: DeviceView['state'] } = {},
): Promise<DeviceView[]> {
  const query = new URLSearchParams(
    Object.entries(filter).filter(([, text]) => text !== '' && text !== undefined),
  ).toString();
  return api.list(`/devices${query === '' ? '' : `?${query}`}`, DeviceView);
}

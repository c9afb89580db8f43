import { DeviceId, MacAddress } from '#agent/protocol/identity.ts';
import type { Device } from '../device.ts';

/** A known device for tests, of which nothing is known but what is given. */
export function testDevice({
  macAddresses = [],
  ...given
}: Partial<Omit<Device, 'macAddresses'>> & { readonly macAddresses?: readonly string[] }): Device {
  return {
    id: DeviceId.parse('00000000-0000-4000-8000-000000000001'),
    name: 'PC',
    state: 'known',
    smbiosGuid: null,
    serialNumber: null,
    assetTag: null,
    manufacturer: null,
    model: null,
    architecture: null,
    firmware: null,
    unclaimedDevices: [],
    notes: '',
    seenAt: null,
    createdMs: 0,
    lastSeenMs: null,
    ...given,
    macAddresses: macAddresses.map((mac) => MacAddress.parse(mac)),
  };
}

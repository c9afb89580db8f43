import { MachineIdentity } from '#agent/protocol/identity.ts';

/** What a machine says of itself, for tests: one MAC address and what is given, as text where that is branded. */
export function testIdentity(
  given: Partial<Record<keyof MachineIdentity, unknown>> = {},
): MachineIdentity {
  return MachineIdentity.parse({
    smbiosGuid: null,
    macAddresses: ['02:00:00:00:00:0a'],
    serialNumber: null,
    assetTag: null,
    manufacturer: null,
    model: null,
    architecture: 'x64',
    firmware: 'uefi',
    secureBoot: false,
    memoryBytes: 1,
    ...given,
  });
}

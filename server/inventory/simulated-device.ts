import { isPlaceholderGuid } from '#agent/protocol/identity.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import type { Device } from './device.ts';

/**
 * What a simulation knows of a device: what its record has, and its variables. Disks and memory are not in
 * the record: what asks for them is not known.
 */
export function describeDevice(
  device: Device,
  variables: readonly VariableChange[],
): Readonly<Record<string, unknown>> {
  const { name, manufacturer, model, serialNumber, assetTag, smbiosGuid } = device;
  const known = {
    manufacturer: manufacturer || null,
    model: model || null,
    serialNumber: serialNumber || null,
    assetTag: assetTag || null,
    smbiosGuid: smbiosGuid === null || isPlaceholderGuid(smbiosGuid) ? null : smbiosGuid,
  };
  return {
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null)),
    name,
    macAddresses: [...device.macAddresses],
    firmware: device.firmware ?? 'uefi',
    architecture: device.architecture ?? 'x64',
    notes: [
      ...(device.firmware === null ? ['it has not booted here yet: UEFI is assumed'] : []),
      ...(device.architecture === null ? ['its architecture is not known: x64 is assumed'] : []),
    ],
    variables: Object.fromEntries(
      variables.map((variable) => [
        variable.name,
        { value: variable.value, secret: variable.secret },
      ]),
    ),
  };
}

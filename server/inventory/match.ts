import {
  isPlaceholderGuid,
  type MacAddress,
  type MachineIdentity,
  type SmbiosGuid,
} from '#agent/protocol/identity.ts';
import type { Device } from './device.ts';

/** Identifiers an operator has listed as found in many machines: not used to identify. */
export interface SharedIdentifiers {
  readonly macs: ReadonlySet<MacAddress>;
  readonly guids: ReadonlySet<SmbiosGuid>;
}

/**
 * `device` null: no record is this machine's. `conflicts`: records that share an identifier with it.
 * `sure`: what tells machines apart says that it is this one, its GUID or a MAC address together with the
 * serial number; a MAC address alone moves with a dock or a card.
 */
export interface DeviceMatch {
  readonly device: Device | null;
  readonly by: 'guid' | 'mac' | 'serial' | null;
  readonly sure: boolean;
  readonly conflicts: readonly { readonly device: Device; readonly why: string }[];
}

/** GUIDs that firmware makers ship unset, beside all-zero and all-FF (SMBIOS 7.2.1). */
const vendorPlaceholderGuids: ReadonlySet<string> = new Set([
  '03000200-0400-0500-0006-000700080009', // AMI's default, by the thousand
  '12345678-1234-5678-90ab-cddeefaabbcc',
  'fefefefe-fefe-fefe-fefe-fefefefefefe',
]);

const placeholderSerial =
  /^(0+|none|n\/a|not (specified|applicable|available)|default string|to be filled by o\.?e\.?m\.?|system serial number|(chassis )?serial number|unknown|0?123456789|invalid|x+|\.+)?$/i;

/** Whether a GUID tells machines apart: no placeholder and not on the operator's list. */
export function identifiesByGuid(
  guid: SmbiosGuid | null,
  shared: SharedIdentifiers,
): guid is SmbiosGuid {
  return (
    guid !== null &&
    !isPlaceholderGuid(guid) &&
    !vendorPlaceholderGuids.has(guid) &&
    !shared.guids.has(guid)
  );
}

/** Whether a serial number is one, and not what a firmware says when nobody wrote it. */
function isRealSerial(serial: string | null): serial is string {
  return serial !== null && !placeholderSerial.test(serial.trim());
}

/**
 * Finds the record of a machine: by GUID, then MAC, then serial number. Each stronger identifier that
 * contradicts a weaker one wins, so that a dock that moved, or a board maker that burned one GUID
 * into all boards, never hands one machine another's record.
 *
 * @param candidates all records that have any of its identifiers; others do no harm.
 */
export function matchDevice(
  identity: Pick<MachineIdentity, 'smbiosGuid' | 'macAddresses' | 'serialNumber' | 'manufacturer'>,
  candidates: readonly Device[],
  shared: SharedIdentifiers,
): DeviceMatch {
  const macs = identity.macAddresses.filter((mac) => !shared.macs.has(mac));
  const conflicts: { device: Device; why: string }[] = [];
  const hasMac = (device: Device) => device.macAddresses.some((mac) => macs.includes(mac));
  const serialDiffers = (device: Device) =>
    isRealSerial(identity.serialNumber) &&
    isRealSerial(device.serialNumber) &&
    device.serialNumber.trim() !== identity.serialNumber.trim();
  const found = (device: Device, by: NonNullable<DeviceMatch['by']>): DeviceMatch => {
    for (const other of candidates)
      if (other.id !== device.id && hasMac(other))
        conflicts.push({ device: other, why: `has the MAC address too, ${by} decides` });
    const sure =
      by === 'guid' ||
      (by === 'mac' &&
        isRealSerial(identity.serialNumber) &&
        identity.serialNumber.trim() === device.serialNumber?.trim());
    return { device, by, sure, conflicts };
  };

  if (identifiesByGuid(identity.smbiosGuid, shared)) {
    const same = candidates.filter((device) => device.smbiosGuid === identity.smbiosGuid);
    const mine = same.filter((device) => hasMac(device) || !serialDiffers(device));
    for (const device of same)
      if (!mine.includes(device))
        conflicts.push({ device, why: 'has the same GUID, but another serial number and no MAC' });
    const one = mine.length === 1 ? mine[0] : narrow(mine, hasMac, serialDiffers);
    if (one !== undefined) return found(one, 'guid');
  }

  const guidDiffers = (device: Device) =>
    identifiesByGuid(identity.smbiosGuid, shared) &&
    identifiesByGuid(device.smbiosGuid, shared) &&
    device.smbiosGuid !== identity.smbiosGuid;

  const byMac = candidates.filter(hasMac);
  for (const device of byMac)
    if (guidDiffers(device)) conflicts.push({ device, why: 'has the MAC address, another GUID' });
  const macMatches = byMac.filter((device) => !guidDiffers(device) && !serialDiffers(device));
  const [onlyByMac] = macMatches;
  if (onlyByMac !== undefined && macMatches.length === 1) return found(onlyByMac, 'mac');
  for (const device of macMatches) conflicts.push({ device, why: 'several records have its MACs' });
  if (macMatches.length > 1) return { device: null, by: null, sure: false, conflicts };

  const bySerial = candidates.filter(
    (device) =>
      isRealSerial(identity.serialNumber) &&
      device.serialNumber?.trim() === identity.serialNumber.trim() &&
      !guidDiffers(device) &&
      (device.manufacturer === null || device.manufacturer === identity.manufacturer),
  );
  const [onlyBySerial] = bySerial;
  if (onlyBySerial !== undefined && bySerial.length === 1) return found(onlyBySerial, 'serial');
  return { device: null, by: null, sure: false, conflicts };
}

/** Of several records with one GUID: the only one with a MAC, else the only one with the serial. */
function narrow(
  devices: readonly Device[],
  hasMac: (device: Device) => boolean,
  serialDiffers: (device: Device) => boolean,
): Device | undefined {
  const byMac = devices.filter(hasMac);
  if (byMac.length === 1) return byMac[0];
  const bySerial = (byMac.length > 1 ? byMac : devices).filter((device) => !serialDiffers(device));
  return bySerial.length === 1 ? bySerial[0] : undefined;
}

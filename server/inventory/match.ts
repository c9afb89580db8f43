import type { MacAddress, MachineIdentity, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { Device } from './device.ts';
import { isSet, isUnsetGuid, isUnsetMac } from './placeholder-identifiers.ts';

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

/** Whether a GUID tells machines apart: no placeholder and not on the operator's list. */
export function identifiesByGuid(
  guid: SmbiosGuid | null,
  shared: SharedIdentifiers,
): guid is SmbiosGuid {
  return guid !== null && !isUnsetGuid(guid) && !shared.guids.has(guid);
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
  const macs = identity.macAddresses.filter((mac) => !shared.macs.has(mac) && !isUnsetMac(mac));
  const conflicts: { device: Device; why: string }[] = [];
  const hasMac = (device: Device) => device.macAddresses.some((mac) => macs.includes(mac));
  const serials = (device: Device): 'same' | 'differ' | 'unknown' =>
    compareSerials(identity, device);
  const serialDiffers = (device: Device) => serials(device) === 'differ';
  /** Both have adapters of their own, and none in common. */
  const macsDiffer = (device: Device) =>
    macs.length > 0 &&
    !hasMac(device) &&
    device.macAddresses.some((mac) => !shared.macs.has(mac) && !isUnsetMac(mac));
  const found = (device: Device, by: NonNullable<DeviceMatch['by']>): DeviceMatch => {
    for (const other of candidates)
      if (other.id !== device.id && hasMac(other))
        conflicts.push({ device: other, why: `has the MAC address too, ${by} decides` });
    const sure =
      (by === 'guid' && !macsDiffer(device)) || (by === 'mac' && serials(device) === 'same');
    return { device, by, sure, conflicts };
  };

  if (identifiesByGuid(identity.smbiosGuid, shared)) {
    const same = candidates.filter((device) => device.smbiosGuid === identity.smbiosGuid);
    // A GUID that a maker has burned into many boards looks like one that is this machine's: something has to confirm it.
    const mine = same.filter(
      (device) =>
        hasMac(device) ||
        serials(device) === 'same' ||
        (!serialDiffers(device) && !macsDiffer(device)),
    );
    for (const device of same)
      if (!mine.includes(device))
        conflicts.push({
          device,
          why: serialDiffers(device)
            ? 'has the same GUID, but another serial number and no MAC'
            : 'has the same GUID, but no MAC address and no serial number that says the same',
        });
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

  for (const device of candidates)
    if (serials(device) === 'same' && guidDiffers(device) && isSameMaker(identity, device))
      conflicts.push({
        device,
        why: 'has the same serial number, another GUID: the board was changed, or one of them has a copied serial number',
      });
  const bySerial = candidates.filter(
    (device) => serials(device) === 'same' && !guidDiffers(device) && isSameMaker(identity, device),
  );
  const [onlyBySerial] = bySerial;
  if (onlyBySerial !== undefined && bySerial.length === 1) return found(onlyBySerial, 'serial');
  return { device: null, by: null, sure: false, conflicts };
}

function compareSerials(
  one: Pick<MachineIdentity, 'serialNumber'>,
  other: Pick<MachineIdentity, 'serialNumber'>,
): 'same' | 'differ' | 'unknown' {
  if (!isSet(one.serialNumber) || !isSet(other.serialNumber)) return 'unknown';
  return one.serialNumber.trim() === other.serialNumber.trim() ? 'same' : 'differ';
}

function isSameMaker(
  { manufacturer }: Pick<MachineIdentity, 'manufacturer'>,
  device: Device,
): boolean {
  return device.manufacturer === null || device.manufacturer === manufacturer;
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

/**
 * MAC addresses of a machine that a record of another machine has too: other GUID, or other serial number
 * without a GUID that says otherwise. They are of a dock or an adapter that goes from hand to hand.
 */
export function learnedMacs(
  identity: Pick<MachineIdentity, 'smbiosGuid' | 'macAddresses' | 'serialNumber'>,
  candidates: readonly Device[],
  shared: SharedIdentifiers,
): readonly { readonly mac: MacAddress; readonly other: Device }[] {
  const isOther = (device: Device): boolean => {
    const both =
      identifiesByGuid(identity.smbiosGuid, shared) && identifiesByGuid(device.smbiosGuid, shared);
    const serials = compareSerials(identity, device);
    // One serial number and two GUIDs: a board that was changed, whose adapter went along.
    if (both) return device.smbiosGuid !== identity.smbiosGuid && serials !== 'same';
    return serials === 'differ';
  };
  const others = candidates.filter(isOther);
  return identity.macAddresses.flatMap((mac) => {
    const other = others.find(({ macAddresses }) => macAddresses.includes(mac));
    return other === undefined || shared.macs.has(mac) ? [] : [{ mac, other }];
  });
}

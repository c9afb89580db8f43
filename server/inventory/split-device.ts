import { type DeviceId, MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { Device } from './device.ts';
import { serialKey } from './device-keys.ts';
import { automaticName, isAutomaticName } from './device-name.ts';
import { InventoryError } from './error.ts';
import { identifiesByGuid, type SharedIdentifiers } from './match.ts';
import { isSet, isUnsetMac } from './placeholder-identifiers.ts';

/** Which identifiers of a record are another machine's. */
export interface SplitWish {
  /** Those of the other machine alone: MAC addresses, GUID, serial number or asset tag, in any spelling. */
  readonly identifiers: readonly string[];
  /** MAC addresses and the GUID that both machines have: they identify neither from now on. */
  readonly both: readonly string[];
  /** Of the new record; the automatic one where it is left out. */
  readonly name?: string | undefined;
}

/** Two records, and what is listed as shared because both have it. */
export interface SplitDevice {
  readonly rest: Device;
  readonly made: Device;
  readonly shared: readonly {
    readonly kind: 'mac' | 'guid';
    readonly value: MacAddress | SmbiosGuid;
  }[];
}

type Identifiers = Pick<Device, 'macAddresses' | 'smbiosGuid' | 'serialNumber' | 'assetTag'>;

/**
 * Gives identifiers of a record to a new one, which waits for approval: nothing runs on the machine before
 * somebody has looked. Make, model and the like stay in both; each start tells them anew.
 * @throws {InventoryError} `device.split-identifier`, `device.split-nothing`
 */
export function splitDevice(
  device: Device,
  wish: SplitWish,
  at: { readonly newId: DeviceId; readonly nowMs: number; readonly shared: SharedIdentifiers },
): SplitDevice {
  const taken = pick(device, wish.identifiers);
  const both = pick(device, wish.both);
  if (both.serialNumber !== null || both.assetTag !== null)
    throw new InventoryError(
      'device.split-identifier',
      'A serial number and an asset tag are of one machine: only MAC addresses and the GUID can be of both',
      { hint: 'Name it as an identifier of the new record, or leave it out.' },
    );
  const goes = new Set<MacAddress>([...taken.macAddresses, ...both.macAddresses]);
  const rest: Device = {
    ...device,
    macAddresses: device.macAddresses.filter((mac) => !goes.has(mac)),
    smbiosGuid: taken.smbiosGuid === null && both.smbiosGuid === null ? device.smbiosGuid : null,
    serialNumber: taken.serialNumber === null ? device.serialNumber : null,
    assetTag: taken.assetTag === null ? device.assetTag : null,
  };
  const blank: Device = {
    ...device,
    ...taken,
    id: at.newId,
    state: 'waiting',
    notes: '',
    seenAt: null,
    createdMs: at.nowMs,
    lastSeenMs: null,
  };
  const shared = {
    macs: new Set([...at.shared.macs, ...both.macAddresses]),
    guids: new Set([...at.shared.guids, ...(both.smbiosGuid === null ? [] : [both.smbiosGuid])]),
  };
  for (const [one, what] of [
    [blank, 'the new record'],
    [rest, `"${device.name}"`],
  ] as const)
    if (!isIdentified(one, shared))
      throw new InventoryError(
        'device.split-nothing',
        `Nothing would be left by which ${what} could be known`,
        { hint: 'Each needs a MAC address, a GUID or a serial number that only one machine has.' },
      );
  return {
    // Named after a MAC address that is another machine's now, it would be mistaken for that one.
    rest: isAutomaticName(device) ? { ...rest, name: automaticName(rest) } : rest,
    made: { ...blank, name: wish.name ?? automaticName(blank) },
    shared: [
      ...both.macAddresses.map((value) => ({ kind: 'mac', value }) as const),
      ...(both.smbiosGuid === null ? [] : [{ kind: 'guid', value: both.smbiosGuid } as const]),
    ],
  };
}

/** What texts mean of a record. @throws {InventoryError} `device.split-identifier` */
function pick(device: Device, texts: readonly string[]): Identifiers {
  const found = {
    macAddresses: new Array<MacAddress>(),
    smbiosGuid: null as SmbiosGuid | null,
    serialNumber: null as string | null,
    assetTag: null as string | null,
  };
  for (const text of texts) {
    const mac = MacAddress.safeParse(text).data;
    const guid = SmbiosGuid.safeParse(text.replaceAll(/[{}]/g, '')).data;
    const key = serialKey(text);
    if (mac !== undefined && device.macAddresses.includes(mac)) found.macAddresses.push(mac);
    else if (guid !== undefined && device.smbiosGuid === guid) found.smbiosGuid = guid;
    else if (key !== '' && serialKey(device.serialNumber) === key)
      found.serialNumber = device.serialNumber;
    else if (key !== '' && serialKey(device.assetTag) === key) found.assetTag = device.assetTag;
    else
      throw new InventoryError(
        'device.split-identifier',
        `${JSON.stringify(text)} is no identifier of "${device.name}"`,
        {
          hint: '"metalwright device show" tells its MAC addresses, GUID, serial number and asset tag',
        },
      );
  }
  return found;
}

/** Whether a machine with these identifiers would be found again (match.ts). */
function isIdentified(one: Identifiers, shared: SharedIdentifiers): boolean {
  return (
    identifiesByGuid(one.smbiosGuid, shared) ||
    one.macAddresses.some((mac) => !shared.macs.has(mac) && !isUnsetMac(mac)) ||
    isSet(one.serialNumber)
  );
}

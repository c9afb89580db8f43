import type { HardwareDevice } from '../sequence/windows-capability.ts';

/** What is known of a PCI device, in hex digits without `0x`. */
export interface PciFacts {
  readonly vendor: string;
  readonly device: string;
  /** Six digits, or empty where it is not known. */
  readonly pciClass: string;
  /** Device and vendor of the board, eight digits as Windows writes them; absent where they are not known. */
  readonly subsystem?: string | undefined;
  /** Two digits. */
  readonly revision?: string | undefined;
}

/**
 * The ids that Windows gives a PCI device, most specific first ("Identifiers for PCI Devices" of its driver
 * documentation). What is not known makes no id. Pure.
 */
export function pciDeviceIds(
  facts: PciFacts,
): Pick<HardwareDevice, 'hardwareIds' | 'compatibleIds'> {
  const [vendor, device, long, subsystem, revision] = [
    facts.vendor,
    facts.device,
    facts.pciClass,
    facts.subsystem ?? '',
    facts.revision ?? '',
  ].map((text) => text.toUpperCase());
  const id = `PCI\\VEN_${vendor}&DEV_${device}`;
  const short = long?.slice(0, 4) ?? '';
  const when = (known: string | undefined, ids: readonly string[]): readonly string[] =>
    known === undefined || known === '' ? [] : ids;
  return {
    hardwareIds: [
      ...when(subsystem, [
        ...when(revision, [`${id}&SUBSYS_${subsystem}&REV_${revision}`]),
        `${id}&SUBSYS_${subsystem}`,
      ]),
      ...when(long, [`${id}&CC_${long}`, `${id}&CC_${short}`]),
    ],
    compatibleIds: [
      ...when(revision, [`${id}&REV_${revision}`]),
      id,
      ...when(long, [`PCI\\VEN_${vendor}&CC_${long}`, `PCI\\VEN_${vendor}&CC_${short}`]),
      `PCI\\VEN_${vendor}`,
      ...when(long, [`PCI\\CC_${long}`, `PCI\\CC_${short}`]),
    ],
  };
}

/**
 * The device that an id of Windows names: of a PCI device also the less specific ids that it has with it. Pure.
 * @param id `PCI\VEN_8086&DEV_15F3&SUBSYS_00008086&REV_03`, `USB\VID_0BDA&PID_8153`, `ACPI\INT34C5`
 */
export function deviceOfId(id: string): HardwareDevice {
  const name = id.trim().toUpperCase();
  const [whole, vendor, device] = /^PCI\\VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})/.exec(name) ?? [];
  if (whole === undefined || vendor === undefined || device === undefined)
    return { name, hardwareIds: [name], compatibleIds: [] };
  const part = (pattern: RegExp): string | undefined => pattern.exec(name)?.[1];
  const ids = pciDeviceIds({
    vendor,
    device,
    pciClass: part(/&CC_([0-9A-F]{6})\b/) ?? '',
    subsystem: part(/&SUBSYS_([0-9A-F]{8})\b/),
    revision: part(/&REV_([0-9A-F]{2})\b/),
  });
  return { name, ...ids };
}

/**
 * The part of an id that names the kind of device and not the board that it is on: `PCI\VEN_8086&DEV_15F3` of
 * `PCI\VEN_8086&DEV_15F3&SUBSYS_…`. Other ids are all of it. Pure.
 */
export function baseOfId(id: string): string {
  const upper = id.toUpperCase();
  const [base] =
    /^[^\\]+\\(?:FUNC_[0-9A-F]+&)?(?:VEN_[^&\\]+&DEV_[^&\\]+|VID_[^&\\]+&PID_[^&\\]+)/.exec(
      upper,
    ) ?? [];
  return base ?? upper;
}

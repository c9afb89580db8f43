/**
 * What the drivers of disks and volumes answer, little-endian (ntdddisk.h, ntddstor.h, ntddvol.h). They speak no
 * language and round nothing, as diskpart does. Pure; an answer that is too short is undefined.
 */
import { parseGuid } from '#boot/bcd/guid.ts';
import type { DiskBus } from '../../../sequence/platform.ts';

/** Control codes; each needs no right to the data of a disk. */
export const control = {
  geometry: 0x0007_00a0, // IOCTL_DISK_GET_DRIVE_GEOMETRY_EX
  layout: 0x0007_0050, // IOCTL_DISK_GET_DRIVE_LAYOUT_EX
  attributes: 0x0007_00f0, // IOCTL_DISK_GET_DISK_ATTRIBUTES
  isWritable: 0x0007_0024, // IOCTL_DISK_IS_WRITABLE
  property: 0x002d_1400, // IOCTL_STORAGE_QUERY_PROPERTY
  scsiAddress: 0x0004_1018, // IOCTL_SCSI_GET_ADDRESS
  extents: 0x0056_0000, // IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS
} as const;
/** STORAGE_PROPERTY_ID. */
export const property = { device: 0, deviceId: 2 } as const;

/** STORAGE_BUS_TYPE (ntddstor.h). */
const busTypes: Readonly<Record<number, DiskBus>> = {
  1: 'scsi',
  2: 'ata',
  3: 'ata',
  6: 'fc',
  7: 'usb',
  8: 'raid',
  9: 'iscsi',
  10: 'sas',
  11: 'sata',
  12: 'sd',
  13: 'mmc',
  17: 'nvme',
};
const LAYOUT_ENTRIES_AT = 48;
const LAYOUT_ENTRY_BYTES = 144;
const MAX_PARTITIONS = 1024;

/** A STORAGE_PROPERTY_QUERY for a property, PropertyStandardQuery. */
export function propertyQuery(id: number): Uint8Array {
  const query = Buffer.alloc(12);
  query.writeUInt32LE(id, 0);
  return query;
}

/** DISK_GEOMETRY_EX. */
export function parseGeometry(
  answer: Uint8Array,
): { readonly sectorBytes: number; readonly sizeBytes: number } | undefined {
  if (answer.length < 32) return undefined;
  const view = viewOf(answer);
  return { sectorBytes: view.getUint32(20, true), sizeBytes: Number(view.getBigInt64(24, true)) };
}

/** STORAGE_DEVICE_DESCRIPTOR. Texts are what the maker wrote, without blanks around them. */
export interface DeviceDescriptor {
  readonly model: string;
  readonly serial: string;
  /** Removable medium, or on USB. */
  readonly removable: boolean;
  readonly bus: DiskBus;
}

/** Texts lie behind the structure, each at an offset that is 0 where there is none. */
export function parseDevice(answer: Uint8Array): DeviceDescriptor | undefined {
  if (answer.length < 32) return undefined;
  const view = viewOf(answer);
  const text = (fieldAt: number): string => {
    const at = view.getUint32(fieldAt, true);
    if (at === 0 || at >= answer.length) return '';
    const end = answer.indexOf(0, at);
    return Buffer.from(answer.subarray(at, end === -1 ? undefined : end))
      .toString('latin1')
      .trim();
  };
  const bus = busTypes[view.getUint32(28, true)] ?? 'other';
  return {
    model: [text(12), text(16)].filter((part) => part !== '').join(' '),
    serial: text(24),
    removable: answer[10] !== 0 || bus === 'usb',
    bus,
  };
}

/**
 * STORAGE_DEVICE_ID_DESCRIPTOR, the identifiers of SCSI's page 83h: the World Wide Name as Linux writes it,
 * `0x5002538d…` (NAA) or `eui.0025385…`; undefined where the disk tells none of itself.
 */
export function parseWorldWideName(answer: Uint8Array): string | undefined {
  if (answer.length < 12) return undefined;
  const view = viewOf(answer);
  const names = new Map<number, string>();
  let at = 12;
  for (let left = Math.min(view.getUint32(8, true), 64); left > 0; left -= 1) {
    // STORAGE_IDENTIFIER: CodeSet, Type, IdentifierSize, NextOffset, Association, Identifier.
    if (at + 16 > answer.length) break;
    const type = view.getUint32(at + 4, true);
    const size = view.getUint16(at + 8, true);
    const next = view.getUint16(at + 10, true);
    const ofDevice = view.getUint32(at + 12, true) === 0;
    const isBinary = view.getUint32(at, true) === 1;
    const bytes = Buffer.from(answer.subarray(at + 16, at + 16 + size));
    if (ofDevice && isBinary && bytes.some((byte) => byte !== 0) && !names.has(type))
      names.set(type, bytes.toString('hex'));
    if (next === 0) break;
    at += next;
  }
  const [naa, eui] = [names.get(3), names.get(2)];
  if (naa !== undefined) return `0x${naa}`;
  return eui === undefined ? undefined : `eui.${eui}`;
}

/** SCSI_ADDRESS as text: where the disk is plugged in, `scsi:0.0.1.0`. */
export function parseScsiAddress(answer: Uint8Array): string | undefined {
  if (answer.length < 8) return undefined;
  return `scsi:${answer[4]}.${answer[5]}.${answer[6]}.${answer[7]}`;
}

/** GET_DISK_ATTRIBUTES: what Windows itself notes of a disk, not what the disk says. */
export function parseAttributes(
  answer: Uint8Array,
): { readonly offline: boolean; readonly readOnly: boolean } | undefined {
  if (answer.length < 16) return undefined;
  const bits = viewOf(answer).getUint32(8, true);
  return { offline: (bits & 1) !== 0, readOnly: (bits & 2) !== 0 };
}

/** One partition of a DRIVE_LAYOUT_INFORMATION_EX. */
export interface LayoutEntry {
  /** As Windows and diskpart count. */
  readonly number: number;
  /** As the partition table counts: entry of the table, logical ones from 5. */
  readonly tableNumber: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Type GUID, or the type's byte in hexadecimal: `7`. Lower case. */
  readonly code: string;
  readonly active: boolean;
  /** GPT only. */
  readonly guid: string | undefined;
  /** GPT only. */
  readonly attributes: bigint;
  readonly name: string;
}
export interface DriveLayout {
  /** `raw`: no table that Windows knows. */
  readonly style: 'gpt' | 'mbr' | 'raw';
  /** GUID or signature, lower case; null of a disk without a table. */
  readonly id: string | null;
  readonly entries: readonly LayoutEntry[];
}

/** DRIVE_LAYOUT_INFORMATION_EX. */
export function parseLayout(answer: Uint8Array): DriveLayout | undefined {
  if (answer.length < LAYOUT_ENTRIES_AT) return undefined;
  const view = viewOf(answer);
  const style = ([undefined, 'gpt'] as const)[view.getUint32(0, true)] ?? 'mbr';
  if (view.getUint32(0, true) > 1) return { style: 'raw', id: null, entries: [] };
  const count = Math.min(view.getUint32(4, true), MAX_PARTITIONS);
  const rows = Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const from = LAYOUT_ENTRIES_AT + index * LAYOUT_ENTRY_BYTES;
    const bytes = answer.subarray(from, from + LAYOUT_ENTRY_BYTES);
    return bytes.length < LAYOUT_ENTRY_BYTES ? [] : [{ index, bytes }];
  });
  if (style === 'gpt') {
    const id = parseGuid(answer.subarray(8, 24));
    return { style, id, entries: rows.map(({ bytes }) => gptEntry(bytes)) };
  }
  const signature = view.getUint32(8, true).toString(16).padStart(8, '0');
  // Without a signature Windows takes an empty disk for one with an MBR.
  return { style, id: signature === '00000000' ? null : signature, entries: mbrEntries(rows) };
}

function gptEntry(bytes: Uint8Array): LayoutEntry {
  const view = viewOf(bytes);
  const number = view.getUint32(24, true);
  return {
    number,
    tableNumber: number,
    startBytes: Number(view.getBigInt64(8, true)),
    sizeBytes: Number(view.getBigInt64(16, true)),
    code: parseGuid(bytes.subarray(32, 48)),
    active: false,
    guid: parseGuid(bytes.subarray(48, 64)),
    attributes: view.getBigUint64(64, true),
    name: Buffer.from(bytes.subarray(72, 144)).toString('utf16le').split('\0', 1)[0] ?? '',
  };
}

/** Four entries of the MBR, then four of each extended one: the first of them is a logical partition. */
function mbrEntries(
  rows: readonly { readonly index: number; readonly bytes: Uint8Array }[],
): LayoutEntry[] {
  let logical = 4;
  return rows.flatMap(({ index, bytes }) => {
    const view = viewOf(bytes);
    const type = bytes[32] ?? 0;
    const sizeBytes = Number(view.getBigInt64(16, true));
    const isLink = index >= 4 && (type === 0x05 || type === 0x0f);
    if (type === 0 || sizeBytes === 0 || isLink) return [];
    return [
      {
        number: view.getUint32(24, true),
        tableNumber: index < 4 ? index + 1 : ++logical,
        startBytes: Number(view.getBigInt64(8, true)),
        sizeBytes,
        code: type.toString(16),
        active: bytes[33] !== 0,
        guid: undefined,
        attributes: 0n,
        name: '',
      },
    ];
  });
}

/** VOLUME_DISK_EXTENTS: the one place a volume lies at; undefined where it is on several, as dynamic ones. */
export function parseExtent(
  answer: Uint8Array,
): { readonly disk: number; readonly startBytes: number } | undefined {
  if (answer.length < 32) return undefined;
  const view = viewOf(answer);
  if (view.getUint32(0, true) !== 1) return undefined;
  return { disk: view.getUint32(8, true), startBytes: Number(view.getBigInt64(16, true)) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

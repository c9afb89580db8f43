/** What drivers of Windows answer of a disk, laid out by hand as ntdddisk.h, ntddstor.h and ntddvol.h have it. */
import type { LabPartition } from './disks.ts';

export const MODEL = 'Lab Disk';

/** DISK_GEOMETRY_EX. */
export function geometry(sizeBytes: number): Uint8Array {
  const bytes = Buffer.alloc(40);
  bytes.writeUInt32LE(12, 8); // FixedMedia
  bytes.writeUInt32LE(512, 20);
  bytes.writeBigInt64LE(BigInt(sizeBytes), 24);
  return bytes;
}

/** STORAGE_DEVICE_DESCRIPTOR of a SATA disk. */
export function deviceDescriptor(serial: string): Uint8Array {
  const head = Buffer.alloc(40);
  const model = Buffer.from(`${MODEL}\0`);
  head.writeUInt32LE(head.length, 16);
  head.writeUInt32LE(head.length + model.length, 24);
  head.writeUInt32LE(11, 28); // BusTypeSata
  return Buffer.concat([head, model, Buffer.from(`${serial}\0`)]);
}

/** DRIVE_LAYOUT_INFORMATION_EX of a GPT disk, or of one without a table. */
export function driveLayout(
  table: { readonly id: string; readonly partitions: readonly LabPartition[] } | undefined,
): Uint8Array {
  const head = Buffer.alloc(48);
  head.writeUInt32LE(table === undefined ? 2 : 1, 0);
  if (table === undefined) return head;
  head.writeUInt32LE(table.partitions.length, 4);
  head.set(guidBytes(table.id), 8);
  const entries = table.partitions.map((partition) => {
    const bytes = Buffer.alloc(144);
    bytes.writeUInt32LE(1, 0);
    bytes.writeBigInt64LE(BigInt(partition.startBytes), 8);
    bytes.writeBigInt64LE(BigInt(partition.sizeBytes), 16);
    bytes.writeUInt32LE(partition.number, 24);
    bytes.set(guidBytes(partition.type), 32);
    bytes.set(guidBytes(partition.guid), 48);
    bytes.writeBigUInt64LE(partition.attributes, 64);
    bytes.write('Basic data partition\0', 72, 'utf16le');
    return bytes;
  });
  return Buffer.concat([head, ...entries]);
}

/** VOLUME_DISK_EXTENTS: one place on disk 0. */
export function volumeExtents({ startBytes, sizeBytes }: LabPartition): Uint8Array {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(1, 0);
  bytes.writeBigInt64LE(BigInt(startBytes), 16);
  bytes.writeBigInt64LE(BigInt(sizeBytes), 24);
  return bytes;
}

/** `GetSystemFirmwareTable('RSMB')`: RawSMBIOSData with system (1), enclosure (3) and end (127) of SMBIOS 3. */
export function smbiosTable(system: {
  readonly uuid: string;
  readonly serial: string;
}): Uint8Array {
  const one = Buffer.alloc(0x1b);
  one.set([1, one.length, 1, 0, 1, 2, 3, 4], 0);
  one.set(guidBytes(system.uuid), 8);
  const three = Buffer.alloc(0x15);
  three.set([3, three.length, 3, 0, 1, 3], 0);
  const end = Buffer.from([127, 4, 127, 0, 0, 0]);
  const strings = (...texts: string[]) =>
    Buffer.from(`${texts.map((text) => `${text}\0`).join('')}\0`, 'latin1');
  const body = Buffer.concat([
    one,
    strings('Lab', 'Wine', '1', system.serial),
    three,
    strings('Lab'),
    end,
  ]);
  const head = Buffer.from([0, 3, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** A GUID as Windows lays it out: the first three fields little-endian. */
function guidBytes(guid: string): Uint8Array {
  const hex = Buffer.from(guid.replaceAll('-', ''), 'hex');
  return Buffer.concat([
    hex.subarray(0, 4).reverse(),
    hex.subarray(4, 6).reverse(),
    hex.subarray(6, 8).reverse(),
    hex.subarray(8),
  ]);
}

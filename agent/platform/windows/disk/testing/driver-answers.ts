import { formatGuid } from '#boot/bcd/guid.ts';
import type { SimulatedDrive, SimulatedPartition } from './simulated-drive.ts';

/** Answers of drivers, laid out as Windows lays them out, for tests. */
export function geometryAnswer({ sizeBytes }: SimulatedDrive): Uint8Array {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(12, 8);
  bytes.writeUInt32LE(512, 20);
  bytes.writeBigInt64LE(BigInt(sizeBytes), 24);
  return bytes;
}

export function deviceAnswer({ vendor = '', model, serial, bus = 17 }: SimulatedDrive): Uint8Array {
  const texts = [vendor, model, serial].map((text) => Buffer.from(`${text}\0`, 'latin1'));
  const head = Buffer.alloc(40);
  let at = head.length;
  for (const [index, field] of [12, 16, 24].entries()) {
    const length = texts[index]?.length ?? 0;
    head.writeUInt32LE(length > 1 ? at : 0, field);
    at += length;
  }
  head.writeUInt32LE(bus, 28);
  return Buffer.concat([head, ...texts]);
}

/** A T10 name before the World Wide Name, as disks have it. */
export function deviceIdAnswer({ wwn }: SimulatedDrive): Uint8Array | undefined {
  if (wwn === undefined) return undefined;
  const entry = (codeSet: number, type: number, identifier: Buffer, last: boolean) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(codeSet, 0);
    head.writeUInt32LE(type, 4);
    head.writeUInt16LE(identifier.length, 8);
    head.writeUInt16LE(last ? 0 : 16 + identifier.length, 10);
    return Buffer.concat([head, identifier]);
  };
  const head = Buffer.alloc(12);
  head.writeUInt32LE(2, 8);
  const t10 = entry(2, 1, Buffer.from('ATA     Disk'), false);
  return Buffer.concat([head, t10, entry(1, 3, Buffer.from(wwn, 'hex'), true)]);
}

export function layoutAnswer({ style, tableId, partitions }: SimulatedDrive): Uint8Array {
  const head = Buffer.alloc(48);
  head.writeUInt32LE({ mbr: 0, gpt: 1, raw: 2 }[style], 0);
  if (style === 'raw') return head;
  if (style === 'gpt') head.set(formatGuid(tableId ?? ''), 8);
  else head.writeUInt32LE(Number.parseInt(tableId ?? '0', 16), 8);
  const entries = style === 'gpt' ? partitions.map(gptEntry) : mbrEntries(partitions);
  head.writeUInt32LE(entries.length, 4);
  return Buffer.concat([head, ...entries]);
}

function entry({ startBytes, sizeBytes }: SimulatedPartition, number: number): Buffer {
  const bytes = Buffer.alloc(144);
  bytes.writeBigInt64LE(BigInt(startBytes), 8);
  bytes.writeBigInt64LE(BigInt(sizeBytes), 16);
  bytes.writeUInt32LE(number, 24);
  return bytes;
}

function gptEntry(partition: SimulatedPartition, index: number): Buffer {
  const bytes = entry(partition, index + 1);
  bytes.writeUInt32LE(1, 0);
  bytes.set(formatGuid(partition.code), 32);
  bytes.set(formatGuid(partition.guid ?? ''), 48);
  bytes.writeBigUInt64LE(partition.attributes ?? 0n, 64);
  bytes.write('Basic data partition\0', 72, 'utf16le');
  return bytes;
}

/** Four entries of the MBR, then a link and a logical partition in four for each logical one. */
function mbrEntries(partitions: readonly SimulatedPartition[]): Buffer[] {
  const used = (partition: SimulatedPartition, number: number) => {
    const bytes = entry(partition, number);
    bytes[32] = Number.parseInt(partition.code, 16);
    bytes[33] = partition.active === true ? 1 : 0;
    return bytes;
  };
  const none = () => Buffer.alloc(144);
  const primary = partitions.filter(({ logical }) => logical !== true);
  const logical = partitions.filter((partition) => partition.logical === true);
  const first = primary.map((partition, index) => used(partition, index + 1));
  const rest = logical.flatMap((partition, index) => {
    const link = entry(partition, 0);
    link[32] = 0x05;
    const isLast = index === logical.length - 1;
    return [used(partition, primary.length + index + 1), isLast ? none() : link, none(), none()];
  });
  return [...first, ...Array.from({ length: 4 - first.length }, none), ...rest];
}

export function extentsAnswer(disk: number, { startBytes, sizeBytes }: SimulatedPartition): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(1, 0);
  bytes.writeUInt32LE(disk, 8);
  bytes.writeBigInt64LE(BigInt(startBytes), 16);
  bytes.writeBigInt64LE(BigInt(sizeBytes), 24);
  return bytes;
}

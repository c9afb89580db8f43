/** A disk of a simulated Windows machine: what its drivers answer comes of it. */
export interface SimulatedPartition {
  startBytes: number;
  sizeBytes: number;
  /** Type GUID or byte in hexadecimal. */
  code: string;
  guid?: string;
  attributes?: bigint;
  active?: boolean;
  logical?: boolean;
  fileSystem?: string;
  label?: string;
  letter?: string | undefined;
  /** Folder of the host that stands for the volume. */
  folder?: string;
}
export interface SimulatedDrive {
  number: number;
  sizeBytes: number;
  model: string;
  vendor?: string;
  serial: string;
  /** Hexadecimal. */
  wwn?: string;
  bus?: number;
  readOnly?: boolean;
  /** What Windows notes of the disk: 1 offline, 2 read-only. */
  notes?: number;
  style: 'gpt' | 'mbr' | 'raw';
  tableId: string | null;
  partitions: SimulatedPartition[];
}

const BASIC = 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7';
export const MIB = 1024 * 1024;

/** A fixed NVMe disk of 64 GiB without a table. */
export function drive(number: number, more: Partial<SimulatedDrive> = {}): SimulatedDrive {
  return {
    number,
    sizeBytes: 64 * 1024 * MIB,
    model: 'ACME SSD',
    serial: `S${number}`,
    style: 'raw',
    tableId: null,
    partitions: [],
    ...more,
  };
}

/** An NTFS partition of 10 GiB at 1 GiB. */
export function ntfs(guid: string, more: Partial<SimulatedPartition> = {}): SimulatedPartition {
  const [startBytes, sizeBytes] = [1024 * MIB, 10 * 1024 * MIB];
  return { startBytes, sizeBytes, code: BASIC, guid, fileSystem: 'NTFS', ...more };
}

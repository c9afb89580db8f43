import { z } from 'zod';
import type { Disk, DiskBus, Partition } from '../../sequence/platform.ts';
import { partitionTypeOf } from '../partition-type.ts';
import type { DiskNames } from './disk-names.ts';
import { runTool } from './process.ts';
import type { StagedPartition } from './staged-partition.ts';

/** A disk with the device nodes it has now; nodes move, ids do not. */
export interface ScannedDisk {
  readonly disk: Disk;
  readonly path: string;
  readonly volumes: readonly ScannedVolume[];
  /** Partition of prestaged media that this Linux was started from; it is not among the volumes. */
  readonly staged?: StagedPartition;
}
export interface ScannedVolume {
  readonly path: string;
  readonly partition: Partition;
  /** GUID of a GPT partition; undefined on MBR. */
  readonly partitionGuid: string | undefined;
  readonly startSector: number;
  readonly sectors: number;
}

/** A disk before its contents are looked at. */
export interface DiskFacts {
  readonly path: string;
  readonly id: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly readOnly: boolean;
  readonly removable: boolean;
  /** How it is attached, in the words of lsblk: `sata`, `nvme`, `usb`; where it is known. */
  readonly transport?: string;
  readonly bus?: DiskBus;
  readonly bootMedium?: boolean;
}
/** Which disks there are: the machine's, or the loop devices of a test machine. */
export type DiskSource = (signal: AbortSignal) => Promise<readonly DiskFacts[]>;

const text = z.string().nullable().optional();
const LsblkDevice = z.object({
  name: z.string(),
  type: z.string(),
  size: z.number(),
  ro: z.boolean(),
  rm: z.boolean(),
  'log-sec': z.number(),
  model: text,
  serial: text,
  wwn: text,
  tran: text,
});
const Lsblk = z.object({ blockdevices: z.array(LsblkDevice) });

/** Reads `lsblk --json`: whole disks with a medium in them, fixed ones first. Pure. */
export function parseLsblk(
  json: string,
  busPath: (device: string) => string,
  namesOf: (device: string) => DiskNames | undefined = () => undefined,
): DiskFacts[] {
  const devices = Lsblk.parse(JSON.parse(json)).blockdevices;
  const disks = devices
    .filter(
      ({ type, size, name }) => size > 0 && type === 'disk' && !/\/(zram|ram|fd)\d/.test(name),
    )
    .map((device): DiskFacts => {
      const names = namesOf(device.name);
      const model = device.model?.trim() || (names?.model ?? '');
      const serial = device.serial?.trim() || (names?.serial ?? '');
      const wwn = device.wwn?.trim() || (names?.wwn ?? '');
      const isCard = names?.cardType === 'SD';
      return {
        path: device.name,
        id: wwn || (serial === '' ? `path:${busPath(device.name)}` : `serial:${model}:${serial}`),
        model,
        serial,
        sizeBytes: device.size,
        sectorBytes: device['log-sec'],
        readOnly: device.ro,
        removable: device.rm || device.tran === 'usb' || isCard,
        transport: device.tran ?? '',
        bus: isCard ? 'sd' : diskBus(device.name, device.tran ?? ''),
      };
    });
  return disks.sort((one, other) => Number(one.removable) - Number(other.removable));
}

const busNames: Readonly<Record<string, DiskBus>> = {
  nvme: 'nvme',
  sata: 'sata',
  ata: 'ata',
  sas: 'sas',
  spi: 'scsi',
  virtio: 'virtio',
  usb: 'usb',
  mmc: 'mmc',
  iscsi: 'iscsi',
  fc: 'fc',
};

/** How a disk is attached, by what lsblk says, and where it says nothing by what the kernel calls the disk. Pure. */
export function diskBus(name: string, transport: string): DiskBus {
  if (/\/mmcblk\d/.test(name)) return 'mmc';
  if (/\/vd[a-z]/.test(name)) return 'virtio';
  return busNames[transport] ?? (/\/sd[a-z]/.test(name) ? 'scsi' : 'other');
}

/** What `lsblk` is asked, for all disks or for those given. */
export async function lsblk(paths: readonly string[], signal: AbortSignal): Promise<string> {
  const columns = 'NAME,TYPE,SIZE,RO,RM,LOG-SEC,MODEL,SERIAL,WWN,TRAN';
  const argv = ['--json', '--bytes', '--paths', '--nodeps', '--output', columns, ...paths];
  return (await runTool(['lsblk', ...argv], signal)).stdout;
}

/** Looks at every disk's table, file systems and signatures, straight from the disk: no cache, no udev. */
export async function scanDisks(source: DiskSource, signal: AbortSignal): Promise<ScannedDisk[]> {
  const scanned: ScannedDisk[] = [];
  for (const [index, facts] of (await source(signal)).entries()) {
    const { path, transport: _transport, ...rest } = facts;
    const volumes = await scanVolumes(path, signal);
    const signatures = await scanSignatures(path, signal);
    const inside = volumes.map(({ partition }) => memberName(partition.fileSystem));
    scanned.push({
      path,
      volumes,
      disk: {
        number: index,
        ...rest,
        signatures: [...new Set([...signatures, ...inside.filter((name) => name !== undefined)])],
        partitions: volumes.map(({ partition }) => partition),
      },
    });
  }
  return scanned;
}

const PARTX_COLUMNS = 'NR,START,SECTORS,NAME,UUID,TYPE,SCHEME,FLAGS';

async function scanVolumes(disk: string, signal: AbortSignal): Promise<ScannedVolume[]> {
  const { stdout, code } = await runTool(
    ['partx', '--pairs', '--output', PARTX_COLUMNS, disk],
    signal,
    { allowed: [1] },
  );
  if (code !== 0) return [];
  const volumes: ScannedVolume[] = [];
  for (const row of parsePairs(stdout)) {
    const number = Number(row['NR']);
    const scheme = row['SCHEME'] ?? '';
    const uuid = (row['UUID'] ?? '').toLowerCase();
    const path = partitionPath(disk, number);
    const { type: fileSystem, label } = await probe(path, signal);
    const flags = BigInt(row['FLAGS'] || '0');
    const hidden = (flags >> 62n) % 2n === 1n;
    volumes.push({
      path,
      partitionGuid: scheme === 'gpt' ? uuid : undefined,
      // partx counts in 512-byte units whatever the disk's sector.
      startSector: Number(row['START']),
      sectors: Number(row['SECTORS']),
      partition: {
        number,
        volume: scheme === 'gpt' ? `gpt:${uuid}` : `mbr:${uuid.split('-')[0] ?? ''}-${number}`,
        type: partitionTypeOf(scheme, (row['TYPE'] ?? '').toLowerCase(), { number, hidden }),
        label: (row['NAME'] ?? '') || label,
        sizeBytes: Number(row['SECTORS']) * 512,
        fileSystem,
        // The boot indicator of an MBR entry.
        ...(scheme === 'dos' ? { active: flags === 0x80n } : {}),
      },
    });
  }
  return volumes.sort((one, other) => one.partition.number - other.partition.number);
}

/** Node of a partition: `/dev/sda2`, but `/dev/nvme0n1p2`. */
export function partitionPath(disk: string, number: number): string {
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/** `KEY="value"` rows as partx prints them; a hex escape stands for bytes that a shell would eat. Pure. */
export function parsePairs(output: string): Record<string, string>[] {
  return output
    .split('\n')
    .filter((line) => line.includes('="'))
    .map((line) => {
      const row: Record<string, string> = {};
      for (const [, key, value] of line.matchAll(/([A-Z-]+)="((?:[^"\\]|\\.)*)"/g))
        if (key !== undefined)
          row[key] = (value ?? '').replaceAll(/\\x([0-9a-f]{2})/gi, (_all, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          );
      return row;
    });
}

/** File system of a device in the words of `Partition.fileSystem`, and its label; read from the device itself. */
export async function probe(
  path: string,
  signal: AbortSignal,
): Promise<{ type: string; label: string }> {
  // Exit 2: nothing recognised, or no such device.
  const { stdout } = await runTool(['blkid', '--probe', '--output', 'export', path], signal, {
    allowed: [2, 8],
  });
  const value = (key: string): string =>
    stdout
      .split('\n')
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1) ?? '';
  const type = value('TYPE');
  const isFat32 = type === 'vfat' && value('VERSION') === 'FAT32';
  return { type: isFat32 ? 'fat32' : type, label: value('LABEL') };
}

const Wipefs = z.object({ signatures: z.array(z.object({ type: z.string() })) });

async function scanSignatures(disk: string, signal: AbortSignal): Promise<string[]> {
  const { stdout } = await runTool(['wipefs', '--json', '--no-act', disk], signal);
  if (stdout.trim() === '') return [];
  const { signatures } = Wipefs.parse(JSON.parse(stdout));
  return signatures
    .map(({ type }) => type)
    .filter((type) => !['gpt', 'dos', 'PMBR'].includes(type))
    .map((type) => memberName(type) ?? type);
}

/** `LVM2_member` is `lvm2`, `ddf_raid_member` is `ddf`; undefined for what is no member of anything. */
function memberName(type: string): string | undefined {
  if (type === 'LVM2_member') return 'lvm2';
  if (type === 'ddf_raid_member') return 'ddf';
  return type.endsWith('_raid_member') || type === 'crypto_LUKS' ? type : undefined;
}

import { typeCode } from '../partition-type.ts';
import type { ScannedDisk, ScannedVolume } from './disk-scan.ts';

/**
 * The partition of prestaged media: at the end of the disk, the last entry that a GPT has. Those that a run makes are
 * numbered from 1 and lie before it, so it keeps its number and its place when the rest of the disk is laid out anew.
 */
export const STAGED_NUMBER = 128;
/** Its name in the table. */
const STAGED_NAME = 'metalwright-staged';
/** Free behind it, for the backup of the table. */
export const STAGED_TAIL_BYTES = 2 * 1024 * 1024;

/** Where the partition lies, and its GUID. */
export interface StagedPartition {
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly partitionGuid: string;
}

/** Whether a volume was made by *stage*. */
export function isStaged({ partition }: ScannedVolume): boolean {
  return partition.number === STAGED_NUMBER && partition.label === STAGED_NAME;
}

/**
 * A disk without the partition that this Linux was started from: it ends where that one begins, so that nothing that
 * lays out or chooses volumes sees or touches it. Pure.
 * @param device of the partition that prestaged media were found on
 */
export function withoutStaged(found: ScannedDisk, device: string): ScannedDisk {
  const staged = found.volumes.find((volume) => volume.path === device && isStaged(volume));
  if (staged === undefined) return found;
  // partx counts in 512-byte units whatever the disk's sector.
  const startBytes = staged.startSector * 512;
  const volumes = found.volumes.filter((volume) => volume !== staged);
  return {
    path: found.path,
    volumes,
    staged: {
      startBytes,
      sizeBytes: staged.partition.sizeBytes,
      partitionGuid: staged.partitionGuid ?? '',
    },
    disk: {
      ...found.disk,
      sizeBytes: startBytes,
      partitions: volumes.map(({ partition }) => partition),
    },
  };
}

/** Its line for sfdisk: an EFI system partition, which firmware looks into for a loader. */
export function stagedLine(
  { startBytes, sizeBytes, partitionGuid }: StagedPartition,
  sectorBytes: number,
): string {
  const fields = [
    `start=${startBytes / sectorBytes}`,
    `size=${sizeBytes / sectorBytes}`,
    `type=${typeCode('gpt', 'efi', 'fat32')}`,
    `uuid=${partitionGuid}`,
    `name="${STAGED_NAME}"`,
  ];
  return `${STAGED_NUMBER} : ${fields.join(', ')}\n`;
}

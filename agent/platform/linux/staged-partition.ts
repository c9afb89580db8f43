import type { ScannedDisk, ScannedVolume } from './disk-scan.ts';

/**
 * The partition of prestaged media: at the end of the disk, the last entry that a GPT has. Those that a run makes are
 * numbered from 1 and lie before it, so it keeps its number and its place when the rest of the disk is laid out anew.
 */
export const STAGED_NUMBER = 128;
/** Its name in the table. */
export const STAGED_NAME = 'metalwright-staged';
/** Free behind it, for the backup of the table. */
export const STAGED_TAIL_BYTES = 2 * 1024 * 1024;

/** A partition that media lie on, and where it begins. */
export interface StagedPartition extends ScannedVolume {
  readonly startBytes: number;
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
    staged: { ...staged, startBytes },
    disk: {
      ...found.disk,
      sizeBytes: startBytes,
      partitions: volumes.map(({ partition }) => partition),
    },
  };
}

/** Its line for sfdisk, as it is. */
export function stagedLine(staged: StagedPartition, sectorBytes: number): string {
  const { startBytes, partition, partitionGuid = '' } = staged;
  const place = `start=${startBytes / sectorBytes}, size=${partition.sizeBytes / sectorBytes}`;
  return `${STAGED_NUMBER} : ${place}, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=${partitionGuid}, name="${STAGED_NAME}"\n`;
}

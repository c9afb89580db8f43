/** What the action of Format and Partition Disk does not know yet. */
import type { DiskLayout } from './disk-layout.ts';

/** Its partition is one that Restart Computer makes start by UEFI, on a machine that started by BIOS. */
const UEFI_DRIVE = 'TSUEFIDrive';

/** In the words of people. */
export function laterSettingsOf({ partitions }: DiskLayout): readonly string[] {
  const isAsked = partitions.some(
    ({ variable }) => variable?.toUpperCase() === UEFI_DRIVE.toUpperCase(),
  );
  return isAsked
    ? [`prepare a change from BIOS to UEFI (a partition with the variable ${UEFI_DRIVE})`]
    : [];
}

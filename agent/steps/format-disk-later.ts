/** What the action of Format and Partition Disk does not know yet. */
import type { DiskLayout } from './disk-layout.ts';

/**
 * On a machine that started by BIOS and whose firmware is set to UEFI by a step: Configuration Manager's next
 * restart to the boot image copies its boot files onto this partition of FAT32, so that UEFI starts it.
 */
const UEFI_DRIVE = 'TSUEFIDrive';

/** In the words of people. */
export function laterSettingsOf({ partitions }: DiskLayout): readonly string[] {
  const isAsked = partitions.some(
    ({ variable }) => variable?.toUpperCase() === UEFI_DRIVE.toUpperCase(),
  );
  return isAsked
    ? [
        `put what UEFI starts the boot image from onto the partition with the variable ${UEFI_DRIVE}, at the next Restart Computer (a change from BIOS to UEFI)`,
      ]
    : [];
}

import type { Partition } from '#agent/sequence/platform.ts';

/** What a variable tells of a partition: its drive, `C:`, in Windows, where it has one; else its volume. */
export function driveOf({ letter, volume }: Partition): string {
  return letter === undefined ? volume : `${letter}:`;
}

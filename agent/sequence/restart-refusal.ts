import type { NextBoot, RunError } from '#agent/protocol/run-event.ts';
import type { BootCapability, DiskCapability } from './platform.ts';

/**
 * Why this machine must not be restarted now, or undefined: it needs a formatted partition to come
 * back to, and to start from its disk something that boots (M33). A run that is refused its restart
 * fails, whatever its error options say.
 */
export async function restartRefusal(
  {
    disk,
    boot,
  }: {
    readonly disk: Pick<DiskCapability, 'list'>;
    readonly boot: Pick<BootCapability, 'bootable'>;
  },
  next: NextBoot,
  signal: AbortSignal,
): Promise<RunError | undefined> {
  const disks = await disk.list(signal);
  const fixed = disks.filter(({ removable }) => !removable);
  const formatted = fixed.some(({ partitions }) =>
    // A member of a RAID or of LVM (`LVM2_member`) is formatted with nothing that a loader reads.
    partitions.some(({ fileSystem }) => fileSystem !== '' && !fileSystem.endsWith('_member')),
  );
  if (!formatted)
    return {
      code: 'restart.no-partition',
      message: `Cannot restart: none of the ${fixed.length} fixed disks has a formatted partition to come back to`,
      hint: 'Partition and format a disk (format-disk) before the first restart.',
    };
  if (next === 'disk' && !(await boot.bootable(signal)))
    return {
      code: 'restart.not-bootable',
      message: 'Cannot restart from the disk: no operating system with a boot entry is on it',
      hint: 'Apply an operating system image (apply-image) first, or restart to the PE (target: pe).',
    };
  return undefined;
}

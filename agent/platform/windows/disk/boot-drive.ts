import type { Disk } from '../../../sequence/platform.ts';
import type { Registry } from '../query/registry.ts';

const CONTROL = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';

/**
 * Letter of the drive that Windows PE was loaded from, which `wpeutil UpdateBootInfo` and the boot manager leave
 * there; undefined after a start from the network.
 */
export async function bootDrive(
  registry: Pick<Registry, 'read'>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const found = await registry.read(CONTROL, 'PEBootRamdiskSourceDrive', signal);
  return /^([A-Za-z]):/.exec(found?.value?.data ?? '')?.[1]?.toUpperCase();
}

/**
 * Media are removable disks and cards. A fixed disk that Windows PE was loaded from is none: a restart to the PE
 * puts the boot image there, and it runs in memory.
 */
export function isBootMedium({ removable, bus, partitions }: Disk, drive: string): boolean {
  const isMedia = removable || bus === 'sd' || bus === 'mmc';
  return isMedia && partitions.some(({ letter }) => letter === drive);
}

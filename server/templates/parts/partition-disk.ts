import { all, only, step, type TemplateNode, variable } from '../template-document.ts';

/** Variable that holds the volume of the operating system. */
export const OS_VOLUME = 'OSDisk';

const byUefi = variable('_SMSTSBootUEFI', 'equals', 'true');
const byBios = variable('_SMSTSBootUEFI', 'notEquals', 'true');

/** For which firmware the first disk is partitioned. */
export type Partition = 'both' | 'uefi' | 'bios' | 'none';

/**
 * Partition Disk 0, once for BIOS and once for UEFI, as the wizard writes them. A disk is kept where
 * content or the state of its users is on it, or where prestaged media has prepared it.
 */
export function partitionForWindows(partition: Partition, keepsState: boolean): TemplateNode[] {
  const mayBeErased = [
    variable('_SMSTSClientCache', 'notExists'),
    variable('_SMSTSMediaType', 'notEquals', 'OEMMedia'),
    ...(keepsState ? [variable('OSDStateStorePath', 'notExists')] : []),
  ];
  const about = {
    comment: 'Erases disk 0. Change the sizes, or the disk where Windows goes to another.',
  };
  return [
    ...only(
      partition === 'both' || partition === 'bios',
      step(
        'Partition Disk 0 - BIOS',
        'format-disk',
        {
          disk: 0,
          style: 'mbr',
          partitions: [
            { name: 'System Reserved', size: { mb: 500 }, fileSystem: 'ntfs', bootable: true },
            { name: 'Windows', size: 'rest', fileSystem: 'ntfs', variable: OS_VOLUME },
          ],
        },
        {
          ...about,
          description: 'MBR: a boot partition, and the rest for Windows',
          condition: all(byBios, ...mayBeErased),
        },
      ),
    ),
    ...only(
      partition === 'both' || partition === 'uefi',
      step(
        'Partition Disk 0 - UEFI',
        'format-disk',
        {
          disk: 0,
          style: 'gpt',
          partitions: [
            { name: 'EFI', type: 'efi', size: { mb: 500 }, fileSystem: 'fat32' },
            { name: 'MSR', type: 'msr', size: { mb: 16 } },
            { name: 'Windows', size: { percent: 99 }, fileSystem: 'ntfs', variable: OS_VOLUME },
            { name: 'Recovery', type: 'recovery', size: 'rest', fileSystem: 'ntfs' },
          ],
        },
        {
          ...about,
          description: 'GPT: EFI, MSR, Windows, and the last hundredth for its recovery tools',
          condition: all(byUefi, ...mayBeErased),
        },
      ),
    ),
  ];
}

/** The same for Linux: an EFI partition and one for everything; by BIOS, one that is active. */
export function partitionForLinux(partition: Partition): TemplateNode[] {
  const comment = 'Erases disk 0. Change the sizes, or add partitions: swap, /home.';
  return [
    ...only(
      partition === 'both' || partition === 'bios',
      step(
        'Partition disk 0 - BIOS',
        'format-disk',
        {
          disk: 0,
          style: 'mbr',
          partitions: [
            { name: 'root', size: 'rest', fileSystem: 'ext4', bootable: true, variable: OS_VOLUME },
          ],
        },
        { comment, description: 'MBR: one partition for everything', condition: byBios },
      ),
    ),
    ...only(
      partition === 'both' || partition === 'uefi',
      step(
        'Partition disk 0 - UEFI',
        'format-disk',
        {
          disk: 0,
          style: 'gpt',
          partitions: [
            { name: 'EFI', type: 'efi', size: { mb: 512 }, fileSystem: 'fat32' },
            { name: 'root', size: 'rest', fileSystem: 'ext4', variable: OS_VOLUME },
          ],
        },
        { comment, description: 'GPT: EFI, and the rest for everything', condition: byUefi },
      ),
    ),
  ];
}

/** Where the image goes: what was just made, or the first partition that can hold it. */
export function destinationOf(partition: Partition, keepsState = false): unknown {
  return partition === 'none' || keepsState ? 'next-available' : { variable: OS_VOLUME };
}

import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runStaged } from './staged-tools.ts';

/** GRUB for discs and USB sticks, signed: it looks for `/boot/grub/grub.cfg` where it was started from. */
const SIGNED_GRUB = 'usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed';
const BIOS_MODULES = 'usr/lib/grub/i386-pc';

/** GRUB's modules for a BIOS: disc and stick, the file system of both, and what the configuration says. */
const MODULES = [
  ['biosdisk', 'iso9660', 'part_gpt', 'part_msdos', 'linux', 'normal', 'configfile', 'boot'],
  [
    'search',
    'search_fs_file',
    'test',
    'true',
    'echo',
    'sleep',
    'ls',
    'cat',
    'halt',
    'reboot',
    'cpuid',
    'minicmd', // exit
  ],
].flat();

/** What media start from, beside the files that the network serves; the server puts them together. */
export const mediaLoaderFiles = ['media-grubx64.efi', 'media-bios.img', 'media-mbr.img'] as const;

/**
 * Makes the loaders of media: signed GRUB for UEFI, an El Torito image for BIOS, and the boot sector with which the
 * same image starts from a USB stick.
 *
 * @param biosGrub root with `grub-pc-bin` and `grub-common`. @param signedGrub root with the signed GRUB
 */
export async function makeMediaLoaders(
  directory: string,
  { biosGrub, signedGrub }: { readonly biosGrub: string; readonly signedGrub: string },
  signal: AbortSignal,
): Promise<void> {
  const [efi, bios, mbr] = mediaLoaderFiles;
  await copyFile(join(signedGrub, SIGNED_GRUB), join(directory, efi));
  await copyFile(join(biosGrub, BIOS_MODULES, 'boot_hybrid.img'), join(directory, mbr));
  const target = ['--directory', join(biosGrub, BIOS_MODULES), '--format', 'i386-pc-eltorito'];
  const places = ['--prefix', '/boot/grub', '--output', join(directory, bios)];
  await runStaged(biosGrub, 'usr/bin/grub-mkimage', [...target, ...places, ...MODULES], { signal });
}

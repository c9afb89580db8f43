import { mediaPaths } from '../manifest.ts';
import type { LaidFile } from './lay-files.ts';

/** Size of the partition that can be written on a stick: journal, history and log of a run. */
export const ISO_DATA_KIB = 64 * 1024;

/** What an image is made of. */
export interface IsoLayout {
  readonly output: string;
  readonly label: string;
  readonly files: readonly LaidFile[];
  /** First sector, for a BIOS that starts it as a stick. */
  readonly bootSector: string;
  /** Image of the partition that can be written; undefined for none. */
  readonly data: string | undefined;
}

/**
 * Commands for xorriso: one image that starts by BIOS and UEFI, as a disc and as a stick. Both El Torito images are
 * files of it, so that the manifest vouches for them; the one for UEFI is a partition of its table, too.
 */
export function formatIsoCommands({ output, label, files, bootSector, data }: IsoLayout): string {
  return [
    ['-outdev', output],
    ['-volid', volumeName(label)],
    ['-rockridge', 'on'],
    ['-padding', '0'],
    // It is synced once, when all is there, and not each 16 MB.
    ['-stdio_sync', 'off'],
    ...files.map(({ path, from, offset, sizeBytes, isPart }) =>
      isPart
        ? ['-cut_out', from, String(offset), String(sizeBytes), `/${path}`]
        : ['-map', from, `/${path}`],
    ),
    ['-boot_image', 'grub', `bin_path=/${mediaPaths.biosImage}`],
    ['-boot_image', 'grub', `grub2_mbr=${bootSector}`],
    ['-boot_image', 'grub', 'grub2_boot_info=on'],
    ['-boot_image', 'any', 'boot_info_table=on'],
    ['-boot_image', 'any', 'load_size=2048'],
    ['-boot_image', 'any', 'next'],
    ['-boot_image', 'any', 'efi_path=/boot/efi.img'],
    ['-boot_image', 'any', 'efi_boot_part=--efi-boot-image'],
    ...(data === undefined
      ? []
      : [
          ['-append_partition', '3', '0x0c', data],
          ['-boot_image', 'any', 'appended_part_as=gpt'],
        ]),
    ['-commit'],
    ['-end'],
  ]
    .map((words) => `${words.map(quote).join(' ')}\n`)
    .join('');
}

/** How far xorriso is, of 1, by what it says. */
export function parseIsoProgress(line: string): number | undefined {
  const percent = /UPDATE : Writing:\s+\d+s\s+([\d.]+)%/.exec(line)?.[1];
  return percent === undefined ? undefined : Math.min(1, Number(percent) / 100);
}

/** Of a disc: at most 32 capitals, digits and underscores. */
function volumeName(label: string): string {
  const plain = label.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  return plain.slice(0, 32) || 'METALWRIGHT';
}

/** As xorriso reads words: nothing has a meaning between single quotes but the quote. */
function quote(word: string): string {
  if (word.includes('\n')) throw new RangeError('a path for xorriso has a line break');
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}

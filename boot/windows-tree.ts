import type { BootFirmware, RamdiskTftp } from './bcd/windows-pe.ts';
import { BootSigner } from './boot-image-facts.ts';

/** One way to start one Windows PE boot image: all that its boot configuration data depends on. */
export interface WindowsBoot {
  /** Package id of the boot image. */
  readonly image: string;
  readonly firmware: BootFirmware;
  /** Whose boot manager it is; BIOS verifies none. */
  readonly signer: BootSigner | null;
  readonly tftp: RamdiskTftp;
}

/** Blocks that fit a frame of Ethernet, and Microsoft's own window. */
export const DEFAULT_RAMDISK_TFTP: RamdiskTftp = { blockSize: 1456, windowSize: 4 };

/** All names of Windows PE boot images lie below it, `windows-pe/MW100002/boot.wim`. */
export const WINDOWS_TREE = 'windows-pe';

/**
 * Name of the network boot program, `windows-pe/MW100002/efi/2011/bootmgfw.efi`. Other sizes of blocks and
 * windows are a folder of their own (`windows-pe/MW100002/tftp-1024-8/...`): so the name alone says what the
 * machine is to be given next, also where it was heard of for the first time.
 */
export function nbpName(boot: WindowsBoot): string {
  if (boot.firmware === 'bios') return `${folderOf(boot)}/bios/pxeboot.n12`;
  return `${folderOf(boot)}/efi/${boot.signer ?? '2011'}/bootmgfw.efi`;
}

/** Path of the boot configuration data as DHCP option 252 tells it. */
export function bcdPath(boot: WindowsBoot): string {
  const folder = boot.firmware === 'bios' ? 'bios' : 'efi';
  return `\\${folderOf(boot)}/${folder}/BCD`.replaceAll('/', '\\');
}

/** Path of a file of the image as the boot configuration data names it. */
export function ramdiskPath(image: string, file: string): string {
  return `\\${WINDOWS_TREE}\\${image}\\${file.replaceAll('/', '\\')}`;
}

/** What lies behind a name of the tree, below the folder of its image. */
export interface TreeName {
  readonly image: string;
  readonly tftp: RamdiskTftp;
  /** In lower case: `efi/2011/bootmgfw.efi`. */
  readonly rest: string;
}

/** Reads a name of the tree, in any case; undefined for all others. */
export function parseTreeName(name: string): TreeName | undefined {
  const match =
    /^windows-pe\/(?<image>[a-z0-9]{3,16})\/(?:tftp-(?<block>\d{1,5})-(?<window>\d{1,5})\/)?(?<rest>.+)$/.exec(
      name.toLowerCase(),
    );
  const { image, block, window, rest } = match?.groups ?? {};
  if (image === undefined || rest === undefined) return undefined;
  const tftp =
    block === undefined || window === undefined
      ? DEFAULT_RAMDISK_TFTP
      : { blockSize: Number(block), windowSize: Number(window) };
  return { image: image.toUpperCase(), tftp, rest };
}

/** The boot that a network boot program's name stands for; undefined for other files of the tree. */
export function bootOfNbp({ image, tftp, rest }: TreeName): WindowsBoot | undefined {
  if (rest === 'bios/pxeboot.n12') return { image, firmware: 'bios', signer: null, tftp };
  const signer = BootSigner.safeParse(/^efi\/(\d{4})\/bootmgfw\.efi$/.exec(rest)?.[1]);
  return signer.success ? { image, firmware: 'uefi', signer: signer.data, tftp } : undefined;
}

function folderOf({ image, tftp }: WindowsBoot): string {
  const { blockSize, windowSize } = tftp;
  const usual =
    blockSize === DEFAULT_RAMDISK_TFTP.blockSize && windowSize === DEFAULT_RAMDISK_TFTP.windowSize;
  return `${WINDOWS_TREE}/${image}${usual ? '' : `/tftp-${blockSize}-${windowSize}`}`;
}

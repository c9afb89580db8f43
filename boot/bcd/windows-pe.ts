import { BcdError } from './bcd-error.ts';
import { bcdObject } from './bcd-object.ts';
import { type BcdVolume, bootPath } from './device.ts';
import { MEDIA_LOADER, objectType, wellKnown } from './object-kinds.ts';
import { type BcdObject, type BcdStore, inOrder } from './store.ts';

/** A store is for one kind of firmware: the loader in the image has another name on each. */
export type BootFirmware = 'bios' | 'uefi';

/** How the boot manager loads its two files by TFTP. */
export interface RamdiskTftp {
  /** RFC 2348. Above the path's MTU (1456 with Ethernet) each block is cut into fragments. */
  readonly blockSize: number;
  /** RFC 7440, in blocks. 4 is Microsoft's own value. */
  readonly windowSize: number;
}

/** What Windows PE is started from: two files of one device, put together as a RAM disk. */
export interface WindowsPe {
  readonly firmware: BootFirmware;
  /** What both files lie on. */
  readonly source: BcdVolume;
  /** From the root of the source, with backslashes. */
  readonly wimPath: string;
  readonly sdiPath: string;
  /** What a menu shows. */
  readonly description: string;
  /** GUIDs of the loader and of its options, which no other object of the store has. */
  readonly loader: string;
  readonly options: string;
  readonly tftp?: RamdiskTftp;
}

/**
 * The store of one network client: Windows PE from `\Boot\boot.wim` of the TFTP server that the boot
 * manager came from. What differs between clients are the paths, so each can get an image of its own.
 * @throws {BcdError} `bcd.path`, `bcd.tftp`
 */
export function networkStore({
  firmware,
  tftp,
  wimPath = '\\Boot\\boot.wim',
  sdiPath = '\\Boot\\boot.sdi',
  description = 'Windows PE',
}: {
  readonly firmware: BootFirmware;
  readonly tftp: RamdiskTftp;
  readonly wimPath?: string;
  readonly sdiPath?: string;
  readonly description?: string;
}): BcdStore {
  return startingWith({ ...fromBoot, firmware, wimPath, sdiPath, description, tftp });
}

/** The store of media, disc or stick: Windows PE from `\sources\boot.wim` of the media itself. */
export function mediaStore(firmware: BootFirmware, description = 'Windows PE'): BcdStore {
  const files = { wimPath: '\\sources\\boot.wim', sdiPath: '\\boot\\boot.sdi' };
  return startingWith({ ...fromBoot, ...files, firmware, description });
}

const fromBoot = {
  source: { kind: 'boot' },
  loader: MEDIA_LOADER,
  options: wellKnown.ramdiskoptions,
} as const;

/** The loader and the device options that start Windows PE, to be added to a store. @throws {BcdError} `bcd.path`, `bcd.tftp`, `bcd.guid` */
export function windowsPeObjects(pe: WindowsPe): readonly [loader: BcdObject, options: BcdObject] {
  const { firmware, source, tftp } = pe;
  if (tftp !== undefined) checkTftp(tftp);
  const path = bootPath(pe.wimPath);
  const ramdisk = { kind: 'ramdisk', source, path, options: pe.options } as const;
  const loader = bcdObject(pe.loader, objectType.osloader, {
    device: ramdisk,
    path: `\\windows\\system32\\boot\\winload.${firmware === 'uefi' ? 'efi' : 'exe'}`,
    description: pe.description,
    locale: 'en-US',
    osdevice: ramdisk,
    systemroot: '\\windows',
    detecthal: true,
    winpe: true,
  });
  const options = bcdObject(pe.options, objectType.deviceOptions, {
    ramdisksdidevice: source,
    ramdisksdipath: bootPath(pe.sdiPath),
    ramdisktftpblocksize: tftp?.blockSize,
    ramdisktftpwindowsize: tftp?.windowSize,
  });
  return [loader, options];
}

function startingWith(pe: WindowsPe): BcdStore {
  const bootManager = bcdObject(wellKnown.bootmgr, objectType.bootmgr, {
    description: 'Windows Boot Manager',
    locale: 'en-US',
    default: pe.loader,
    displayorder: [pe.loader],
    timeout: 0,
  });
  return inOrder({ system: false, objects: [bootManager, ...windowsPeObjects(pe)] });
}

function checkTftp({ blockSize, windowSize }: RamdiskTftp): void {
  const within = (value: number, low: number, high: number): boolean =>
    Number.isInteger(value) && value >= low && value <= high;
  if (!within(blockSize, 512, 65_464) || !within(windowSize, 1, 65_535))
    throw new BcdError(
      'bcd.tftp',
      `A block of TFTP has 512 to 65464 bytes, a window 1 to 65535 blocks; these are ${blockSize} and ${windowSize}`,
    );
}

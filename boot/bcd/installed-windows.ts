import { BcdError } from './bcd-error.ts';
import { bcdObject } from './bcd-object.ts';
import { type BcdVolume, bootPath } from './device.ts';
import { objectType, wellKnown } from './object-kinds.ts';
import { type BcdObject, type BcdStore, inOrder } from './store.ts';
import type { BootFirmware } from './windows-pe.ts';

/** A Windows on a disk. Partitions by the GUIDs or signature that are on the disk, so only after partitioning. */
export interface InstalledWindows {
  readonly firmware: BootFirmware;
  /** The EFI partition, or the active one of a BIOS machine. */
  readonly system: BcdVolume;
  readonly windows: BcdVolume;
  /** What a boot menu shows, as `Windows 11`. */
  readonly description: string;
  /** Language of the boot manager's own texts, as `en-US`. */
  readonly locale: string;
  /** New GUIDs, for the loader and for its resume application. */
  readonly loader: string;
  readonly resume: string;
  readonly recovery?: Recovery;
  /** How long the menu is shown when there is more than one entry. */
  readonly timeoutSeconds?: number;
}

/** The recovery environment: Windows PE that starts when Windows does not. */
interface Recovery {
  readonly source: BcdVolume;
  /** New GUIDs. */
  readonly loader: string;
  readonly options: string;
  readonly wimPath?: string;
  readonly sdiPath?: string;
}

/** That the boot applications may change the list of settings which BitLocker lets pass. */
const ALLOWED_IN_MEMORY = 0x1500_0075;

/**
 * The store of a disk that Windows was laid onto: what bcdboot writes, without Windows.
 * @throws {BcdError} `bcd.firmware` where Windows would not start from such a disk, `bcd.guid`, `bcd.path`
 */
export function installedWindowsStore(installed: InstalledWindows): BcdStore {
  checkPartitions(installed);
  const recovery =
    installed.recovery === undefined ? [] : recoveryObjects(installed, installed.recovery);
  return inOrder({
    system: true,
    objects: [
      bootManager(installed),
      loader(installed),
      ...recovery,
      resume(installed),
      ...settings(installed),
    ],
  });
}

function bootManager({ firmware, system, locale, ...installed }: InstalledWindows): BcdObject {
  return bcdObject(wellKnown.bootmgr, objectType.bootmgr, {
    device: system,
    path: firmware === 'uefi' ? '\\EFI\\Microsoft\\Boot\\bootmgfw.efi' : undefined,
    description: 'Windows Boot Manager',
    locale,
    inherit: [wellKnown.globalsettings],
    default: installed.loader,
    resumeobject: installed.resume,
    displayorder: [installed.loader],
    toolsdisplayorder: [wellKnown.memdiag],
    timeout: installed.timeoutSeconds ?? 30,
  });
}

function loader({
  firmware,
  windows,
  locale,
  recovery,
  ...installed
}: InstalledWindows): BcdObject {
  return bcdObject(installed.loader, objectType.osloader, {
    device: windows,
    path: `\\Windows\\system32\\winload.${extension(firmware)}`,
    description: installed.description,
    locale,
    inherit: [wellKnown.bootloadersettings],
    recoverysequence: recovery && [recovery.loader],
    displaymessageoverride: recovery && 'Recovery',
    recoveryenabled: recovery !== undefined,
    // BIOS machines have no isolated context.
    isolatedcontext: firmware === 'uefi' ? true : undefined,
    allowedinmemorysettings: [ALLOWED_IN_MEMORY],
    osdevice: windows,
    systemroot: '\\Windows',
    resumeobject: installed.resume,
    nx: 'OptIn',
    bootmenupolicy: 'Standard',
  });
}

function recoveryObjects(
  { firmware, locale }: InstalledWindows,
  { source, ...recovery }: Recovery,
): BcdObject[] {
  const path = bootPath(recovery.wimPath ?? '\\Recovery\\WindowsRE\\Winre.wim');
  const ramdisk = { kind: 'ramdisk', source, path, options: recovery.options } as const;
  return [
    bcdObject(recovery.loader, objectType.osloader, {
      device: ramdisk,
      path: `\\windows\\system32\\winload.${extension(firmware)}`,
      description: 'Windows Recovery Environment',
      locale,
      inherit: [wellKnown.bootloadersettings],
      displaymessage: 'Recovery',
      osdevice: ramdisk,
      systemroot: '\\windows',
      nx: 'OptIn',
      bootmenupolicy: 'Standard',
      winpe: true,
    }),
    bcdObject(recovery.options, objectType.deviceOptions, {
      description: 'Windows Recovery',
      ramdisksdidevice: source,
      ramdisksdipath: bootPath(recovery.sdiPath ?? '\\Recovery\\WindowsRE\\boot.sdi'),
    }),
  ];
}

function resume({
  firmware,
  windows,
  locale,
  recovery,
  ...installed
}: InstalledWindows): BcdObject {
  return bcdObject(installed.resume, objectType.resume, {
    device: windows,
    path: `\\Windows\\system32\\winresume.${extension(firmware)}`,
    description: 'Windows Resume Application',
    locale,
    inherit: [wellKnown.resumeloadersettings],
    recoverysequence: recovery && [recovery.loader],
    recoveryenabled: recovery !== undefined,
    isolatedcontext: firmware === 'uefi' ? true : undefined,
    allowedinmemorysettings: [ALLOWED_IN_MEMORY],
    filedevice: windows,
    filepath: '\\hiberfil.sys',
    bootmenupolicy: 'Standard',
    debugoptionenabled: false,
  });
}

/** The memory tester, and the settings that the others inherit. */
function settings({ firmware, system, locale }: InstalledWindows): BcdObject[] {
  const inheritable = objectType.inheritable;
  return [
    bcdObject(wellKnown.memdiag, objectType.memtest, {
      device: system,
      path: firmware === 'uefi' ? '\\EFI\\Microsoft\\Boot\\memtest.efi' : '\\boot\\memtest.exe',
      description: 'Windows Memory Diagnostic',
      locale,
      inherit: [wellKnown.globalsettings],
      badmemoryaccess: true,
    }),
    bcdObject(wellKnown.emssettings, inheritable, { bootems: false }),
    bcdObject(wellKnown.dbgsettings, inheritable, { debugtype: 'Local' }),
    bcdObject(wellKnown.badmemory, inheritable, {}),
    bcdObject(wellKnown.globalsettings, inheritable, {
      inherit: [wellKnown.dbgsettings, wellKnown.emssettings, wellKnown.badmemory],
    }),
    bcdObject(wellKnown.bootloadersettings, objectType.inheritableByOsloader, {
      inherit: [wellKnown.globalsettings, wellKnown.hypervisorsettings],
    }),
    bcdObject(wellKnown.hypervisorsettings, objectType.inheritableByOsloader, {
      hypervisordebugtype: 'Serial',
      hypervisordebugport: 1,
      hypervisorbaudrate: 115_200,
    }),
    bcdObject(wellKnown.resumeloadersettings, objectType.inheritableByResume, {
      inherit: [wellKnown.globalsettings],
    }),
  ];
}

/** Windows starts by UEFI from GPT disks and by BIOS from MBR disks, never the other way round. */
function checkPartitions({ firmware, system, windows }: InstalledWindows): void {
  const wanted = firmware === 'uefi' ? 'gpt-partition' : 'mbr-partition';
  for (const volume of [system, windows])
    if (volume.kind !== wanted)
      throw new BcdError(
        'bcd.firmware',
        `Windows that starts by ${firmware.toUpperCase()} needs a ${wanted}, not a ${volume.kind}`,
        { hint: 'Partition the disk as GPT for UEFI, as MBR for BIOS.' },
      );
}

function extension(firmware: BootFirmware): string {
  return firmware === 'uefi' ? 'efi' : 'exe';
}

/**
 * A WIM in the form of a Windows, without a byte of Microsoft's: captured by wimlib from an NTFS volume, with what only
 * such a capture has: security descriptors, a junction, a second stream, short names, hard links, attributes.
 */
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatHive } from '#boot/bcd/format-hive.ts';
import { fileTimeOf, type HiveKey, type HiveValue } from '#boot/bcd/hive.ts';
import { dwordValue, textValue } from '#boot/bcd/registry-value.ts';
import { runCommand } from '../child.ts';

/** Enough of an INF file that the disks of the lab's machine have a driver in the image, started at boot. */
const NVME_INF = [
  '[Version]',
  'Signature="$WINDOWS NT$"',
  'Class=SCSIAdapter',
  'ClassGuid={4D36E97B-E325-11CE-BFC1-08002BE10318}',
  'Provider=Lab',
  'DriverVer=01/01/2024,1.0.0.0',
  '[Manufacturer]',
  'Lab=Lab,NTamd64',
  '[Lab.NTamd64]',
  '"NVMe"=Nvme,PCI\\CC_010802',
  '[Nvme]',
  '[Nvme.Services]',
  'AddService=stornvme,2,Nvme.Service',
  '[Nvme.Service]',
  'StartType=0',
  'ServiceType=1',
  '',
].join('\r\n');

export interface WindowsImage {
  readonly wim: string;
  /** The NTFS volume that it was captured from. */
  readonly volume: string;
}

/** O:SY G:SY D:P(A;;FA;;;SY)(A;;FR;;;BA), as hex of a self-relative security descriptor. */
export const HIVE_SECURITY = `0x${[
  '010004901400000020000000000000002c000000',
  '010100000000000512000000',
  '010100000000000512000000',
  '0200340002000000',
  '00001400ff011f00010100000000000512000000',
  '000018008900120001020000000000052000000020020000',
].join('')}`;

/** `\??\C:\Users` as the data of a mount point (IO_REPARSE_TAG_MOUNT_POINT). */
function junctionTo(path: string): string {
  const name = Buffer.from(`\\??\\${path}`, 'utf16le');
  const shown = Buffer.from(path, 'utf16le');
  const names = Buffer.alloc(8 + name.length + 2 + shown.length + 2);
  names.writeUInt16LE(0, 0);
  names.writeUInt16LE(name.length, 2);
  names.writeUInt16LE(name.length + 2, 4);
  names.writeUInt16LE(shown.length, 6);
  name.copy(names, 8);
  shown.copy(names, 8 + name.length + 2);
  const header = Buffer.alloc(8);
  header.writeUInt32LE(0xa000_0003, 0);
  header.writeUInt16LE(names.length, 4);
  return `0x${Buffer.concat([header, names]).toString('hex')}`;
}

/**
 * Makes the image. `loader` is what stands for the boot manager that this firmware trusts, `newer` for the one
 * that it does not.
 */
export async function makeWindowsImage(
  directory: string,
  programs: { readonly loader: string; readonly newer: string },
): Promise<WindowsImage> {
  const volume = join(directory, 'windows.ntfs');
  const mounted = join(directory, 'windows-volume');
  const wim = join(directory, 'windows.wim');
  await mkdir(mounted, { recursive: true });
  await runCommand(['truncate', '-s', '128M', volume]);
  await runCommand(['mkntfs', '--force', '--fast', '--quiet', '--label', 'Windows', volume]);
  await runCommand(['mount', '-t', 'ntfs-3g', '-o', 'loop', volume, mounted]);
  try {
    await fill(mounted, programs);
  } finally {
    await runCommand(['umount', mounted]);
  }
  const properties = {
    'WINDOWS/ARCH': '9',
    'WINDOWS/PRODUCTNAME': 'Windows of the lab',
    'WINDOWS/EDITIONID': 'Professional',
    'WINDOWS/INSTALLATIONTYPE': 'Client',
    'WINDOWS/VERSION/MAJOR': '10',
    'WINDOWS/VERSION/MINOR': '0',
    'WINDOWS/VERSION/BUILD': '26100',
    'WINDOWS/LANGUAGES/DEFAULT': 'de-DE',
  };
  const words = Object.entries(properties).map(
    ([key, value]) => `--image-property=${key}=${value}`,
  );
  await runCommand(
    ['wimlib-imagex', 'capture', volume, wim, 'Windows of the lab', '--compress=XPRESS', ...words],
    { timeoutMs: 300_000 },
  );
  return { wim, volume };
}

async function fill(
  root: string,
  { loader, newer }: { readonly loader: string; readonly newer: string },
): Promise<void> {
  const at = (path: string): string => join(root, path);
  const texts: Readonly<Record<string, string | Uint8Array>> = {
    'Windows/System32/config/SYSTEM': systemHive(),
    'Windows/System32/config/SOFTWARE': softwareHive(),
    'Windows/System32/winload.efi': 'no loader',
    'Windows/System32/ntoskrnl.exe': noise(3 * 1024 * 1024),
    'Windows/INF/stornvme.inf': NVME_INF,
    'Windows/Boot/EFI/boot.stl': 'no list',
    'Windows/Boot/EFI/de-DE/bootmgfw.efi.mui': 'Texte',
    'Windows/Boot/Fonts/wgl4_boot.ttf': 'no font',
    'Windows/Boot/Fonts_EX/wgl4_boot_EX.ttf': 'no newer font',
    'Windows/Boot/Resources/bootres.dll': 'no resources',
    'Windows/Setup/Scripts/readme.txt': 'scripts',
    'Users/Public/Grüße.txt': 'Umlauts in names and text: äöü\n',
    'Program Files/Common Files/a rather long name.txt': 'long',
  };
  for (const [path, content] of Object.entries(texts)) {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), content);
  }
  await mkdir(at('Windows/Boot/EFI_EX'));
  await copyFile(loader, at('Windows/Boot/EFI/bootmgfw.efi'));
  await copyFile(newer, at('Windows/Boot/EFI_EX/bootmgfw_EX.efi'));
  await mkdir(at('Windows/WinSxS'));
  await link(at('Windows/System32/winload.efi'), at('Windows/WinSxS/winload.efi'));
  await mkdir(at('Documents and Settings'));
  const set = async (path: string, name: string, value: string): Promise<unknown> =>
    runCommand(['setfattr', '-n', name, '-v', value, at(path)]);
  await set('Windows/System32/config/SYSTEM', 'system.ntfs_acl', HIVE_SECURITY);
  await set('Documents and Settings', 'system.ntfs_reparse_data', junctionTo('C:\\Users'));
  await set('Program Files', 'system.ntfs_dos_name', 'PROGRA~1');
  // Hidden and system: FILE_ATTRIBUTE_HIDDEN 0x2, _SYSTEM 0x4, _ARCHIVE 0x20, big-endian.
  await set('Windows/System32/winload.efi', 'system.ntfs_attrib_be', '0x00000026');
  await set('Users/Public/Grüße.txt', 'user.Zone.Identifier', '[ZoneTransfer]');
}

function key(
  name: string,
  keys: readonly HiveKey[] = [],
  values: readonly HiveValue[] = [],
): HiveKey {
  return { name, keys, values };
}

function hive(fileName: string, keys: readonly HiveKey[]): Uint8Array {
  return formatHive({ fileName, lastWritten: fileTimeOf(0), root: key('ROOT', keys) });
}

function systemHive(): Uint8Array {
  const control = key('Control', [
    key('Nls', [key('Language', [], [textValue('InstallLanguage', '0407')])]),
    key('ProductOptions', [], [textValue('ProductType', 'WinNT')]),
    key('Session Manager', [
      key('Environment', [], [textValue('PROCESSOR_ARCHITECTURE', 'AMD64')]),
    ]),
  ]);
  const services = key('Services', [
    key('stornvme', [], [dwordValue('Start', 0), dwordValue('Type', 1)]),
    key('storahci', [], [dwordValue('Start', 0), dwordValue('Type', 1)]),
  ]);
  return hive('SYSTEM', [
    key('ControlSet001', [control, services]),
    key('Select', [], [dwordValue('Current', 1), dwordValue('Default', 1)]),
    key(
      'Setup',
      [],
      [dwordValue('SystemSetupInProgress', 1), textValue('CmdLine', 'oobe\\windeploy.exe')],
    ),
    key('MountedDevices'),
  ]);
}

function softwareHive(): Uint8Array {
  const version = [
    dwordValue('CurrentMajorVersionNumber', 10),
    dwordValue('CurrentMinorVersionNumber', 0),
    textValue('CurrentBuildNumber', '26100'),
    dwordValue('UBR', 1742),
    textValue('EditionID', 'Professional'),
  ];
  const state = key(
    'State',
    [],
    [textValue('ImageState', 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE')],
  );
  return hive('SOFTWARE', [
    key('Microsoft', [
      key('Windows NT', [key('CurrentVersion', [], version)]),
      key('Windows', [key('CurrentVersion', [key('Setup', [state])])]),
    ]),
  ]);
}

/** Bytes that no codec makes smaller, the same each time. */
function noise(sizeBytes: number): Uint8Array {
  let state = 7;
  return Uint8Array.from({ length: sizeBytes }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // a linear congruential generator
    return state >>> 24;
  });
}

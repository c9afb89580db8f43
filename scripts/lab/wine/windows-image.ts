import { join } from 'node:path';
import { formatHive } from '#boot/bcd/format-hive.ts';
import type { HiveKey, HiveValue } from '#boot/bcd/hive.ts';
import { dwordValue, textValue } from '#boot/bcd/registry-value.ts';
import { noise } from '../loop-images.ts';
import { captureWim, writeTree } from '../wim.ts';

const key = (name: string, values: readonly HiveValue[], ...keys: readonly HiveKey[]): HiveKey => ({
  name,
  values,
  keys,
});
const hive = (fileName: string, ...keys: readonly HiveKey[]): Uint8Array =>
  formatHive({ fileName, lastWritten: 0n, root: key('ROOT', [], ...keys) });

/** What a Windows that was generalized says of itself in its registry. */
const SYSTEM = hive(
  'SYSTEM',
  key('Select', [dwordValue('Current', 1), dwordValue('Default', 1)]),
  key('Setup', [dwordValue('SystemSetupInProgress', 0)]),
  key(
    'ControlSet001',
    [],
    key(
      'Control',
      [],
      key(
        'Session Manager',
        [],
        key('Environment', [textValue('PROCESSOR_ARCHITECTURE', 'AMD64')]),
      ),
      key('ProductOptions', [textValue('ProductType', 'WinNT')]),
      key('Nls', [], key('Language', [textValue('InstallLanguage', '0409')])),
    ),
    key('Services', []),
  ),
);
const SOFTWARE = hive(
  'SOFTWARE',
  key(
    'Microsoft',
    [],
    key(
      'Windows NT',
      [],
      key('CurrentVersion', [
        textValue('CurrentBuildNumber', '26100'),
        textValue('EditionID', 'Professional'),
        dwordValue('CurrentMajorVersionNumber', 10),
        dwordValue('CurrentMinorVersionNumber', 0),
        dwordValue('UBR', 1742),
      ]),
    ),
    key(
      'Windows',
      [],
      key(
        'CurrentVersion',
        [],
        key(
          'Setup',
          [],
          key('State', [textValue('ImageState', 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE')]),
        ),
      ),
    ),
  ),
);

/**
 * A WIM that is a Windows in all that the agent looks at: registry, kernel, loaders, boot managers. Nothing in it can
 * start. 40 MiB, so that a power cut meets the middle of it.
 */
export async function windowsLikeImage(
  directory: string,
): Promise<{ readonly wim: string; readonly folder: string }> {
  const folder = join(directory, 'windows-like');
  const wim = join(directory, 'windows-like.wim');
  await writeTree(folder, {
    'Windows/System32/kernel32.dll': noise(100_000),
    'Windows/System32/ntoskrnl.exe': noise(200_000),
    'Windows/System32/winload.efi': noise(50_000),
    'Windows/System32/config/SYSTEM': SYSTEM,
    'Windows/System32/config/SOFTWARE': SOFTWARE,
    'Windows/Boot/EFI/bootmgfw.efi': 'the boot manager of 2011',
    'Windows/Boot/EFI_EX/bootmgfw_EX.efi': 'the boot manager of 2023',
    'Users/Public/Documents/Grüße.txt': 'Umlauts in names and text: äöü\n',
    'Windows/noise.bin': noise(40 * 1024 * 1024),
  });
  // WINDOWS/ARCH 9: PROCESSOR_ARCHITECTURE_AMD64 (winnt.h)
  await captureWim(folder, wim, {
    name: 'Windows-like',
    properties: { 'WINDOWS/ARCH': '9' },
    unixData: false,
  });
  return { wim, folder };
}

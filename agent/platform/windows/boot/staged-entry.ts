import { StepError } from '../../../sequence/step-error.ts';
import { parseBcdedit } from '../tools/bcdedit.ts';
import type { BootParts } from './install-windows.ts';

/** The agent's own objects in a store: always the same, so that an old one is found and replaced. */
export const STAGED_LOADER = '{6d657461-6c77-4269-8768-742d7065006c}';
const STAGED_OPTIONS = '{6d657461-6c77-4269-8768-742d7065006f}';
/** Where Windows PE is staged, below the root of a volume. */
export const ENGINE_FOLDER = '_SMSTaskSequence';
export const FOLDER = 'WinPE';
export const WIM = ['sources', 'boot.wim'];
export const SDI = ['boot', 'boot.sdi'];

/** Takes the entries out of a store; those that are not there are no failure. */
export async function removeEntries(
  store: readonly string[],
  { runTool }: BootParts,
  signal: AbortSignal,
): Promise<void> {
  for (const id of [STAGED_LOADER, STAGED_OPTIONS])
    await runTool(
      { argv: ['bcdedit.exe', ...store, '/delete', id, '/cleanup'], allowed: 'any' },
      signal,
    );
}

/**
 * Makes Windows PE what starts next, once. @param letter of the volume that it is on
 * @throws {StepError} `boot.stage-read-back`, `tool.*`
 */
export async function addEntry(
  letter: string,
  store: readonly string[],
  { runTool, identity, settings }: BootParts,
  signal: AbortSignal,
): Promise<void> {
  const bcdedit = async (...args: string[]): Promise<string> =>
    (await runTool({ argv: ['bcdedit.exe', ...store, ...args] }, signal)).output;
  const staged = (names: readonly string[]) => `\\${[ENGINE_FOLDER, FOLDER, ...names].join('\\')}`;
  const ramdisk = `ramdisk=[${letter}:]${staged(WIM)},${STAGED_OPTIONS}`;
  const loader = `\\windows\\system32\\boot\\winload.${identity.firmware === 'uefi' ? 'efi' : 'exe'}`;
  await bcdedit('/create', STAGED_OPTIONS, '/d', 'Metalwright RAM disk', '/device');
  await bcdedit('/set', STAGED_OPTIONS, 'ramdisksdidevice', `partition=${letter}:`);
  await bcdedit('/set', STAGED_OPTIONS, 'ramdisksdipath', staged(SDI));
  await bcdedit(
    '/create',
    STAGED_LOADER,
    '/d',
    'Metalwright Windows PE',
    '/application',
    'osloader',
  );
  for (const [name, value] of [
    ['device', ramdisk],
    ['osdevice', ramdisk],
    ['path', loader],
    ['systemroot', '\\windows'],
    ['detecthal', 'yes'],
    ['winpe', 'yes'],
  ] as const)
    await bcdedit('/set', STAGED_LOADER, name, value);
  await bcdedit('/bootsequence', STAGED_LOADER);
  const [entry] = parseBcdedit(await bcdedit('/enum', STAGED_LOADER));
  const [manager] = parseBcdedit(await bcdedit('/enum', '{bootmgr}'));
  const isNext = manager?.elements.get('bootsequence')?.[0]?.toLowerCase() === STAGED_LOADER;
  if (!isNext || !entry?.elements.get('osdevice')?.[0]?.toLowerCase().includes('boot.wim'))
    throw new StepError(
      'boot.stage-read-back',
      'bcdedit ended well, and Windows PE is not what starts next',
      {
        hint: 'What bcdedit printed is in the log of the run.',
      },
    );
  if (identity.firmware !== 'uefi' || settings.environment !== 'full-os') return;
  // Whatever the firmware starts first, next it starts the boot manager; where it refuses, its own order counts.
  const next = ['/set', '{fwbootmgr}', 'bootsequence', '{bootmgr}'];
  await runTool({ argv: ['bcdedit.exe', ...next], allowed: 'any' }, signal);
}

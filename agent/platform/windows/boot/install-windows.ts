import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import type { MachineArchitecture } from '../../../protocol/identity.ts';
import type { VolumeId } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';
import { runDiskpart } from '../disk/run-diskpart.ts';
import type { WindowsDisk } from '../disk.ts';
import type { WindowsMachineParts } from '../parts.ts';
import { toolFailure } from '../run-tool.ts';
import { parseBcdbootProblem } from '../tools/bcdboot.ts';
import { parseBcdedit } from '../tools/bcdedit.ts';
import { activateVolumeScript } from '../tools/diskpart/script.ts';
import { defaultLoader, isSameVolume, readStore, storePath } from './boot-store.ts';
import { firmwareTrust, putTrustedManager, type ReadFirmwareVariable } from './trusted-manager.ts';

const TOOL_TIMEOUT_MS = 5 * 60_000;
const SYSTEM_HIVE = ['Windows', 'System32', 'config', 'SYSTEM'];
/** What firmware starts that has lost its entries (UEFI 2.10, 3.5.1.1). */
export const fallbackLoader: Readonly<Record<MachineArchitecture, string>> = {
  x64: 'bootx64.efi',
  arm64: 'bootaa64.efi',
  x86: 'bootia32.efi',
};

export interface BootParts
  extends Pick<WindowsMachineParts, 'runTool' | 'scratch' | 'log' | 'systemRoot'> {
  readonly identity: Pick<
    WindowsMachineParts['identity'],
    'architecture' | 'firmware' | 'secureBoot'
  >;
  readonly firmwareVariable: ReadFirmwareVariable;
  readonly settings: Pick<WindowsMachineParts['settings'], 'environment'>;
  /** Where a letter is reached, `W:\`: tests have folders. */
  readonly rootOf?: (letter: string) => string;
}
export type BootDisk = Pick<WindowsDisk, 'scan' | 'find' | 'letter' | 'flush'>;

export function rootOf(parts: BootParts, letter: string): string {
  return parts.rootOf?.(letter) ?? `${letter}:\\`;
}

/**
 * Makes a Windows start by its own bcdboot: boot manager, boot configuration, entry of the firmware; then looks
 * whether they are there and point at that Windows. @throws {StepError} `boot.*`, `windows.boot-files`
 */
export async function installWindows(
  { systemVolume, osVolume }: { readonly systemVolume: VolumeId; readonly osVolume: VolumeId },
  { parts, disk }: { readonly parts: BootParts; readonly disk: BootDisk },
  signal: AbortSignal,
): Promise<void> {
  const { runTool, identity } = parts;
  const { firmware } = identity;
  assertStyle(disk, { systemVolume, osVolume }, firmware);
  await using windows = await disk.letter(osVolume, signal);
  await using system = await disk.letter(systemVolume, signal);
  const root = rootOf(parts, system.letter);
  const osRoot = rootOf(parts, windows.letter);
  if (!(await isFile(below(osRoot, ...SYSTEM_HIVE))))
    throw new StepError('boot.no-system', 'The volume has no \\Windows\\System32\\config\\SYSTEM', {
      hint: 'Apply an image of Windows first.',
    });
  if (firmware === 'bios') await prepareBios(systemVolume, system.letter, { parts, disk }, signal);
  const command = {
    argv: [
      'bcdboot.exe',
      `${windows.letter}:\\Windows`,
      '/s',
      `${system.letter}:`,
      '/f',
      firmware === 'uefi' ? 'UEFI' : 'BIOS',
      '/v',
    ] as [string, ...string[]],
    timeoutMs: TOOL_TIMEOUT_MS,
    allowed: 'any' as const,
  };
  const run = await runTool(command, signal);
  if (run.exit.outcome === 'failed') {
    const failure = toolFailure(command, run);
    const said = parseBcdbootProblem(run.output)?.messages.slice(-3).join(' | ');
    throw new StepError('boot.bcdboot', said ? `${failure.message} | ${said}` : failure.message, {
      exitCode: run.code,
      hint: failure.hint ?? 'The system partition is missing, full, or not formatted.',
    });
  }
  if (firmware === 'uefi') {
    const trust = firmwareTrust(identity.secureBoot, parts.firmwareVariable, parts.log);
    const bootex = async (): Promise<void> => {
      // One that does not know it leaves all as it was.
      await runTool({ ...command, argv: [...command.argv, '/bootex'] }, signal);
    };
    const tools = trust && { trust, bootex, log: parts.log };
    if (tools) await putTrustedManager({ root, osRoot }, tools, signal);
    await putFallback(root, parts);
  }
  await disk.flush(systemVolume, signal);
  await assertFiles(root, osRoot, firmware);
  await assertStore(
    storePath(root, firmware),
    { osVolume, letter: windows.letter },
    { parts, disk },
    signal,
  );
  if (firmware === 'uefi') await lookAtFirmware(parts, signal);
}

function assertStyle(
  disk: BootDisk,
  { systemVolume, osVolume }: { readonly systemVolume: VolumeId; readonly osVolume: VolumeId },
  firmware: 'uefi' | 'bios',
): void {
  const wanted = firmware === 'uefi' ? 'gpt' : 'mbr';
  for (const volume of [systemVolume, osVolume]) {
    const { disk: found } = disk.find(volume);
    if (found.style === wanted) continue;
    throw new StepError(
      'boot.mbr',
      `This machine starts by ${firmware.toUpperCase()}, and Windows then needs a disk with ${wanted.toUpperCase()}; disk ${found.disk.number} has ${found.style.toUpperCase()}`,
      { hint: `Use style: ${wanted} in the format-disk step.` },
    );
  }
}

/** The partition must be active, and its boot sector one that loads bootmgr. */
async function prepareBios(
  volume: VolumeId,
  letter: string,
  { parts, disk }: { readonly parts: BootParts; readonly disk: BootDisk },
  signal: AbortSignal,
): Promise<void> {
  if (disk.find(volume).partition.active !== true) {
    const text = activateVolumeScript(letter);
    const script = {
      text,
      title: `activating ${letter}:`,
      timeoutMs: TOOL_TIMEOUT_MS,
      again: true,
    };
    await runDiskpart(script, parts, signal);
    if (disk.find(volume).partition.active !== true)
      throw new StepError(
        'disk.not-written',
        `diskpart made ${letter}: active as it said, and it is not`,
      );
  }
  const argv: [string, ...string[]] = ['bootsect.exe', '/nt60', `${letter}:`, '/mbr'];
  try {
    await parts.runTool({ argv, timeoutMs: TOOL_TIMEOUT_MS }, signal);
  } catch (error) {
    if (!(error instanceof StepError) || error.code !== 'process.not-found') throw error;
    parts.log('There is no bootsect here: the boot sector stays as format wrote it');
  }
}

/** bcdboot leaves out what is there already, of whatever system. */
async function putFallback(root: string, { identity }: BootParts): Promise<void> {
  const manager = below(root, 'EFI', 'Microsoft', 'Boot', 'bootmgfw.efi');
  if (!(await isFile(manager))) return;
  const folder = below(root, 'EFI', 'Boot');
  await mkdir(folder, { recursive: true });
  await copyFile(manager, below(folder, fallbackLoader[identity.architecture]));
}

/** The boot manager is one of the two of that Windows, byte by byte. */
async function assertFiles(root: string, osRoot: string, firmware: 'uefi' | 'bios'): Promise<void> {
  if (firmware === 'bios') {
    if (!(await isFile(below(root, 'bootmgr')))) throw readBack('\\bootmgr is missing');
    return;
  }
  const path = below(root, 'EFI', 'Microsoft', 'Boot', 'bootmgfw.efi');
  const written = await readFile(path).catch(() => undefined);
  if (!written?.length) throw readBack('\\EFI\\Microsoft\\Boot\\bootmgfw.efi is missing');
  for (const source of [
    ['EFI', 'bootmgfw.efi'],
    ['EFI_EX', 'bootmgfw_EX.efi'],
  ]) {
    const own = await readFile(below(osRoot, 'Windows', 'Boot', ...source)).catch(() => undefined);
    if (own?.equals(written)) return;
  }
  throw readBack('\\EFI\\Microsoft\\Boot\\bootmgfw.efi is not of the Windows that was applied');
}

/** What the boot configuration starts by default must be that Windows. */
async function assertStore(
  path: string,
  { osVolume, letter }: { readonly osVolume: VolumeId; readonly letter: string },
  { parts, disk }: { readonly parts: BootParts; readonly disk: BootDisk },
  signal: AbortSignal,
): Promise<void> {
  if (!(await isFile(path))) throw readBack('there is no boot configuration (BCD)');
  const store = await readStore(path);
  if (store === undefined) {
    // Windows may still have it open: then its own tool reads it.
    const argv: [string, ...string[]] = ['bcdedit.exe', '/store', path, '/enum', '{default}'];
    const { output } = await parts.runTool({ argv }, signal);
    const device = parseBcdedit(output)[0]?.elements.get('osdevice')?.[0];
    if (device?.toUpperCase() === `PARTITION=${letter}:`) return;
    throw readBack(`the boot configuration starts ${device ?? 'nothing'}, not ${letter}:`);
  }
  const target = disk.find(osVolume);
  if (!isSameVolume(defaultLoader(store)?.partition, target.disk, target))
    throw readBack('the boot configuration does not start the Windows that was applied');
}

/** Only told: firmware that forgets its entries starts the fallback. */
async function lookAtFirmware({ runTool, log }: BootParts, signal: AbortSignal): Promise<void> {
  try {
    const { output } = await runTool({ argv: ['bcdedit.exe', '/enum', 'firmware'] }, signal);
    const order = parseBcdedit(output)
      .find(({ identifier }) => identifier === '{fwbootmgr}')
      ?.elements.get('displayorder');
    if (order?.includes('{bootmgr}')) log(`The firmware starts ${order.join(', ')}`);
    else log('The firmware has no entry of the Windows boot manager: it starts the fallback');
  } catch (error) {
    signal.throwIfAborted();
    log(`The entries of the firmware cannot be read here: ${String(error)}`);
  }
}

export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size > 0;
}

function readBack(what: string): StepError {
  return new StepError('boot.read-back', `bcdboot ended well, and ${what}`, {
    exitCode: 0x8007001d,
    hint: 'The system partition may be full, or the disk failing.',
  });
}

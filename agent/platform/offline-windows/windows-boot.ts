import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gptPartition } from '#boot/bcd/device.ts';
import { fileTimeOf } from '#boot/bcd/hive.ts';
import { installedWindowsStore } from '#boot/bcd/installed-windows.ts';
import { formatStore, parseStore } from '#boot/bcd/store.ts';
import type { MachineArchitecture } from '../../protocol/identity.ts';
import { StepError } from '../../sequence/step.ts';
import {
  type BootFileSet,
  bootFileName,
  bootFileSets,
  bootManagerOf,
  chooseBootFiles,
} from './boot-file-set.ts';
import type { FirmwareTrust } from './firmware-trust.ts';
import { findFile, findPath, placeFor } from './folders.ts';

/** A file to be on the EFI partition, and where it is in the Windows. */
export interface BootFile {
  readonly from: string;
  /** Below the root of the EFI partition, with slashes. */
  readonly to: string;
}

/** What the boot configuration says: the title, and where Windows and the boot manager are. */
interface StoreSettings {
  readonly title: string;
  /** `en-US`, of the boot manager's own texts. */
  readonly locale: string;
  /** GUIDs of the disk with the EFI partition, and of that partition. */
  readonly disk: string;
  readonly espGuid: string;
  readonly windowsDisk: string;
  readonly windowsGuid: string;
  readonly nowMs: number;
}

const BOOT_FOLDER = 'EFI/Microsoft/Boot';
/** What firmware starts that has lost its entries (UEFI 2.10, 3.5.1.1). */
const fallback: Readonly<Record<MachineArchitecture, string>> = {
  x64: 'EFI/Boot/bootx64.efi',
  arm64: 'EFI/Boot/bootaa64.efi',
  x86: 'EFI/Boot/bootia32.efi',
};

/**
 * Puts what starts a Windows onto an EFI partition, out of the Windows itself, as bcdboot does: boot manager,
 * fonts, resources, and a boot configuration with the partitions' GUIDs. All is read back.
 * @param volumes the mounted Windows and EFI partition
 * @throws {StepError} `boot.no-system`, `boot.esp-full`, `boot.read-back`, `windows.boot-files`
 */
export async function writeWindowsBoot(
  volumes: { readonly windows: string; readonly esp: string; readonly espBytes: number },
  settings: StoreSettings & {
    readonly architecture: MachineArchitecture;
    readonly trust: FirmwareTrust;
  },
  signal: AbortSignal,
): Promise<{ readonly set: BootFileSet; readonly reason: string }> {
  const { windows, esp } = volumes;
  if ((await findFile(windows, '\\Windows\\System32\\config\\SYSTEM')) === undefined)
    throw new StepError('boot.no-system', 'The volume has no \\Windows\\System32\\config\\SYSTEM', {
      hint: 'Apply an image of Windows first.',
    });
  const chosen = await chooseBootFiles(await bootManagersOf(windows), settings.trust);
  const files = await bootFiles(windows, chosen.set);
  const manager = files.find(
    ({ to }) => to.toLowerCase() === `${BOOT_FOLDER}/bootmgfw.efi`.toLowerCase(),
  );
  if (manager === undefined)
    throw new StepError('boot.no-system', `${bootManagerOf[chosen.set]} is gone`);
  const all = [...files, { from: manager.from, to: fallback[settings.architecture] }];
  await assertRoom(volumes, all);
  // Files of an earlier Windows go first: logs of its BCD would be replayed over the new one.
  await rm(await placeFor(esp, BOOT_FOLDER), { recursive: true, force: true });
  for (const { from, to } of all) {
    signal.throwIfAborted();
    await put(await placeFor(esp, to), await readFile(from));
  }
  await writeStore(await placeFor(esp, `${BOOT_FOLDER}/BCD`), settings);
  for (const { from, to } of all) await compare(await placeFor(esp, to), await readFile(from));
  return chosen;
}

/** The boot managers of a Windows, by the root of its volume. */
export async function bootManagersOf(
  windows: string,
): Promise<Partial<Record<BootFileSet, Uint8Array>>> {
  const managers: Partial<Record<BootFileSet, Uint8Array>> = {};
  for (const set of bootFileSets) {
    const path = await findFile(windows, bootManagerOf[set]);
    if (path !== undefined) managers[set] = await readFile(path);
  }
  return managers;
}

/**
 * Everything that bcdboot takes: the plain set with its texts in all languages, fonts and resources; files of the
 * newer set take the place of their like.
 */
export async function bootFiles(windows: string, set: BootFileSet): Promise<BootFile[]> {
  const sources = [
    ['EFI', BOOT_FOLDER],
    ['Fonts', `${BOOT_FOLDER}/Fonts`],
    ['Resources', `${BOOT_FOLDER}/Resources`],
    ...(set === 'EFI_EX'
      ? [
          ['EFI_EX', BOOT_FOLDER],
          ['Fonts_EX', `${BOOT_FOLDER}/Fonts`],
        ]
      : []),
  ] as const;
  const files = new Map<string, BootFile>();
  for (const [folder, to] of sources) {
    const from = await findPath(windows, `\\Windows\\Boot\\${folder}`);
    if (from === undefined) continue;
    const isNewer = folder.endsWith('_EX');
    for (const path of await filesBelow(from)) {
      const target = `${to}/${isNewer ? bootFileName(path) : path}`;
      files.set(target.toLowerCase(), { from: join(from, path), to: target });
    }
  }
  return [...files.values()];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

async function assertRoom(
  { esp, espBytes }: { readonly esp: string; readonly espBytes: number },
  files: readonly BootFile[],
): Promise<void> {
  const { blocks, bavail, bsize } = await statfs(esp);
  // No blocks at all: a driver that does not tell (fusefat); then at least the partition must be large enough.
  const free = blocks === 0 ? espBytes : bavail * bsize;
  let needed = 64 * 1024; // the boot configuration, and folders
  for (const { from, to } of files) {
    const old = await stat(await placeFor(esp, to)).catch(() => undefined);
    needed += Math.ceil((await stat(from)).size / bsize) * bsize - (old?.size ?? 0);
  }
  if (free < needed)
    throw new StepError(
      'boot.esp-full',
      `The boot files of Windows need ${needed} bytes, the EFI partition has ${free} free`,
      { exitCode: 0x80070070, hint: 'Make the EFI partition larger: 260 MiB is a good size.' },
    );
}

async function writeStore(path: string, settings: StoreSettings): Promise<void> {
  const store = installedWindowsStore({
    firmware: 'uefi',
    system: gptPartition(settings.espGuid, settings.disk),
    windows: gptPartition(settings.windowsGuid, settings.windowsDisk),
    description: settings.title,
    locale: settings.locale,
    loader: randomUUID(),
    resume: randomUUID(),
  });
  await put(path, formatStore(store, fileTimeOf(settings.nowMs)));
  if (!isDeepStrictEqual(parseStore(await readFile(path)), store))
    throw readBack(path, 'another boot configuration');
}

async function put(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // Not copyFile: it sets modes, which FAT has not and fusefat refuses.
  await writeFile(path, bytes, { flush: true });
}

async function compare(path: string, wanted: Uint8Array): Promise<void> {
  const found = await readFile(path).catch(() => undefined);
  if (found === undefined || !found.equals(wanted)) throw readBack(path, 'other bytes');
}

function readBack(path: string, what: string): StepError {
  return new StepError('boot.read-back', `${path} reads back ${what} than were written`, {
    exitCode: 0x8007001d,
    hint: 'The disk may be failing; see its SMART data.',
  });
}

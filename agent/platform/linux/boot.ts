import { mkdir, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { windowsLoadOptionData } from '#boot/bcd/load-option.ts';
import type { MachineArchitecture } from '../../protocol/identity.ts';
import type { BootCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { languageOf } from '../offline-windows/facts.ts';
import { readFirmwareTrust } from '../offline-windows/firmware-trust.ts';
import { openHive } from '../offline-windows/hive-file.ts';
import { writeWindowsBoot } from '../offline-windows/windows-boot.ts';
import { type AgentInstallation, installAgent } from './agent-install.ts';
import type { BootEntries } from './boot-entries.ts';
import {
  isOfWindowsGone,
  isOurs,
  LABEL_MARK,
  makeEntry,
  WINDOWS_LABEL,
  WINDOWS_LOADER,
} from './boot-entry.ts';
import { syncDevice } from './device.ts';
import type { LinuxDisk } from './disk.ts';
import { isFile } from './is-file.ts';
import {
  formatGrubConfig,
  formatLoaderEntry,
  type KernelFiles,
  kernelOptions,
  newestKernel,
} from './linux-boot-files.ts';
import type { Mounts } from './mounts.ts';
import { runTool } from './process.ts';
import { startFromDisk } from './start-from-disk.ts';

const OS_FOLDER = 'metalwright/os';
const FALLBACK = 'EFI/BOOT/BOOTX64.EFI';
/** Loaders of the boot environment: Debian's systemd-boot-efi, shim-signed and grub-efi-amd64-signed. */
const SYSTEMD_BOOT = 'usr/lib/systemd/boot/efi/systemd-bootx64.efi';
const SHIM = 'usr/lib/shim/shimx64.efi.signed';
const MOK_MANAGER = 'usr/lib/shim/mmx64.efi.signed';
const SIGNED_GRUB = 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed';

/**
 * Makes a Linux image boot by UEFI: systemd-boot, or with Secure Boot shim and Debian's signed GRUB;
 * kernel and initrd are copied to the ESP. Windows by its own boot manager. One boot entry, first in the order and read back, and the
 * fallback path for firmware that forgets entries.
 */
export function linuxBoot(options: {
  readonly disk: LinuxDisk;
  readonly mounts: Mounts;
  readonly entries: BootEntries;
  readonly firmware: 'uefi' | 'bios';
  readonly architecture: MachineArchitecture;
  readonly secureBoot: boolean;
  readonly log: (message: string) => void;
  readonly agent: AgentInstallation;
  /** Root of the boot environment, where its loaders are. */
  readonly root: string;
}): BootCapability {
  const { disk, mounts, entries, firmware, secureBoot, agent, root } = options;
  const installWindows = windowsInstaller(options);
  return {
    async install({ systemVolume, osVolume, os, title }, signal) {
      if (firmware === 'bios')
        throw new StepError(
          'boot.bios',
          'this machine started by BIOS; only UEFI is supported here',
          {
            hint: 'Switch the firmware to UEFI.',
          },
        );
      const system = await disk.find(systemVolume, signal);
      const target = await disk.find(osVolume, signal);
      if (target.partitionGuid === undefined || system.partitionGuid === undefined)
        throw new StepError('boot.mbr', 'a UEFI boot entry needs a GPT disk');
      const present = new Set(
        (await disk.scan(signal)).flatMap(({ volumes }) =>
          volumes.flatMap(({ partitionGuid }) => partitionGuid ?? []),
        ),
      );
      const place = {
        disk: system.disk.path,
        partitionNumber: system.partition.number,
        partitionGuid: system.partitionGuid,
      };
      if (os === 'windows') {
        await installWindows({ system, target, title }, signal);
        const optionalData = windowsLoadOptionData();
        await makeEntry(
          entries,
          { ...place, label: WINDOWS_LABEL, loader: WINDOWS_LOADER, optionalData },
          (entry) =>
            isOurs(entry) || isOfWindowsGone(entry, { replaced: place.partitionGuid, present }),
          signal,
        );
        return;
      }
      await using esp = await mounts.mount(system.path, 'fat32', signal);
      await using osRoot = await mounts.mount(target.path, target.partition.fileSystem, signal);
      const kernel = newestKernel(await readdir(join(osRoot.path, 'boot')).catch(() => []));
      if (!kernel)
        throw new StepError('boot.no-kernel', 'the image has no /boot/vmlinuz-* with its initrd', {
          hint: 'Capture an OS with a kernel and an initramfs.',
        });
      await copyKernel(osRoot.path, esp.path, kernel);
      const commandLine = await readFile('/proc/cmdline', 'utf8');
      const entry = {
        title,
        kernel: `/${OS_FOLDER}/vmlinuz`,
        initrd: `/${OS_FOLDER}/initrd`,
        options: kernelOptions(target.partitionGuid, commandLine),
      };
      const sources = [root, osRoot.path];
      const loader = secureBoot
        ? await installShim(sources, esp.path, formatGrubConfig(entry))
        : await installSystemdBoot(sources, esp.path, formatLoaderEntry(entry));
      await installAgent(osRoot.path, agent);
      await makeEntry(
        entries,
        { ...place, label: `${title} (${LABEL_MARK})`.slice(0, 120), loader },
        (entry) => isOurs(entry) || isOfWindowsGone(entry, { replaced: '', present }),
        signal,
      );
    },

    async startFromDisk(signal) {
      if (firmware === 'bios') return undefined;
      return startFromDisk({ disk, mounts, entries, windowsData: windowsLoadOptionData }, signal);
    },

    async bootable(signal) {
      const disks = await disk.scan(signal);
      const systems = disks
        .filter(({ disk }) => !disk.removable)
        .flatMap(({ volumes }) => volumes)
        .filter(({ partition }) => partition.type === 'efi' && partition.fileSystem !== '');
      if (firmware === 'bios') return systems.length > 0;
      const menu = await entries.read(signal);
      for (const { path, partitionGuid } of systems) {
        await using esp = await mounts.mount(path, 'fat32', signal);
        const loaders = menu.entries
          .filter((entry) => entry.partitionGuid === partitionGuid)
          .map(({ loader }) => loader?.replaceAll('\\', '/') ?? '');
        for (const loader of [...loaders, FALLBACK])
          if (loader !== '' && (await isFile(join(esp.path, loader)))) return true;
      }
      return false;
    },
  };
}

/** Boot files and boot configuration of a Windows, written out and read back before an entry names them. */
function windowsInstaller({
  mounts,
  architecture,
  secureBoot,
  log,
}: Pick<Parameters<typeof linuxBoot>[0], 'mounts' | 'architecture' | 'secureBoot' | 'log'>) {
  return async (
    { system, target, title }: Record<'system' | 'target', Found> & { readonly title: string },
    signal: AbortSignal,
  ): Promise<void> => {
    await using windows = await mounts.mount(target.path, 'ntfs', signal);
    await using esp = await mounts.mount(system.path, 'fat32', signal);
    const { set, reason } = await writeWindowsBoot(
      { windows: windows.path, esp: esp.path, espBytes: system.partition.sizeBytes },
      {
        architecture,
        trust: await readFirmwareTrust(secureBoot),
        title,
        locale: await localeOf(windows.path),
        disk: await diskGuid(system.disk.path, signal),
        espGuid: system.partitionGuid ?? '',
        windowsDisk: await diskGuid(target.disk.path, signal),
        windowsGuid: target.partitionGuid ?? '',
        nowMs: Date.now(),
      },
      signal,
    );
    log(`Boot files of \\Windows\\Boot\\${set}: ${reason}`);
    await mounts.sync(system.path, signal);
    await syncDevice(system.path);
  };
}
type Found = Awaited<ReturnType<LinuxDisk['find']>>;

/** Language of the boot manager's texts: that of the Windows, English where it does not say. */
async function localeOf(windows: string): Promise<string> {
  try {
    const { hive } = await openHive(windows, 'SYSTEM');
    return languageOf(hive.root) ?? 'en-US';
  } catch {
    return 'en-US';
  }
}

/** GUID of a GPT disk. */
async function diskGuid(disk: string, signal: AbortSignal): Promise<string> {
  return (await runTool(['sfdisk', '--disk-id', disk], signal)).stdout.trim().toLowerCase();
}

async function copyKernel(osRoot: string, esp: string, files: KernelFiles): Promise<void> {
  const folder = join(esp, OS_FOLDER);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const from = [files.kernel, files.initrd].map((name) => join(osRoot, 'boot', name));
  const sizes = await Promise.all(from.map(async (path) => (await stat(path)).size));
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  const { blocks, bavail, bsize } = await statfs(esp);
  // No blocks at all: a driver that does not tell (fusefat); a copy that does not fit fails by itself.
  if (blocks > 0 && bavail * bsize < needed)
    throw new StepError(
      'boot.esp-full',
      `kernel and initrd need ${needed} bytes, the EFI partition has ${bavail * bsize} free`,
      { exitCode: 0x80070070, hint: 'Make the EFI partition larger: 512 MiB is a good size.' },
    );
  // Not copyFile: it sets modes, which FAT has not and fusefat refuses.
  await writeFile(join(folder, 'vmlinuz'), await readFile(from[0] ?? ''));
  await writeFile(join(folder, 'initrd'), await readFile(from[1] ?? ''));
}

async function installSystemdBoot(
  sources: readonly string[],
  esp: string,
  entry: string,
): Promise<string> {
  const loader = await findLoader(sources, SYSTEMD_BOOT, 'systemd-boot-efi');
  await put(esp, 'EFI/systemd/systemd-bootx64.efi', loader);
  await put(esp, FALLBACK, loader);
  await putText(esp, 'loader/loader.conf', 'default metalwright.conf\ntimeout 0\n');
  await putText(esp, 'loader/entries/metalwright.conf', entry);
  return '\\EFI\\systemd\\systemd-bootx64.efi';
}

/** Debian's signed GRUB looks for its configuration in /EFI/debian of the partition it came from. */
async function installShim(
  sources: readonly string[],
  esp: string,
  config: string,
): Promise<string> {
  const shim = await findLoader(sources, SHIM, 'shim-signed');
  const grub = await findLoader(sources, SIGNED_GRUB, 'grub-efi-amd64-signed');
  for (const folder of ['EFI/debian', 'EFI/BOOT']) {
    await put(esp, `${folder}/grubx64.efi`, grub);
    const manager = await findLoader(sources, MOK_MANAGER, 'shim-helpers-amd64-signed').catch(
      () => undefined,
    );
    if (manager !== undefined) await put(esp, `${folder}/mmx64.efi`, manager);
  }
  await put(esp, 'EFI/debian/shimx64.efi', shim);
  await put(esp, FALLBACK, shim);
  await putText(esp, 'EFI/debian/grub.cfg', config);
  return '\\EFI\\debian\\shimx64.efi';
}

async function findLoader(
  sources: readonly string[],
  path: string,
  packageName: string,
): Promise<string> {
  for (const source of sources) if (await isFile(join(source, path))) return join(source, path);
  throw new StepError('boot.no-loader', `neither the boot environment nor the image has /${path}`, {
    hint: `Debian's package ${packageName} has it.`,
  });
}

async function put(esp: string, path: string, from: string): Promise<void> {
  await mkdir(dirname(join(esp, path)), { recursive: true });
  await writeFile(join(esp, path), await readFile(from));
}

async function putText(esp: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(esp, path)), { recursive: true });
  await writeFile(join(esp, path), text);
}

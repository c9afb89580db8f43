import type { BootCapability } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { below } from '../below.ts';
import {
  type DefaultLoader,
  defaultLoader,
  isSameVolume,
  readStore,
  storePath,
  systemVolumes,
} from './boot/boot-store.ts';
import {
  type BootDisk,
  type BootParts,
  fallbackLoader,
  installWindows,
  isFile,
  rootOf,
} from './boot/install-windows.ts';
import { stagePe, unstagePe } from './boot/stage-pe.ts';
import { startFromDisk } from './boot/start-from-disk.ts';
import type { ScannedDisk } from './disk/drives.ts';

/** What a Windows machine starts from. */
export function windowsBoot(
  parts: BootParts,
  { disk }: { readonly disk: BootDisk },
): BootCapability {
  const { firmware, architecture } = parts.identity;
  /** The loader of the default entry, where its partition is one of this machine. */
  const startsWindows = async (
    loader: DefaultLoader | undefined,
    disks: readonly ScannedDisk[],
    signal: AbortSignal,
  ): Promise<boolean> => {
    for (const each of disks)
      for (const volume of each.volumes) {
        if (volume.name === undefined || !isSameVolume(loader?.partition, each, volume)) continue;
        await using os = await disk.letter(volume.partition.volume, signal);
        const names = loader?.path.split('\\').filter(Boolean) ?? [];
        if (await isFile(below(rootOf(parts, os.letter), ...names))) return true;
      }
    return false;
  };
  const bootable = async (signal: AbortSignal): Promise<boolean> => {
    // What runs from the disk started from it; its boot configuration is open and cannot be read.
    if (parts.settings.environment === 'full-os') return true;
    const disks = disk.scan().filter((each) => !each.disk.removable);
    for (const { partition } of systemVolumes(disks, firmware)) {
      await using lent = await disk.letter(partition.volume, signal);
      const root = rootOf(parts, lent.letter);
      const path = storePath(root, firmware);
      const store = await readStore(path);
      if (store !== undefined) {
        if (await startsWindows(defaultLoader(store), disks, signal)) return true;
        continue;
      }
      // Another system than Windows.
      const fallback = below(root, 'EFI', 'Boot', fallbackLoader[architecture]);
      if (firmware === 'uefi' && !(await isFile(path)) && (await isFile(fallback))) return true;
    }
    return false;
  };
  return {
    async install({ systemVolume, osVolume, os }, signal) {
      if (os === 'linux')
        throw new StepError('boot.linux', 'A Linux is not made bootable from Windows PE', {
          hint: 'Deploy it from Linux PE.',
        });
      await installWindows({ systemVolume, osVolume }, { parts, disk }, signal);
    },
    bootable,
    startFromDisk: async (signal) =>
      firmware === 'uefi' ? startFromDisk(parts, signal) : undefined,
    // Windows PE came by the network or from media: it does again unless a disk has something to start.
    mustStagePe: bootable,
    stagePe: async ({ folder }, signal) => stagePe(folder, { parts, disk }, signal),
    unstagePe: async (signal) => unstagePe({ parts, disk }, signal),
  };
}

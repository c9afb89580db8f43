import { mkdir, mkdtemp, readlink, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BcdError } from '#boot/bcd/bcd-error.ts';
import type { MachineArchitecture } from '../../../protocol/identity.ts';
import type { VolumeId } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step.ts';
import type { WindowsCapability } from '../../../sequence/windows-capability.ts';
import { newPassword } from '../../new-password.ts';
import { factsOf } from '../../offline-windows/facts.ts';
import { readFirmwareTrust } from '../../offline-windows/firmware-trust.ts';
import { openHive } from '../../offline-windows/hive-file.ts';
import { installWindowsAgent, type WindowsAgent } from '../../offline-windows/install-agent.ts';
import { changeSmallFile, readSmallFile } from '../../offline-windows/small-files.ts';
import { syncDevice } from '../device.ts';
import type { LinuxDisk } from '../disk.ts';
import type { ScannedDisk } from '../disk-scan.ts';
import type { Mounts } from '../mounts.ts';
import { openNbdFile } from '../nbd-file.ts';
import { runTool } from '../process.ts';
import { checkedFiles, checkWindowsImage, parseWindowsInfo } from './check-image.ts';
import { editRegistry } from './edit-registry.ts';
import { stageDrivers } from './stage-drivers.ts';
import { extractFiles } from './wim-files.ts';

/** Work on a Windows from Linux: files by NTFS-3G, the registry by hivex, drivers staged for specialize. */
export function linuxWindows(options: {
  readonly disk: LinuxDisk;
  readonly mounts: Mounts;
  readonly devices: WindowsCapability['devices'];
  readonly machine: {
    readonly architecture: MachineArchitecture;
    readonly firmware: 'uefi' | 'bios';
    readonly secureBoot: boolean;
  };
  readonly agent: WindowsAgent;
  /** Folder for what is worked on. */
  readonly folder: string;
}): WindowsCapability {
  const { disk, mounts, devices, machine, agent, folder } = options;
  /** Opens the volume, and writes out all that was changed before it lets go of it. */
  const opened = async (volume: VolumeId, signal: AbortSignal): Promise<OpenVolume> => {
    const { path: device } = await disk.find(volume, signal);
    const mounted = await mounts.mount(device, 'ntfs', signal);
    return {
      root: mounted.path,
      flush: async () => {
        await mounts.sync(device, signal);
        await syncDevice(device);
      },
      [Symbol.asyncDispose]: async () => mounted[Symbol.asyncDispose](),
    };
  };
  return {
    devices,
    newPassword,

    files: {
      async read({ volume, path }, signal) {
        await using windows = await opened(volume, signal);
        // Awaited here: the volume is let go of when this returns.
        return await readSmallFile(windows.root, path);
      },
      async change({ volume, changes }, signal) {
        await using windows = await opened(volume, signal);
        for (const change of changes) {
          signal.throwIfAborted();
          await changeSmallFile(windows.root, change);
        }
        await windows.flush();
      },
    },

    async checkImage({ source, index }, signal) {
      await mkdir(folder, { recursive: true });
      const work = await mkdtemp(join(folder, 'check-'));
      try {
        await using file = await openNbdFile(source, work, signal);
        const image = { wim: file.path, index };
        const info = await runTool(['wimlib-imagex', 'info', image.wim, String(index)], signal, {
          timeoutMs: 600_000,
        });
        const files = await extractFiles(image, checkedFiles, join(work, 'files'), signal);
        await checkWindowsImage(files, parseWindowsInfo(info.stdout), {
          ...machine,
          trust: await readFirmwareTrust(machine.secureBoot),
          devices: await devices(signal),
          disks: await disksInSysfs(await disk.scan(signal)),
        });
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },

    async facts(volume, signal) {
      await using windows = await opened(volume, signal);
      const system = await openHive(windows.root, 'SYSTEM');
      const software = await openHive(windows.root, 'SOFTWARE');
      try {
        return factsOf(system.hive.root, software.hive.root);
      } catch (error) {
        if (!(error instanceof BcdError)) throw error;
        throw new StepError(
          'windows.hive',
          `The registry of the Windows is odd: ${error.message}`,
          {
            cause: error,
            hint: 'Add the image again from a good copy.',
          },
        );
      }
    },

    async editRegistry({ volume, hive, edits }, signal) {
      await using windows = await opened(volume, signal);
      await editRegistry(windows.root, { hive, edits }, join(folder, 'hives'), signal);
      await windows.flush();
    },

    async *addDrivers({ volume, folder: drivers, recurse }, signal) {
      await using windows = await opened(volume, signal);
      const outcome = yield* stageDrivers(windows.root, { folder: drivers, recurse }, signal);
      await windows.flush();
      return outcome;
    },

    async installAgent({ volume, architecture }, signal) {
      await using windows = await opened(volume, signal);
      const where = { architecture, agent, folder: join(folder, 'agent') };
      await installWindowsAgent(windows.root, where, signal);
      await windows.flush();
    },
  };
}

/** Of each fixed disk: the names on the way to it in sysfs. */
async function disksInSysfs(disks: readonly ScannedDisk[]): Promise<string[][]> {
  const fixed = disks.filter(({ disk }) => !disk.removable);
  const links = await Promise.all(
    fixed.map(async ({ path }) => readlink(`/sys/class/block/${basename(path)}`).catch(() => '')),
  );
  return links.map((link) => link.split('/'));
}

interface OpenVolume extends AsyncDisposable {
  readonly root: string;
  flush(): Promise<void>;
}

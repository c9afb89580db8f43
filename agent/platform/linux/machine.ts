import { readlink } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { basename, join } from 'node:path';
import type { MachineIdentity } from '../../protocol/identity.ts';
import type { MountedVolume, PowerCapability } from '../../sequence/platform.ts';
import type { WindowsCapability } from '../../sequence/windows-capability.ts';
import { fetchAgent } from '../../transport/fetch-agent.ts';
import type { Machine, MachineSettings } from '../machine.ts';
import { agentSettingsOf } from '../offline-windows/install-agent.ts';
import { uninstallAgent } from './agent-install.ts';
import { linuxBoot } from './boot.ts';
import { type BootEntries, firmwareBootEntries } from './boot-entries.ts';
import { bootMedium, mediaMedium } from './boot-medium.ts';
import { linuxCapture } from './capture.ts';
import { linuxContentShares } from './content-shares.ts';
import { linuxDevices } from './devices.ts';
import { type LinuxDisk, linuxDisk } from './disk.ts';
import { type DiskNames, diskNames } from './disk-names.ts';
import { type DiskSource, lsblk, parseLsblk } from './disk-scan.ts';
import { linuxGeneralize } from './generalize.ts';
import { busPathFrom, readIdentity } from './identity.ts';
import { linuxImage } from './image.ts';
import { type FirmwareFacts, readFirmware } from './inventory-smbios.ts';
import { linuxJournalPlaces } from './journal-places.ts';
import { withMediaJournal } from './media-journal.ts';
import { Mounts } from './mounts.ts';
import { linuxNetwork } from './network.ts';
import { linuxPower } from './power.ts';
import { linuxProcess } from './process-capability.ts';
import { linuxQuery } from './query.ts';
import { removeStaged } from './staged-entry.ts';
import { linuxWindows } from './windows/windows.ts';

/** The parts in which a real machine and a machine of loop devices differ. */
export interface LinuxParts {
  readonly identity: MachineIdentity;
  readonly source: DiskSource;
  /** SMBIOS and ACPI, for the inventory. */
  readonly firmwareFacts: () => Promise<FirmwareFacts>;
  readonly entries: BootEntries;
  /** The devices, as Plug and Play names them. */
  readonly devices: WindowsCapability['devices'];
  readonly power: PowerCapability;
  readonly removeAgent: () => Promise<void>;
  /** Opens the root of the installed system, `/`: what is changed below it is the machine's own. */
  readonly openRoot: (disk: LinuxDisk, signal: AbortSignal) => Promise<MountedVolume>;
  readonly attended: boolean;
  /** Of the installed system. */
  readonly cacheFolder: string;
}

/** This machine: Linux PE, or the Linux installed on it. */
export async function linuxMachine(settings: MachineSettings): Promise<Machine> {
  const identity = await readIdentity('/sys', settings.bootMac);
  const entries = firmwareBootEntries;
  const { firmware } = identity;
  return composeLinux(
    {
      identity,
      source: machineDisks,
      firmwareFacts: async () => readFirmware('/sys'),
      entries,
      devices: async () => linuxDevices('/sys'),
      power: linuxPower({
        entries,
        firmware,
        fromMedia: settings.mediaDevice !== undefined,
        staged: stagedDevice(settings),
        log: settings.log,
      }),
      removeAgent: async () => uninstallAgent('/'),
      openRoot: async () => ({ path: '/', async [Symbol.asyncDispose]() {} }),
      cacheFolder: '/var/cache/metalwright',
      attended: true,
    },
    settings,
  );
}

/** Wires the capabilities over the given parts. */
export function composeLinux(parts: LinuxParts, settings: MachineSettings): Machine {
  const { identity, source, entries, power } = parts;
  const { firmware, architecture, secureBoot } = identity;
  const mounts = new Mounts(join(settings.stateFolder, 'mounts'));
  const disk = linuxDisk({
    source,
    mounts,
    beforeErase: async (erased) => journals.erasing(erased.disk),
    staged: stagedDevice(settings),
    ...bootMediumParts(settings, firmware, entries),
  });
  const onDisks = linuxJournalPlaces(mounts, async (signal) => disk.scan(signal));
  const { mediaDataDevice } = settings;
  const journals =
    mediaDataDevice === undefined ? onDisks : withMediaJournal(onDisks, mounts, mediaDataDevice);
  const { standAloneRun } = settings;
  const agent = {
    binary: settings.agentBinary,
    siteCa: settings.siteCa,
    environment: settings.agentEnvironment,
    ...(standAloneRun === undefined ? {} : { standAloneRun }),
  };
  const contentFolder = join(settings.stateFolder, 'content');
  const process = linuxProcess({
    environment: settings.environment,
    scratchFolder: join(settings.stateFolder, 'scratch'),
    contentFolder,
    log: settings.log,
  });
  const windows = linuxWindows({
    disk,
    mounts,
    devices: parts.devices,
    machine: { architecture, firmware, secureBoot },
    agent: {
      settings: () => agentSettingsOf(settings.agentEnvironment()),
      siteCa: settings.siteCa,
      // Media have none for Windows.
      fetch: standAloneRun === undefined ? fetchAgent : async () => false,
    },
    folder: join(settings.stateFolder, 'windows'),
  });
  const contentShares = linuxContentShares({
    process,
    folder: join(settings.stateFolder, 'shares'),
  });
  return {
    identity,
    journals,
    contentFolder,
    ...(settings.environment === 'full-os' ? { cacheFolder: parts.cacheFolder } : {}),
    contentShares,
    platform: {
      environment: settings.environment,
      architecture,
      firmware,
      disk,
      image: linuxImage({ disk, mounts, folder: join(settings.stateFolder, 'work') }),
      boot: linuxBoot({
        disk,
        mounts,
        entries,
        firmware,
        architecture,
        secureBoot,
        log: settings.log,
        agent,
        root: '/',
      }),
      process,
      power,
      // An installed Linux works on no other system's disk.
      ...(settings.environment === 'linux-pe'
        ? {
            windows,
            capture: linuxCapture({
              disk,
              mounts,
              windows,
              folder: join(settings.stateFolder, 'capture'),
            }),
          }
        : { generalize: linuxGeneralize(async (signal) => parts.openRoot(disk, signal)) }),
      network: linuxNetwork({ process, folder: '/mnt' }),
      query: linuxQuery({
        root: '/',
        architecture,
        hostName: hostname(),
        firmware: parts.firmwareFacts,
        disks: source,
        networkInterfaces,
        log: settings.log,
      }),
    },
    ...(firmware === 'uefi'
      ? {
          removeStaged: async (signal: AbortSignal) =>
            removeStaged({ entries, source, device: stagedDevice(settings) }, signal),
        }
      : {}),
    removeAgent: parts.removeAgent,
    attended: parts.attended,
    [Symbol.asyncDispose]: async () => {
      await contentShares[Symbol.asyncDispose]();
      await mounts[Symbol.asyncDispose]();
    },
  };
}

/** Partition of prestaged media that Linux PE was started from. */
function stagedDevice({ prestaged, mediaDevice }: MachineSettings): string | undefined {
  return prestaged === true ? mediaDevice : undefined;
}

/** Media say themselves where they are; else the firmware is asked, which on a BIOS knows nothing. */
function bootMediumParts(
  { environment, mediaDevice }: MachineSettings,
  firmware: MachineIdentity['firmware'],
  entries: BootEntries,
): Pick<Parameters<typeof linuxDisk>[0], 'bootMedium'> {
  if (environment !== 'linux-pe') return {};
  if (mediaDevice !== undefined) return { bootMedium: async () => mediaMedium(mediaDevice) };
  return firmware === 'uefi' ? { bootMedium: bootMedium(entries) } : {};
}

const machineDisks: DiskSource = async (signal) => {
  const json = await lsblk([], signal);
  const links = new Map<string, string>();
  const names = new Map<string, DiskNames>();
  for (const [, name] of json.matchAll(/"name":\s*"([^"]+)"/g)) {
    if (name === undefined) continue;
    const link = await readlink(`/sys/class/block/${basename(name)}`).catch(() => name);
    links.set(name, busPathFrom(link));
    names.set(name, await diskNames('/sys', basename(name)));
  }
  return parseLsblk(
    json,
    (device) => links.get(device) ?? device,
    (device) => names.get(device),
  );
};

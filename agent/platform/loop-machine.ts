/**
 * A machine of loop devices for tests without firmware: disks, file systems and images are real, boot
 * entries and restarts are recorded in a file. `agent/README.md` has the form of its description.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MachineIdentity } from '../protocol/identity.ts';
import { NextBoot } from '../protocol/run-event.ts';
import { diskBuses, type MountedVolume } from '../sequence/platform.ts';
import type { BootEntries } from './linux/boot-entries.ts';
import type { LinuxDisk } from './linux/disk.ts';
import { type DiskSource, lsblk } from './linux/disk-scan.ts';
import { describedFirmware } from './linux/inventory-smbios.ts';
import { composeLinux } from './linux/machine.ts';
import { runTool } from './linux/process.ts';
import type { Machine, MachineSettings } from './machine.ts';

const LoopMachine = z.strictObject({
  identity: MachineIdentity,
  disks: z.array(
    z.strictObject({
      path: z.string().startsWith('/dev/'),
      model: z.string().default('Loop disk'),
      serial: z.string().optional(),
      removable: z.boolean().default(false),
      bootMedium: z.boolean().default(false),
      bus: z.enum(diskBuses).optional(),
    }),
  ),
  stateFile: z.string(),
  restartExitCode: z.int().min(3).max(255).default(75),
  agentBinary: z.string().optional(),
  /** In place of that of an installed Linux. */
  cacheFolder: z.string().optional(),
});

const Firmware = z.object({
  entries: z.array(
    z.object({
      number: z.string(),
      label: z.string(),
      partitionGuid: z.string(),
      loader: z.string(),
    }),
  ),
  order: z.array(z.string()),
  /** For the next start only. */
  next: z.string().optional(),
  restarts: z.array(z.object({ next: NextBoot })),
});
type Firmware = z.infer<typeof Firmware>;

/** Opens the machine that `file` describes. @param exit ends the process: a restart */
export async function loopMachine(
  file: string,
  settings: MachineSettings,
  exit: (code: number) => never,
): Promise<Machine> {
  const described = LoopMachine.parse(JSON.parse(await readFile(file, 'utf8')));
  const { identity, disks, stateFile, restartExitCode } = described;
  const source: DiskSource = async (signal) => {
    const paths = disks.map(({ path }) => path);
    if (paths.length === 0) return [];
    const { blockdevices } = z
      .object({
        blockdevices: z.array(
          z.object({ name: z.string(), size: z.number(), ro: z.boolean(), 'log-sec': z.number() }),
        ),
      })
      .parse(JSON.parse(await lsblk(paths, signal)));
    return disks.flatMap(({ path, model, serial, removable, bootMedium, bus }, index) => {
      const device = blockdevices.find(({ name }) => name === path);
      if (!device || device.size === 0) return [];
      return {
        path,
        id: `serial:${model}:${serial ?? index}`,
        model,
        serial: serial ?? '',
        sizeBytes: device.size,
        sectorBytes: device['log-sec'],
        readOnly: device.ro,
        removable,
        bootMedium,
        ...(bus === undefined ? {} : { bus }),
      };
    });
  };
  return composeLinux(
    {
      identity,
      source,
      firmwareFacts: async () => describedFirmware(identity),
      entries: recordedEntries(stateFile),
      // Its disks hang off the host's devices, which are no part of it.
      devices: async () => [],
      power: {
        async restart(next) {
          await runTool(['sync'], AbortSignal.timeout(240_000));
          await change(stateFile, (firmware) => firmware.restarts.push({ next }));
          return exit(restartExitCode);
        },
      },
      // The agent runs on the host here; the OS on the loop device is left as it is.
      removeAgent: async () => {},
      openRoot: installedRoot,
      attended: false,
      cacheFolder: described.cacheFolder ?? join(settings.stateFolder, 'cache'),
    },
    { ...settings, agentBinary: described.agentBinary ?? settings.agentBinary },
  );
}

/** The Linux on a loop device: the host's own is no part of this machine. */
async function installedRoot(disk: LinuxDisk, signal: AbortSignal): Promise<MountedVolume> {
  const found = (await disk.scan(signal))
    .flatMap(({ volumes }) => volumes)
    .find(({ partition }) => partition.fileSystem === 'ext4');
  if (found === undefined) throw new Error('no system is installed on this machine');
  return disk.mount(found.partition.volume, signal);
}

function recordedEntries(stateFile: string): BootEntries {
  return {
    async read() {
      const { entries, order } = await load(stateFile);
      return {
        order,
        current: undefined,
        entries: entries.map((entry) => ({ ...entry, network: false })),
      };
    },
    async create({ label, partitionGuid, loader }) {
      await change(stateFile, (firmware) => {
        const used = firmware.entries.map(({ number }) => Number.parseInt(number, 16));
        const number = (Math.max(0, ...used) + 1).toString(16).toUpperCase().padStart(4, '0');
        firmware.entries.push({ number, label, partitionGuid, loader });
        firmware.order.unshift(number);
      });
    },
    async remove(number) {
      await change(stateFile, (firmware) => {
        firmware.entries = firmware.entries.filter((entry) => entry.number !== number);
        firmware.order = firmware.order.filter((entry) => entry !== number);
      });
    },
    async setOrder(order) {
      await change(stateFile, (firmware) => {
        firmware.order = [...order];
      });
    },
    async setNext(number) {
      await change(stateFile, (firmware) => {
        firmware.next = number;
      });
    },
  };
}

async function load(path: string): Promise<Firmware> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined
    ? { entries: [], order: [], restarts: [] }
    : Firmware.parse(JSON.parse(text));
}

async function change(path: string, edit: (firmware: Firmware) => void): Promise<void> {
  const firmware = await load(path);
  edit(firmware);
  await writeFile(`${path}.new`, JSON.stringify(firmware, undefined, 2));
  await rename(`${path}.new`, path);
}

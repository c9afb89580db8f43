/**
 * The next start is from the disk, also where the firmware starts from the network first. Firmware loses entries, and
 * sets its order back: the entry of the installed system is put back where its loader is there and no entry names it.
 */
import { join } from 'node:path';
import type { BootEntries, BootEntry } from './boot-entries.ts';
import { isOurs, LABEL_MARK, WINDOWS_LABEL, WINDOWS_LOADER } from './boot-entry.ts';
import type { LinuxDisk } from './disk.ts';
import { isFile } from './is-file.ts';
import type { Mounts } from './mounts.ts';

/** Loaders that this agent installs, or Windows does, as boot entries write them. */
const loaders = [
  { loader: '\\EFI\\systemd\\systemd-bootx64.efi', label: `Linux (${LABEL_MARK})` },
  { loader: '\\EFI\\debian\\shimx64.efi', label: `Linux (${LABEL_MARK})` },
  { loader: WINDOWS_LOADER, label: WINDOWS_LABEL },
] as const;

type SystemPartition = Awaited<ReturnType<LinuxDisk['find']>>;

interface Parts {
  readonly disk: Pick<LinuxDisk, 'scan'>;
  readonly mounts: Pick<Mounts, 'mount'>;
  readonly entries: BootEntries;
  /** What Windows' boot manager is handed, for an entry of it. */
  readonly windowsData: () => Uint8Array;
}

/**
 * Sets `BootNext` to the entry of the installed system. Returns what was done, for the log; undefined where no disk
 * has a loader that is known.
 */
export async function startFromDisk(
  parts: Parts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { entries } = parts;
  const systems = await systemPartitions(parts.disk, signal);
  const found = await entryOf(parts.entries, systems, signal);
  if (found !== undefined) {
    const { order } = await entries.read(signal);
    const isListed = order.includes(found.number);
    if (!isListed) await entries.setOrder([...order, found.number], signal);
    await entries.setNext(found.number, signal);
    return `The next start is of "${found.label}"${isListed ? '' : ', which is back in the boot order'}`;
  }
  for (const system of systems) {
    const made = await putBack(system, parts, signal);
    if (!made) continue;
    const again = await entryOf(entries, [system], signal);
    if (again === undefined) return undefined;
    await entries.setNext(again.number, signal);
    return `The firmware had lost the boot entry of the installed system: "${again.label}" is back, and starts next`;
  }
  return undefined;
}

async function systemPartitions(
  disk: Parts['disk'],
  signal: AbortSignal,
): Promise<readonly SystemPartition[]> {
  return (await disk.scan(signal))
    .filter((found) => !found.disk.removable)
    .flatMap((found) => found.volumes.map((volume) => ({ ...volume, disk: found })))
    .filter(
      ({ partition, partitionGuid }) =>
        partition.type === 'efi' && partition.fileSystem !== '' && partitionGuid !== undefined,
    );
}

/** The one that comes first in the order, then those that are in none. */
async function entryOf(
  entries: BootEntries,
  systems: readonly SystemPartition[],
  signal: AbortSignal,
): Promise<BootEntry | undefined> {
  const { entries: all, order } = await entries.read(signal);
  const guids = new Set(systems.map(({ partitionGuid }) => partitionGuid));
  const place = ({ number }: BootEntry): number => {
    const at = order.indexOf(number);
    return at === -1 ? order.length : at;
  };
  return all
    .filter(({ partitionGuid }) => partitionGuid !== undefined && guids.has(partitionGuid))
    .filter((entry) => isOurs(entry) || isWindows(entry))
    .toSorted((one, other) => place(one) - place(other))[0];
}

function isWindows({ loader }: BootEntry): boolean {
  return loader?.toLowerCase() === WINDOWS_LOADER.toLowerCase();
}

/** Whether an entry was made, for the first known loader that is there. */
async function putBack(
  system: SystemPartition,
  { mounts, entries, windowsData }: Parts,
  signal: AbortSignal,
): Promise<boolean> {
  await using esp = await mounts.mount(system.path, 'fat32', signal);
  for (const { loader, label } of loaders) {
    if (!(await isFile(join(esp.path, loader.replaceAll('\\', '/'))))) continue;
    const { order } = await entries.read(signal);
    await entries.create(
      {
        label,
        loader,
        disk: system.disk.path,
        partitionNumber: system.partition.number,
        partitionGuid: system.partitionGuid ?? '',
        ...(loader === WINDOWS_LOADER ? { optionalData: windowsData() } : {}),
      },
      signal,
    );
    const after = await entries.read(signal);
    const made = after.order.filter((number) => !order.includes(number));
    // What the site has put first stays first.
    await entries.setOrder([...order, ...made], signal);
    return true;
  }
  return false;
}

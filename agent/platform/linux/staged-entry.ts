import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { BootEntries } from './boot-entries.ts';
import { type DiskSource, scanDisks } from './disk-scan.ts';
import { removePartition } from './partition-table.ts';
import { runTool } from './process.ts';
import { isStaged, STAGED_NUMBER } from './staged-partition.ts';

/** Of the boot entry by which a machine comes back to its prestaged media. */
const STAGED_LABEL = 'Metalwright prestaged media';
const LOADER = '\\EFI\\BOOT\\BOOTX64.EFI';

/**
 * An entry for the prestaged media that this system was started from, behind all others: the firmware finds them by
 * itself only as long as no other system partition of the disk has a loader. @returns its number
 */
export async function keepStagedEntry(
  entries: BootEntries,
  device: string,
  signal: AbortSignal,
): Promise<string> {
  const partitionGuid = await guidOf(device, signal);
  const known = (await entries.read(signal)).entries.find(({ label }) => label === STAGED_LABEL);
  if (known?.partitionGuid === partitionGuid) return known.number;
  await removeStagedEntries(entries, signal);
  const disk = await diskOf(device);
  const place = { disk, partitionNumber: STAGED_NUMBER, partitionGuid };
  await entries.create({ ...place, label: STAGED_LABEL, loader: LOADER }, signal);
  const { entries: all, order } = await entries.read(signal);
  const made = all.find(({ label }) => label === STAGED_LABEL)?.number;
  if (made === undefined) throw new Error('the firmware did not keep the boot entry');
  await entries.setOrder([...order.filter((each) => each !== made), made], signal);
  return made;
}

/** The entry that an earlier start has made, as an installed system finds it. */
export async function findStagedEntry(
  entries: BootEntries,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { entries: all } = await entries.read(signal);
  return all.find(({ label }) => label === STAGED_LABEL)?.number;
}

/**
 * Takes away the prestaged media of this run: the boot entry, and the partition with the content. Others, which this
 * machine may have put on another disk, stay.
 */
export async function removeStaged(
  {
    entries,
    source,
    device,
  }: {
    readonly entries: BootEntries;
    readonly source: DiskSource;
    /** Of the media, where this system was started from them; else it is that of the entry. */
    readonly device: string | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const own = (await entries.read(signal)).entries.filter(({ label }) => label === STAGED_LABEL);
  if (device === undefined && own.length === 0) return;
  for (const { path, volumes } of await scanDisks(source, signal)) {
    const staged = volumes.find(
      (volume) =>
        isStaged(volume) &&
        (volume.path === device ||
          own.some(({ partitionGuid }) => partitionGuid === volume.partitionGuid)),
    );
    if (staged === undefined) continue;
    await runTool(['wipefs', '--all', '--force', staged.path], signal, { allowed: [1] });
    await removePartition(path, STAGED_NUMBER, signal);
  }
  await removeStagedEntries(entries, signal);
}

async function removeStagedEntries(entries: BootEntries, signal: AbortSignal): Promise<void> {
  for (const { number, label } of (await entries.read(signal)).entries)
    if (label === STAGED_LABEL) await entries.remove(number, signal);
}

async function guidOf(device: string, signal: AbortSignal): Promise<string> {
  const tag = ['--output', 'value', '--match-tag', 'PART_ENTRY_UUID'];
  const { stdout } = await runTool(['blkid', '--probe', ...tag, device], signal);
  return stdout.trim().toLowerCase();
}

/** The disk of a partition, as the kernel has it. */
async function diskOf(partition: string): Promise<string> {
  const real = await realpath(`/sys/class/block/${basename(partition)}`);
  return `/dev/${basename(dirname(real))}`;
}

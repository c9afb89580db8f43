import { StepError } from '../../sequence/step.ts';
import type { BootEntries, BootEntry, NewBootEntry } from './boot-entries.ts';

/** Entries of ours bear this, so that a later run finds and removes them. */
export const LABEL_MARK = 'Metalwright';
/** Label and loader of the entry that Windows knows for its own. */
export const WINDOWS_LABEL = 'Windows Boot Manager';
export const WINDOWS_LOADER = '\\EFI\\Microsoft\\Boot\\bootmgfw.efi';

/**
 * The new entry is there, first and read back, before those go that it takes the place of.
 * @param isReplaced asked of each that was there before
 * @throws {StepError} `boot.entry`
 */
export async function makeEntry(
  entries: BootEntries,
  wanted: NewBootEntry,
  isReplaced: (entry: BootEntry) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const before = new Set((await entries.read(signal)).entries.map(({ number }) => number));
  await entries.create(wanted, signal);
  const { entries: now, order } = await entries.read(signal);
  const made = now.find(
    ({ number, partitionGuid }) => !before.has(number) && partitionGuid === wanted.partitionGuid,
  );
  if (!made || order[0] !== made.number)
    throw new StepError(
      'boot.entry',
      `the firmware did not keep the boot entry "${wanted.label}" (order ${order.join(',') || 'empty'})`,
      {
        hint: 'Its variable storage may be full or locked: look for such a setting in the firmware.',
      },
    );
  for (const entry of now)
    if (before.has(entry.number) && isReplaced(entry)) await entries.remove(entry.number, signal);
}

/** Whether an entry is of an earlier run of ours. */
export function isOurs({ label }: BootEntry): boolean {
  return label.endsWith(`(${LABEL_MARK})`);
}

/**
 * Whether an entry is of a Windows that is no more: on the partition that gets a new one, or on none of this
 * machine's. Each deployment gives partitions new GUIDs, so these would fill the firmware's storage.
 */
export function isOfWindowsGone(
  { loader, partitionGuid }: BootEntry,
  { replaced, present }: { readonly replaced: string; readonly present: ReadonlySet<string> },
): boolean {
  const isWindows = loader?.toLowerCase() === WINDOWS_LOADER.toLowerCase();
  if (!isWindows || partitionGuid === undefined) return false;
  return partitionGuid === replaced || !present.has(partitionGuid);
}

import type { Partition, PartitionPlan } from '#agent/sequence/platform.ts';

/**
 * Volumes that this run has formatted, as `volume=file-system` by blanks. Applying an image formats
 * its volume again: a power cut in the middle of that leaves one with no file system, which is
 * still the one to go on with.
 */
export const FORMATTED_VOLUMES = '_OSDFormattedVolumes';

/** A variable holds 4,000 characters; a volume's name is some 40. */
const MAX_VOLUMES = 64;

/** The variable's value after a disk was partitioned: its new volumes, and those of other disks. */
export function formattedVolumes(
  before: string | undefined,
  onOtherDisks: ReadonlySet<string>,
  made: readonly Partition[],
  plan: readonly PartitionPlan[],
): string {
  const kept = entriesOf(before).filter(([volume]) => onOtherDisks.has(volume));
  const added = made.flatMap(({ volume }, index): [string, string][] => {
    const fileSystem = plan[index]?.format?.fileSystem;
    return fileSystem === undefined ? [] : [[volume, fileSystem]];
  });
  const all = [...kept, ...added].slice(0, MAX_VOLUMES);
  return all.map(([volume, fileSystem]) => `${volume}=${fileSystem}`).join(' ');
}

/** What the variable says. */
export function parseFormattedVolumes(value: string | undefined): ReadonlyMap<string, string> {
  return new Map(entriesOf(value));
}

function entriesOf(value: string | undefined): [string, string][] {
  return (value ?? '').split(' ').flatMap((entry): [string, string][] => {
    const at = entry.lastIndexOf('=');
    return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)]] : [];
  });
}

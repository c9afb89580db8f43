/**
 * Partitioning by diskpart, which takes disks by number: so who has that number is looked at before each script,
 * and what it did is read from the drivers after it, whatever it says of itself.
 */
import type { Disk, PartitionPlan } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { placePartitions } from '../../place-partitions.ts';
import { createPartitionsScript } from '../tools/diskpart/script.ts';
import type { ScannedDisk, ScannedVolume } from './drives.ts';
import { eraseDisk } from './erase-disk.ts';
import { readBack } from './partition-read-back.ts';
import { assertSame, type PartitionTools } from './partition-tools.ts';
import { runDiskpart } from './run-diskpart.ts';

const MINUTE_MS = 60_000;
const SCRIPT_TIMEOUT_MS = 10 * MINUTE_MS;
/** Formatting without *quick* reads the whole partition. */
const FORMAT_TIMEOUT_MS = 12 * 60 * MINUTE_MS;

export interface PartitionRequest {
  readonly disk: Disk;
  readonly style: 'gpt' | 'mbr';
  readonly partitions: readonly PartitionPlan[];
}

/** Erases a disk and makes the partitions of a plan; returns them as read back, in its order. @throws {StepError} `disk.*`, `diskpart.*`, `tool.*` */
export async function partitionDisk(
  { disk: wanted, style, partitions }: PartitionRequest,
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<readonly ScannedVolume[]> {
  const { parts, beforeErase } = tools;
  const found = find(wanted, tools);
  assertWritable(found, parts.systemRoot);
  const { number, sizeBytes } = found.disk;
  const placed = placePartitions(style, sizeBytes, partitions);
  const creating = createPartitionsScript({
    disk: { number, sizeBytes },
    style,
    partitions: partitions.map((plan) => ({ ...plan, label: asciiOnly(plan.label) })),
    letters: partitions.map(letterOf),
  });
  await beforeErase(found.disk);
  await eraseDisk(found, style, tools, signal);
  assertSame(found, tools);
  const timeoutMs = partitions.some(({ format }) => format?.quick === false)
    ? FORMAT_TIMEOUT_MS
    : SCRIPT_TIMEOUT_MS;
  const title = `partitioning disk ${number}`;
  await runDiskpart({ text: creating, title, timeoutMs, again: false }, parts, signal);
  const made = await readBack(found, { placed, style }, tools, signal);
  for (const [index, { name }] of made.entries()) {
    const label = partitions[index]?.label ?? '';
    // What diskpart could not be told in ASCII.
    if (name !== undefined && label !== asciiOnly(label)) relabel(name, label, tools);
  }
  return made;
}

/** Only Windows volumes have letters; the others of a plan are found by their ids. */
function letterOf({ type, format, letter }: PartitionPlan): 'next' | null {
  const gets = (type === 'primary' || type === 'logical') && format !== null;
  return gets && letter !== 'none' ? 'next' : null;
}

function asciiOnly(label: string): string {
  return label.replaceAll(/[^\x20-\x7e]/g, '');
}

function relabel(volume: string, label: string, { setLabel, parts }: PartitionTools): void {
  try {
    setLabel(volume, label.slice(0, 32));
  } catch (error) {
    parts.log(`The label "${label}" was not taken: ${String(error)}`);
  }
}

/** @throws {StepError} `disk.missing` */
function find(wanted: Disk, { scan }: PartitionTools): ScannedDisk {
  const found = scan().filter(({ disk }) => disk.id === wanted.id);
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  throw new StepError(
    'disk.missing',
    `Disk ${wanted.number} (${wanted.model}, ${wanted.id}) ${found.length === 0 ? 'is gone' : `is there ${found.length} times`}`,
    { exitCode: 0x80070490 },
  );
}

function assertWritable({ disk, volumes }: ScannedDisk, systemRoot: string): void {
  const { number, model } = disk;
  if (disk.readOnly)
    throw new StepError('disk.read-only', `Disk ${number} (${model}) is write-protected`, {
      exitCode: 0x80070013,
      hint: 'Look for a switch on the drive, or its security or end-of-life state.',
    });
  const systemLetter = systemRoot.charAt(0).toUpperCase();
  if (volumes.some(({ partition }) => partition.letter === systemLetter))
    throw new StepError('disk.in-use', `Disk ${number} (${model}) has the Windows that runs now`, {
      exitCode: 0x800700aa,
      hint: 'Start Windows PE from the network or from media: it runs in memory.',
    });
}

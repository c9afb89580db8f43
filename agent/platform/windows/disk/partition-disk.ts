/**
 * Partitioning by diskpart, which takes disks by number: so who has that number is looked at before each script,
 * and what it did is read from the drivers after it, whatever it says of itself.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Disk, Partition, PartitionPlan } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { type PlacedPartition, placePartitions } from '../../place-partitions.ts';
import type { WindowsMachineParts } from '../parts.ts';
import { confirmDisk, confirmDiskScript } from '../tools/diskpart/confirm-disk.ts';
import {
  createPartitionsScript,
  deletePartitionScript,
  eraseDiskScript,
} from '../tools/diskpart/script.ts';
import type { ScannedDisk, ScannedVolume } from './drives.ts';
import { isBusy, RESTING_MS, runDiskpart } from './run-diskpart.ts';

const MINUTE_MS = 60_000;
const SCRIPT_TIMEOUT_MS = 10 * MINUTE_MS;
/** Formatting without *quick* reads the whole partition. */
const FORMAT_TIMEOUT_MS = 12 * 60 * MINUTE_MS;
/** diskpart aligns, and the last partition takes what is left. */
const TOLERANCE_BYTES = 4 * 1024 * 1024;
/** A volume that was just made appears a moment later. */
const APPEARS_MS = 15_000;
const POLL_MS = 250;

export interface PartitionTools {
  readonly parts: Pick<WindowsMachineParts, 'runTool' | 'scratch' | 'log' | 'systemRoot'> & {
    readonly restingMs?: number;
    readonly appearsMs?: number;
  };
  readonly scan: () => readonly ScannedDisk[];
  readonly beforeErase: (disk: Disk) => Promise<void>;
  readonly setLabel: (volume: string, label: string) => void;
}
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
  await confirm(found, tools, signal);
  await erase(found, style, tools, signal);
  await removeLeftovers(found, style, tools, signal);
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

/** The number must still be that disk's. @throws {StepError} `diskpart.other-disk` */
function assertSame(found: ScannedDisk, { scan }: PartitionTools): ScannedDisk {
  const { number, id, model, sizeBytes } = found.disk;
  const now = scan().find(({ disk }) => disk.number === number);
  if (now?.disk.id === id && now.disk.sizeBytes === sizeBytes) return now;
  throw new StepError(
    'diskpart.other-disk',
    `Disk ${number} is not the disk that was chosen (${model}, ${id}): it is ${now ? `${now.disk.model}, ${now.disk.id}` : 'gone'}`,
    { hint: 'A disk was plugged in or removed meanwhile: run the step again.' },
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

/** Both by what the drivers say, and by what diskpart itself says of that number. */
async function confirm(
  found: ScannedDisk,
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<void> {
  const { number, sizeBytes } = found.disk;
  const script = confirmDiskScript(number);
  const output = await run(`looking at disk ${number}`, script, true, tools, signal);
  const now = assertSame(found, tools);
  confirmDisk(output, {
    number,
    sizeBytes,
    uniqueId: now.tableId,
    model: null,
    locationPath: null,
  });
}

/** Once more where diskpart's service was not ready, and then only if the number still is that disk's. */
async function erase(
  found: ScannedDisk,
  style: 'gpt' | 'mbr',
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<void> {
  const { number } = found.disk;
  const once = async () =>
    run(`erasing disk ${number}`, eraseDiskScript(number, style), false, tools, signal);
  try {
    await once();
  } catch (error) {
    if (!(error instanceof StepError) || !isBusy(error)) throw error;
    await wait(tools.parts.restingMs ?? RESTING_MS, undefined, { signal });
    await confirm(found, tools, signal);
    await once();
  }
}

/** Windows puts a reserved partition on a disk that becomes GPT; anything else must be gone. */
async function removeLeftovers(
  found: ScannedDisk,
  style: 'gpt' | 'mbr',
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<void> {
  const { number } = found.disk;
  const erased = assertSame(found, tools);
  if (style === 'gpt' && erased.style !== 'gpt')
    throw notWritten(found, `diskpart was to make it GPT, and it is ${erased.style}`);
  const old = new Set(found.volumes.map(({ partition }) => partition.volume));
  const left = erased.volumes.filter(
    ({ partition }) => partition.type !== 'msr' || old.has(partition.volume),
  );
  if (left.length > 0) throw notWritten(found, `${left.length} of its partitions are still there`);
  for (const { windowsNumber } of erased.volumes) {
    const script = deletePartitionScript(number, windowsNumber);
    await run(`removing the reserved partition of disk ${number}`, script, false, tools, signal);
  }
  const rest = erased.volumes.length === 0 ? 0 : assertSame(found, tools).volumes.length;
  if (rest > 0) throw notWritten(found, 'its reserved partition is still there');
}

async function run(
  title: string,
  text: string,
  again: boolean,
  { parts }: PartitionTools,
  signal: AbortSignal,
): Promise<string> {
  return runDiskpart({ text, title, timeoutMs: SCRIPT_TIMEOUT_MS, again }, parts, signal);
}

/** @throws {StepError} `disk.not-written`, `disk.read-back` */
async function readBack(
  found: ScannedDisk,
  { placed, style }: { readonly placed: readonly PlacedPartition[]; readonly style: 'gpt' | 'mbr' },
  tools: PartitionTools,
  signal: AbortSignal,
): Promise<readonly ScannedVolume[]> {
  const appearsMs = tools.parts.appearsMs ?? APPEARS_MS;
  const deadline = performance.now() + appearsMs;
  for (;;) {
    const now = assertSame(found, tools);
    const matched = match(placed, now.volumes);
    if (matched !== undefined && now.style === style) return matched;
    if (performance.now() > deadline) {
      if (now.volumes.length === 0)
        throw notWritten(found, 'diskpart ended well, and no partition is there');
      const seen = now.volumes.map(({ partition }) => describePartition(partition));
      throw new StepError(
        'disk.read-back',
        `Disk ${found.disk.number} reads back as ${now.style} with ${seen.join(', ')}, not as it was written`,
        { hint: 'The disk may be failing; see its SMART data.' },
      );
    }
    await wait(Math.min(POLL_MS, appearsMs), undefined, { signal });
  }
}

/** The volumes in the order of the plan; undefined where one is missing or another than it was to be. */
function match(
  placed: readonly PlacedPartition[],
  volumes: readonly ScannedVolume[],
): readonly ScannedVolume[] | undefined {
  if (volumes.length !== placed.length) return undefined;
  const byStart = volumes.toSorted((one, other) => one.startBytes - other.startBytes);
  const wanted = placed.toSorted((one, other) => one.startBytes - other.startBytes);
  const found = new Map<PlacedPartition, ScannedVolume>();
  for (const [index, one] of wanted.entries()) {
    const volume = byStart[index];
    if (volume === undefined || !fits(one, volume)) return undefined;
    found.set(one, volume);
  }
  return placed.flatMap((one) => found.get(one) ?? []);
}

function fits({ plan, sizeBytes }: PlacedPartition, { partition, name }: ScannedVolume): boolean {
  if (partition.type !== plan.type) return false;
  if (plan.type === 'extended') return true;
  if (Math.abs(partition.sizeBytes - sizeBytes) > TOLERANCE_BYTES) return false;
  if (plan.active && partition.active !== true) return false;
  // Windows shows no volume of hidden partitions: what is in them cannot be read.
  const isUnseen = name === undefined && (plan.type === 'hidden' || plan.type === 'recovery');
  return plan.format === null || isUnseen || partition.fileSystem === plan.format.fileSystem;
}

function describePartition({ number, type, sizeBytes, fileSystem }: Partition): string {
  return `${number} (${type}, ${fileSystem === '' ? 'not formatted' : fileSystem}, ${sizeBytes} bytes)`;
}

function notWritten({ disk }: ScannedDisk, why: string): StepError {
  return new StepError('disk.not-written', `Disk ${disk.number} (${disk.model}): ${why}`, {
    exitCode: 0x8007001d,
    hint: 'The disk may be write-protected or failing; what diskpart printed is in the log of the run.',
  });
}

import { setTimeout as wait } from 'node:timers/promises';
import type { Partition } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import type { PlacedPartition } from '../../place-partitions.ts';
import type { ScannedDisk, ScannedVolume } from './drives.ts';
import { assertSame, notWritten, type PartitionTools } from './partition-tools.ts';

/** diskpart aligns, and the last partition takes what is left. */
const TOLERANCE_BYTES = 4 * 1024 * 1024;
/** A volume that was just made appears a moment later. */
const APPEARS_MS = 15_000;
const POLL_MS = 250;

/**
 * The partitions of a plan as the drivers see them, in its order.
 * @throws {StepError} `disk.not-written`, `disk.read-back`
 */
export async function readBack(
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

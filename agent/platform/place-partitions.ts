import type { PartitionPlan } from '../sequence/platform.ts';
import { StepError } from '../sequence/step-error.ts';
import { typeCode } from './partition-type.ts';

const MIB = 1024 * 1024;
/** Left free at the end for the GPT's backup, in whole MiB. */
const GPT_TAIL = MIB;

/** A partition with its place on the disk, in bytes, both ends on whole MiB. */
export interface PlacedPartition {
  readonly number: number;
  readonly plan: PartitionPlan;
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly code: string;
}

/**
 * Places partitions one after another on MiB boundaries. The last one gives up to 2 MiB to the table
 * and alignment, so that sizes adding up to the whole disk fit. @throws {StepError} `disk.too-small`, `disk.partition-type`
 */
export function placePartitions(
  style: 'gpt' | 'mbr',
  diskBytes: number,
  plans: readonly PartitionPlan[],
): PlacedPartition[] {
  const end = Math.floor((diskBytes - (style === 'gpt' ? GPT_TAIL : 0)) / MIB) * MIB;
  const placed: PlacedPartition[] = [];
  let start = MIB;
  let primary = 1;
  let logical = 5;
  /** Where the next logical partition goes, and where they end: inside the extended one. */
  let inside = 0;
  let insideEnd = 0;
  for (const [index, plan] of plans.entries()) {
    const code = typeCode(style, plan.type, plan.format?.fileSystem);
    if (code === undefined)
      throw new StepError('disk.partition-type', `a ${style} disk has no ${plan.type} partitions`, {
        hint: 'extended and logical partitions are for MBR disks.',
      });
    const isLogical = plan.type === 'logical';
    // Each logical partition has its own table in the MiB before it.
    const startBytes = isLogical ? inside + MIB : start;
    const limit = isLogical ? insideEnd : end;
    const wanted = Math.floor(plan.sizeBytes / MIB) * MIB;
    const over = startBytes + wanted - limit;
    const mayGive = isLogical || index === plans.length - 1;
    const sizeBytes = over > 0 && over <= 2 * MIB && mayGive ? wanted - over : wanted;
    if (sizeBytes <= 0 || startBytes + sizeBytes > limit)
      throw new StepError(
        'disk.too-small',
        `partition ${index + 1} (${plan.label || plan.type}, ${wanted / MIB} MiB) does not fit: ${Math.max(0, limit - startBytes) / MIB} MiB are left of ${Math.floor(diskBytes / MIB)}`,
        {
          exitCode: 0x80070070,
          hint: 'Make the partitions smaller, or use a share of what is left.',
        },
      );
    placed.push({ number: isLogical ? logical++ : primary++, plan, startBytes, sizeBytes, code });
    if (isLogical) {
      inside = startBytes + sizeBytes;
    } else {
      start = startBytes + sizeBytes;
      if (plan.type === 'extended') [inside, insideEnd] = [startBytes, start];
    }
  }
  return placed;
}

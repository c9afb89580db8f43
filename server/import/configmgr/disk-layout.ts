/**
 * Makes of the partitions of another system a layout that Format and Partition Disk takes. What must be
 * changed for that is told in words: nothing is left out silently.
 */
import type { PartitionType } from '#agent/sequence/platform.ts';

/** A partition as it goes into the document. */
export interface LayoutPartition {
  readonly type: PartitionType;
  readonly name?: string;
  readonly size: 'rest' | { readonly percent: number | string } | SizeInUnits;
  readonly fileSystem?: string;
  readonly quick?: boolean;
  readonly bootable?: boolean;
  readonly variable?: string;
  readonly assignLetter?: boolean;
}
type SizeInUnits = { readonly mb: number | string } | { readonly gb: number | string };

/** An MBR has four entries; one of them may hold an extended partition with all the others. */
const MBR_ENTRIES = 4;
/** Of what is left, where a partition that takes all of it is not the last. */
const NEARLY_ALL = { percent: 99 };

type Tell = (message: string) => void;

/** The layout, fit for its style. */
export function fittingLayout(
  style: string,
  partitions: readonly LayoutPartition[],
  tell: Tell,
): readonly LayoutPartition[] {
  const typed = style === 'gpt' ? withoutMbrTypes(partitions, tell) : fitForMbr(partitions, tell);
  return leavingRoom(withOneBoot(style, typed, tell), tell).map(formattedAsItsType);
}

function nameOf({ name, type }: LayoutPartition, index: number): string {
  return `Partition ${index + 1} (${name ?? type})`;
}

/** A GPT has no extended partitions; what was inside stands for itself. */
function withoutMbrTypes(
  partitions: readonly LayoutPartition[],
  tell: Tell,
): readonly LayoutPartition[] {
  return partitions.flatMap((partition, index): LayoutPartition[] => {
    if (partition.type === 'extended') {
      tell(`${nameOf(partition, index)} is left out: a GPT disk has no extended partitions`);
      return [];
    }
    if (partition.type !== 'logical') return [partition];
    tell(`${nameOf(partition, index)} is a primary partition now: a GPT disk has no logical ones`);
    return [{ ...partition, type: 'primary' }];
  });
}

/** An MBR has no MSR partitions, one extended partition, and logical ones only inside it. */
function fitForMbr(partitions: readonly LayoutPartition[], tell: Tell): readonly LayoutPartition[] {
  let hasExtended = false;
  const fit = partitions.flatMap((partition, index): LayoutPartition[] => {
    const { type } = partition;
    if (type === 'msr' || (type === 'extended' && hasExtended)) {
      const why = type === 'msr' ? 'has no MSR partitions' : 'has one extended partition at most';
      tell(`${nameOf(partition, index)} is left out: an MBR disk ${why}`);
      return [];
    }
    if (type === 'extended') hasExtended = true;
    if (type !== 'logical' || hasExtended) return [partition];
    tell(`${nameOf(partition, index)} is a primary partition now: no extended one is before it`);
    return [{ ...partition, type: 'primary' }];
  });
  const entries = fit.filter(({ type }) => type !== 'logical');
  if (entries.length <= MBR_ENTRIES) return fit;
  return hasExtended ? withinExtended(fit, tell) : withNewExtended(fit, tell);
}

/** Those that have no entry left become logical, behind the extended partition. */
function withinExtended(fit: readonly LayoutPartition[], tell: Tell): readonly LayoutPartition[] {
  const extended = fit.findIndex(({ type }) => type === 'extended');
  let free = MBR_ENTRIES - 1;
  const before = fit.slice(0, extended).filter(() => free-- > 0);
  const after = fit.slice(extended + 1).map((partition, index): LayoutPartition => {
    if (partition.type === 'logical' || free-- > 0) return partition;
    tell(
      `${nameOf(partition, extended + 1 + index)} is a logical partition now: an MBR has four entries`,
    );
    return { ...partition, type: 'logical', bootable: false };
  });
  const [container] = fit.slice(extended, extended + 1);
  const left = fit.slice(before.length, extended);
  if (left.length > 0)
    tell(`${left.map(({ name, type }) => name ?? type).join(', ')} are logical partitions now`);
  const moved = left.map(
    (each): LayoutPartition => ({ ...each, type: 'logical', bootable: false }),
  );
  return container === undefined ? fit : [...before, container, ...moved, ...after];
}

function withNewExtended(fit: readonly LayoutPartition[], tell: Tell): readonly LayoutPartition[] {
  const inside = fit.slice(MBR_ENTRIES - 1);
  tell(
    `The partitions from the fourth on are logical ones now, in an extended partition of all the rest: an MBR has four entries`,
  );
  return [
    ...fit.slice(0, MBR_ENTRIES - 1),
    { type: 'extended', size: 'rest' },
    ...inside.map((each): LayoutPartition => ({ ...each, type: 'logical', bootable: false })),
  ];
}

/** One primary partition is active, of an MBR alone: on a GPT the mark says nothing, and is written everywhere. */
function withOneBoot(
  style: string,
  partitions: readonly LayoutPartition[],
  tell: Tell,
): readonly LayoutPartition[] {
  let hasBoot = false;
  return partitions.map((partition, index) => {
    if (partition.bootable !== true) return partition;
    const isPrimary = partition.type === 'primary';
    const { bootable: _, ...others } = partition;
    if (style === 'gpt') return others;
    if (isPrimary && !hasBoot) {
      hasBoot = true;
      return partition;
    }
    tell(
      `${nameOf(partition, index)} is not marked as boot partition: ${isPrimary ? 'another is' : `its type is ${partition.type}`}`,
    );
    return others;
  });
}

/** What takes all the rest, or 100 percent of it, must be the last, inside an extended partition and out of it. */
function leavingRoom(
  partitions: readonly LayoutPartition[],
  tell: Tell,
): readonly LayoutPartition[] {
  return partitions.map((partition, index) => {
    const inside = partition.type === 'logical';
    const isLast = !partitions.slice(index + 1).some(({ type }) => (type === 'logical') === inside);
    if (!takesAll(partition)) return partition;
    if (isLast) return { ...partition, size: 'rest' };
    tell(
      `${nameOf(partition, index)} takes 99 percent of what remains, not all of it: others come after it`,
    );
    return { ...partition, size: NEARLY_ALL };
  });
}

function takesAll({ size }: LayoutPartition): boolean {
  return size === 'rest' || ('percent' in size && Number(size.percent) >= 100);
}

/** MSR and extended partitions are never formatted, an EFI partition always with FAT32. */
function formattedAsItsType(partition: LayoutPartition): LayoutPartition {
  const { type } = partition;
  if (type !== 'msr' && type !== 'extended' && type !== 'efi') return partition;
  const { fileSystem: _, ...others } = partition;
  return others;
}

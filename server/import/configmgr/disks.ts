import type { MapStep } from '../map-step.ts';
import { placeholder } from '../placeholder.ts';
import type { StepReader } from '../step-reader.ts';
import { disableBitLocker, enableBitLocker, offlineEnableBitLocker } from './bitlocker.ts';
import { fittingLayout, type LayoutPartition } from './disk-layout.ts';
import { partitionsOf } from './partitions.ts';
import { numberOf, tell, textOf } from './setting-values.ts';
import { typed } from './typed-step.ts';

const MAX_DISK = 10_000;

/** Steps of the menu *Disks* (reference: task-sequence-xml, sections 8, 12 and 13). */
export const diskSteps: Readonly<Record<string, MapStep>> = {
  PartitionDisk: (reader) => {
    const style = styleOf(reader);
    const partitions = fittingLayout(style, layoutOf(reader), (message) => tell(reader, message));
    ignoreLegacy(reader);
    const addsOwn = addsPartitions(reader);
    const asksEfi = reader.flag('GPTBootDisk', 'OSDGPTBootDisk') === true || addsOwn;
    const hasEfi = partitions.some(({ type }) => type === 'efi');
    if (addsOwn && style === 'mbr' && partitions.length === 1)
      tell(
        reader,
        'MDT makes a partition for the boot files beside this one; here Windows boots from its own partition',
        'Add a partition of 500 MB before it, and make that the boot partition, for BitLocker.',
      );
    return typed(reader, 'format-disk', {
      disk: diskOf(reader),
      style,
      gptBootDisk: (style === 'gpt' && asksEfi && !hasEfi) || undefined,
      partitions,
    });
  },
  OfflineEnableBitLocker: offlineEnableBitLocker,
  EnableBitLocker: enableBitLocker,
  DisableBitLocker: disableBitLocker,
  ConvertDisk: (reader) =>
    placeholder(reader.step, 'Dynamic disks are made by no step here: Windows has given them up'),
};

/** MBR is what Configuration Manager makes where nothing is said. */
function styleOf(reader: StepReader): 'gpt' | 'mbr' {
  const text = textOf(reader, 'PartitionStyle', 'OSDPartitionStyle');
  const style = text?.toLowerCase();
  if (style === 'gpt' || style === 'mbr') return style;
  if (text !== undefined) tell(reader, `There is no disk type ${text.slice(0, 100)}: MBR`);
  return 'mbr';
}

/** A variable that holds the number comes before the number. */
function diskOf(reader: StepReader): number | string | object {
  const variable = textOf(reader, 'DiskIndexVariable', 'OSDDiskIndexVariable');
  const disk = numberOf(reader, 'DiskIndex', 'OSDDiskIndex') ?? 0;
  if (variable !== undefined) return { variable: variable.replace(/^%(.+)%$/, '$1') };
  if (typeof disk === 'number' ? disk <= MAX_DISK : disk.includes('%')) return disk;
  tell(
    reader,
    `There is no disk ${String(disk).slice(0, 100)}: the number in the variable OSDDiskIndex is taken`,
    'Write the number, or set that variable.',
  );
  return { variable: 'OSDDiskIndex' };
}

function layoutOf(reader: StepReader): readonly LayoutPartition[] {
  const partitions = partitionsOf(reader);
  if (partitions.length > 0) return partitions;
  tell(reader, 'It has no partitions: one of the whole disk is made');
  return [{ type: 'primary', size: 'rest' }];
}

/** Alignment for Windows XP, and basic disks: every disk here is one. */
function ignoreLegacy(reader: StepReader): void {
  const compatible = ['DiskpartBiosCompatibilityMode', 'OSDDiskpartBiosCompatibilityMode'] as const;
  if (reader.flag(...compatible) === true)
    tell(reader, 'It places partitions for old BIOSes; here they begin at whole megabytes');
  reader.ignore(...compatible);
  // A stray member that MDT writes beside the one that counts.
  reader.matching(/^OSDDiskPartitions\d+Type$/i);
  const type = textOf(reader, 'DiskType', 'OSDDiskType');
  if (type !== undefined && type.toLowerCase() !== 'basic')
    tell(reader, `The disk is a basic one, not ${type.slice(0, 100)}`);
}

/** MDT adds partitions for the firmware by itself, unless `DONotCreateExtraPartition` is `YES`. */
function addsPartitions(reader: StepReader): boolean {
  const keepsLayout = reader.flag('DONotCreateExtraPartition') === true;
  if (reader.flag('OSDDiskPartDoNotRemoveOEMPartitions') === true)
    tell(reader, 'It keeps the partitions of the manufacturer; here the whole disk is erased');
  return reader.context.sequence.format === 'mdt' && !keepsLayout;
}

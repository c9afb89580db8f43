/**
 * Settings of Format and Partition Disk as variables (reference: variables, step variables). Partitions
 * are an array, `OSDPartitions0Type`, counted by `OSDPartitions`; one that was set beforehand takes the
 * place of the whole list, as members of two lists make no layout.
 */
import { z } from 'zod';
import {
  badPreset,
  booleanOf,
  checkPreset,
  wholeNumberOf,
} from '#agent/sequence/action-variables.ts';
import { type PartitionType, partitionTypes } from '#agent/sequence/platform.ts';
import type { ActionVariables } from '#agent/sequence/step.ts';
import { layoutFaults, layoutFields, type PartitionParams } from './disk-layout.ts';
import { trueOrFalse } from './true-or-false.ts';

type Preset = (name: string) => string | undefined;

const MAX_PARTITIONS = 128;
const members = [
  'Type',
  'FileSystem',
  'Bootable',
  'QuickFormat',
  'VolumeName',
  'Size',
  'SizeUnits',
  'VolumeLetterVariable',
  'AssignVolumeLetter',
] as const;
const typeNames: Readonly<Record<PartitionType, string>> = {
  efi: 'EFI',
  msr: 'MSR',
  primary: 'Primary',
  recovery: 'Recovery',
  extended: 'Extended',
  logical: 'Logical',
  hidden: 'Hidden',
};
/** What `gptBootDisk` adds to a GPT layout that has none. */
const efiPartition = { name: 'EFI', type: 'efi', size: { mb: 512 } };

const Flag = trueOrFalse();
const DiskNumber = z.int().max(10_000);
/** What a layout is when it is not said: as in the step's own schema. */
const Layout = z.object(layoutFields);

/** Action variables of Format and Partition Disk. @throws {StepError} `step.params`, naming the variable that holds what no disk could have */
export const diskVariables: ActionVariables = {
  toVariables(params) {
    const disk = params['disk'] ?? 0;
    const isNumber = typeof disk === 'number' || (typeof disk === 'string' && /^\d+$/.test(disk));
    const layout = Layout.safeParse(params);
    return {
      ...(isNumber ? { OSDDiskIndex: String(disk) } : {}),
      ...(layout.success ? layoutVariables(layout.data) : {}),
    };
  },
  override(params, preset) {
    const style = styleOf(preset) ?? params['style'];
    const partitions = presetPartitions(preset, style === 'mbr' ? 'mbr' : 'gpt');
    const overridden = {
      ...params,
      ...(style === undefined ? {} : { style }),
      ...(partitions === undefined ? {} : { partitions }),
    };
    return withEfi(withDisk(overridden, preset), preset);
  },
};

/** A disk chosen by a variable or a rule stays so: `OSDDiskIndex` is one number for all such steps. */
function withDisk(params: Readonly<Record<string, unknown>>, preset: Preset) {
  const text = preset('OSDDiskIndex');
  if (text === undefined || typeof params['disk'] === 'object') return params;
  const disk = wholeNumberOf('OSDDiskIndex', text);
  checkPreset('OSDDiskIndex', DiskNumber, disk);
  return { ...params, disk };
}

function styleOf(preset: Preset): 'gpt' | 'mbr' | undefined {
  const text = preset('OSDPartitionStyle');
  if (text === undefined) return undefined;
  const style = text.trim().toLowerCase();
  if (style === 'gpt' || style === 'mbr') return style;
  throw badPreset('OSDPartitionStyle', `"${text}" is neither GPT nor MBR`);
}

/** The params with an EFI partition, where one is asked for. Called before the step reads its params. */
function withEfi(params: Readonly<Record<string, unknown>>, preset: Preset) {
  const text = preset('OSDGPTBootDisk');
  const isAsked =
    text === undefined
      ? Flag.safeParse(params['gptBootDisk']).data === true
      : booleanOf('OSDGPTBootDisk', text);
  if (!isAsked) return params;
  const layout = Layout.safeParse(params);
  if (!layout.success || layout.data.style === 'mbr' || hasEfi(layout.data)) return params;
  return { ...params, partitions: [efiPartition, ...layout.data.partitions] };
}

function hasEfi({ partitions }: { readonly partitions: readonly PartitionParams[] }): boolean {
  return partitions.some(({ type }) => type === 'efi');
}

function presetPartitions(preset: Preset, style: 'gpt' | 'mbr'): object[] | undefined {
  const count = presetCount(preset);
  if (count === undefined) return undefined;
  const partitions = Array.from({ length: count }, (_, index) =>
    presetPartition(`OSDPartitions${index}`, preset, style),
  );
  const parsed = Layout.shape.partitions.safeParse(partitions);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badPreset(arrayName(issue?.path[0]), issue?.message ?? 'not understood');
  }
  const [fault] = layoutFaults({ style, partitions: parsed.data });
  if (fault !== undefined) throw badPreset(arrayName(fault.index), fault.message);
  return parsed.data;
}

function arrayName(index: PropertyKey | undefined): string {
  return typeof index === 'number' ? `OSDPartitions${index}` : 'OSDPartitions';
}

/** How many partitions were set beforehand; undefined when none was. */
function presetCount(preset: Preset): number | undefined {
  const text = preset('OSDPartitions');
  if (text !== undefined) {
    const count = wholeNumberOf('OSDPartitions', text);
    if (count < 1 || count > MAX_PARTITIONS)
      throw badPreset('OSDPartitions', `${count} is no count of 1 to ${MAX_PARTITIONS} partitions`);
    return count;
  }
  if (members.every((member) => preset(`OSDPartitions0${member}`) === undefined)) return undefined;
  let count = 1;
  while (count < MAX_PARTITIONS && preset(`OSDPartitions${count}Type`) !== undefined) count++;
  return count;
}

function presetPartition(base: string, preset: Preset, style: 'gpt' | 'mbr'): object {
  const member = (name: (typeof members)[number]): string | undefined =>
    preset(`${base}${name}`)?.trim();
  const flag = (name: 'Bootable' | 'QuickFormat' | 'AssignVolumeLetter'): boolean | undefined => {
    const text = member(name);
    return text === undefined ? undefined : booleanOf(`${base}${name}`, text);
  };
  const type = typeOf(`${base}Type`, member('Type'));
  const name = member('VolumeName');
  const variable = member('VolumeLetterVariable');
  const size = sizeOf(base, member('Size'), member('SizeUnits'));
  return {
    type,
    size,
    ...fileSystemOf(`${base}FileSystem`, type, member('FileSystem')),
    quick: flag('QuickFormat') ?? true,
    assignLetter: flag('AssignVolumeLetter') ?? true,
    // On a GPT disk no partition is active; sequences say true there all the same.
    bootable: flag('Bootable') === true && style === 'mbr',
    ...(name === undefined ? {} : { name }),
    ...(variable === undefined ? {} : { variable }),
  };
}

function typeOf(name: string, text: string | undefined): PartitionType {
  if (text === undefined) throw badPreset(name, 'it has no value, and each partition needs one');
  const type = partitionTypes.find((type) => type === text.toLowerCase());
  if (type === undefined)
    throw badPreset(name, `"${text}" is none of ${Object.values(typeNames).join(', ')}`);
  return type;
}

/** Without a file system it is not formatted; EFI, MSR and extended partitions have no choice. */
function fileSystemOf(name: string, type: PartitionType, text: string | undefined): object {
  if (type === 'msr' || type === 'extended') return {};
  if (text === undefined) return type === 'efi' ? {} : { fileSystem: 'none' };
  const fileSystem = text.toLowerCase();
  if (!['ntfs', 'fat32', 'ext4', 'none'].includes(fileSystem))
    throw badPreset(name, `"${text}" is none of NTFS, FAT32, ext4`);
  return { fileSystem };
}

function sizeOf(base: string, text: string | undefined, units = 'MB'): PartitionParams['size'] {
  if (text === undefined) return 'rest';
  const size = wholeNumberOf(`${base}Size`, text);
  switch (units.toLowerCase()) {
    case 'mb':
      return { mb: size };
    case 'gb':
      return { gb: size };
    case 'percent':
    case '%':
      return { percent: size };
  }
  throw badPreset(`${base}SizeUnits`, `"${units}" is none of MB, GB, Percent`);
}

function layoutVariables({ style, partitions }: z.output<typeof Layout>): Record<string, string> {
  const variables: Record<string, string> = {
    OSDPartitionStyle: style.toUpperCase(),
    OSDGPTBootDisk: String(style === 'gpt' && hasEfi({ partitions })),
    OSDPartitions: String(partitions.length),
  };
  for (const [index, partition] of partitions.entries())
    for (const [name, value] of Object.entries(partitionVariables(partition)))
      if (value !== '') variables[`OSDPartitions${index}${name}`] = value;
  return variables;
}

function partitionVariables(partition: PartitionParams): Record<(typeof members)[number], string> {
  const { type, fileSystem, bootable, quick, name, size, variable, assignLetter } = partition;
  const [amount, units] =
    size === 'rest'
      ? ['', '']
      : 'percent' in size
        ? [size.percent, 'Percent']
        : 'mb' in size
          ? [size.mb, 'MB']
          : [size.gb, 'GB'];
  const defaultFileSystem = type === 'efi' ? 'fat32' : 'ntfs';
  const isNever = type === 'msr' || type === 'extended' || fileSystem === 'none';
  return {
    Type: typeNames[type],
    FileSystem: isNever
      ? ''
      : (fileSystem ?? defaultFileSystem).replace(/^[nf].*/, (text) => text.toUpperCase()),
    Bootable: String(bootable),
    QuickFormat: String(quick),
    VolumeName: name,
    Size: String(amount),
    SizeUnits: units,
    VolumeLetterVariable: variable ?? '',
    AssignVolumeLetter: assignLetter ? '' : 'false',
  };
}

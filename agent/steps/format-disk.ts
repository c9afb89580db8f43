import { z } from 'zod';
import type { Disk } from '#agent/sequence/platform.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import { chooseDisk, DiskChoice } from './disk-choice.ts';
import { layoutFaults, layoutFields, planPartitions } from './disk-layout.ts';
import { diskVariables } from './disk-variables.ts';
import { driveOf } from './drive-of.ts';
import { laterSettingsOf } from './format-disk-later.ts';
import { FORMATTED_VOLUMES, formattedVolumes } from './formatted-volumes.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z
  .strictObject({
    disk: DiskChoice,
    ...layoutFields,
    gptBootDisk: trueOrFalse().default(false).meta({
      title: 'Add an EFI partition',
      description: 'Before the others, on a GPT disk whose layout has none.',
    }),
    allowRemovable: z.boolean().default(false).meta({
      title: 'Allow a removable disk',
      description: 'Otherwise a USB disk or card is refused: it may be the media.',
    }),
  })
  .superRefine((layout, context) => {
    for (const { index, message } of layoutFaults(layout))
      context.addIssue({ code: 'custom', path: ['partitions', index], message });
  });
type Params = z.output<typeof params>;

/** Format and Partition Disk: erases one disk, writes its partition table and formats the partitions. */
export const formatDisk = defineStep({
  type: 'format-disk',
  title: 'Format and Partition Disk',
  menu: 'disks',
  help: 'Erases one disk, writes its partition table and formats its partitions.',
  action: 'now',
  needs: ['disk'],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: true,
  actionVariables: diskVariables,
  laterSettings: laterSettingsOf,
  references: () => [],
  async check(params, context) {
    const disk = await findDisk(params, context);
    const plan = planPartitions(params, disk);
    const planned = context.planned ?? [];
    const others = planned.filter(({ diskNumber }) => diskNumber !== disk.number);
    // Logical partitions count from 5, whatever stands before them.
    const last = { logical: 4, other: 0 };
    const made = plan.map(({ type, sizeBytes, format }, index) => ({
      diskNumber: disk.number,
      partitionNumber: type === 'logical' ? ++last.logical : ++last.other,
      type,
      sizeBytes,
      fileSystem: format?.fileSystem ?? null,
      variable: params.partitions[index]?.variable,
    }));
    planned.splice(0, planned.length, ...others, ...made);
  },
  async *run(params, context) {
    const disk = await findDisk(params, context);
    const plan = planPartitions(params, disk);
    const old = disk.signatures.length > 0 ? `; erasing ${disk.signatures.join(', ')}` : '';
    context.log(
      `Disk ${disk.number}: ${disk.model} ${disk.serial}, ${disk.sizeBytes} bytes, ${disk.partitions.length} partitions${old}`,
    );
    const gigabytes = (disk.sizeBytes / 1e9).toFixed(disk.sizeBytes < 10e9 ? 1 : 0);
    yield { detail: `Disk ${disk.number}: ${disk.model || 'no model name'}, ${gigabytes} GB` };
    const made = await context.platform.disk.partition(
      { disk, style: params.style, partitions: plan },
      context.signal,
    );
    if (made.length !== plan.length)
      throw new StepError(
        'disk.read-back',
        `Disk ${disk.number} has ${made.length} partitions after ${plan.length} were made`,
      );
    const others = (await context.platform.disk.list(context.signal))
      .filter(({ number }) => number !== disk.number)
      .flatMap(({ partitions }) => partitions.map(({ volume }) => volume));
    const before = context.variables.value(FORMATTED_VOLUMES);
    context.variables.setOwn(
      FORMATTED_VOLUMES,
      formattedVolumes(before, new Set(others), made, plan),
    );
    for (const [index, partition] of made.entries()) {
      const { type, sizeBytes, fileSystem, volume } = partition;
      context.log(
        `Partition ${partition.number}: ${type}, ${sizeBytes} bytes, ${fileSystem}, ${volume}`,
      );
      const name = params.partitions[index]?.variable;
      if (name !== undefined) context.variables.set(name, driveOf(partition));
    }
    return {};
  },
});

async function findDisk(
  { disk: choice, allowRemovable }: Params,
  { platform, signal, variables }: StepContext,
): Promise<Disk> {
  const disk = chooseDisk(choice, await platform.disk.list(signal), (name) =>
    variables.value(name),
  );
  if (disk.readOnly)
    throw new StepError('disk.read-only', `Disk ${disk.number} (${disk.model}) is read-only`, {
      hint: 'Look for a write-protect switch, or replace the disk: worn-out disks lock themselves.',
      exitCode: 0x80070013,
    });
  if (disk.removable && !allowRemovable)
    throw new StepError('disk.removable', `Disk ${disk.number} (${disk.model}) is removable`, {
      hint: 'Unplug it, choose another disk, or set allowRemovable if it is meant.',
    });
  return disk;
}

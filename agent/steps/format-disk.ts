import { z } from 'zod';
import type { Disk } from '#agent/sequence/platform.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import { chosenDisk, describeDisk } from './describe-disk.ts';
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
      description:
        'Otherwise a USB disk or card is refused. A rule takes one only if it says bus, model or serial.',
    }),
    allowBootMedium: z.boolean().default(false).meta({
      title: 'Allow the disk that the machine was started from',
      description: 'Otherwise it is refused: it is the media, which others may still need.',
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
    context.log(`Would erase ${describeDisk(disk)}`);
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
    const described = describeDisk(disk);
    context.log(
      `Erasing ${described}: ${disk.sizeBytes} bytes, ${disk.id}, ${disk.partitions.length} partitions${old}`,
    );
    yield { detail: described.replace(/^d/, 'D').slice(0, 300) };
    await context.claimDisk?.(chosenDisk(disk));
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
  { disk, allowRemovable, allowBootMedium }: Params,
  { platform, signal, variables }: StepContext,
): Promise<Disk> {
  return chooseDisk(disk, await platform.disk.list(signal), {
    variable: (name) => variables.value(name),
    allow: { removable: allowRemovable, bootMedium: allowBootMedium },
  });
}

import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { Disk } from '#agent/sequence/platform.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import {
  type ActionVariables,
  defineStep,
  type StepContext,
  StepError,
} from '#agent/sequence/step.ts';
import { findDestination, findPlanned, ImageDestination } from './image-destination.ts';
import { assertHolds, fittingImage, type OsImage, wantedFor } from './image-fit.ts';
import { wholeNumber } from './whole-number.ts';

/** Volumes that this run has applied images to, by blanks; `next-available` passes over them. */
const APPLIED_VOLUMES = '_OSDAppliedVolumes';

const params = z.strictObject({
  image: ContentReference.meta({
    title: 'Image package',
    description: 'The newest version when the run is granted.',
  }),
  index: wholeNumber(1, 2_147_483_647)
    .default(1)
    .meta({ title: 'Image index', description: 'The image in the WIM, from 1.' }),
  destination: ImageDestination,
});
type Params = z.output<typeof params>;

const indexVariable = plainActionVariables({
  OSDImageIndex: { param: 'index', type: 'number', schema: params.shape.index },
});
/** `DestinationVariable` names the variable that holds the destination, in place of any other choice. */
const actionVariables: ActionVariables = {
  toVariables(params) {
    const destination = ImageDestination.safeParse(params['destination']).data;
    const isNamed = typeof destination === 'object' && 'variable' in destination;
    return {
      ...indexVariable.toVariables(params),
      ...(isNamed ? { DestinationVariable: destination.variable } : {}),
    };
  },
  override(params, preset) {
    const variable = preset('DestinationVariable');
    const named = variable === undefined ? {} : { destination: { variable } };
    return { ...indexVariable.override(params, preset), ...named };
  },
};

/** Apply Operating System Image: streams one image of a WIM onto a formatted volume and makes it boot. */
export const applyImage = defineStep({
  type: 'apply-image',
  title: 'Apply Operating System Image',
  menu: 'images',
  help: 'Applies an operating system image to a formatted volume and makes it boot.',
  action: 'now',
  needs: ['image', 'disk', 'boot'],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: true,
  referenceParams: { image: 'os-image' },
  actionVariables,
  references: ({ image }) => (image.id === undefined ? [] : [image.id]),
  async check(params, context) {
    const image = fittingOf(params, context);
    const planned = findPlanned(params.destination, context.planned ?? [], wantedFor(image));
    if (planned !== undefined)
      return assertHolds(
        planned,
        `Partition ${planned.partitionNumber} of disk ${planned.diskNumber}`,
        image,
      );
    if (typeof params.destination === 'object' && 'variable' in params.destination) return;
    const disks = await context.platform.disk.list(context.signal);
    const isPlanned = new Set((context.planned ?? []).map(({ diskNumber }) => diskNumber));
    // A disk that is going to be partitioned keeps none of the partitions it has now.
    const kept = disks.filter(({ number }) => !isPlanned.has(number));
    try {
      findDestination(params.destination, kept, wantedFor(image), {
        taken: new Set(),
        variable: (name) => context.variables.value(name),
      });
    } catch (error) {
      throw withPlan(error, context);
    }
  },
  async *run(params, context) {
    const { platform, signal } = context;
    const image = fittingOf(params, context);
    const id = idOf(params);
    const applied = (context.variables.value(APPLIED_VOLUMES) ?? '').split(' ').filter(Boolean);
    const disks = await platform.disk.list(signal);
    const { disk, partition, fileSystem } = findDestination(
      params.destination,
      disks,
      wantedFor(image),
      { taken: new Set(applied), variable: (name) => context.variables.value(name) },
    );
    const named = `Partition ${partition.number} of disk ${disk.number}`;
    assertHolds(partition, named, image);
    const systemVolume = findSystemVolume(disk, disks, partition.volume, platform.firmware);
    const source = await context.content.open(id);
    context.log(
      `Applying "${image.name}" (${image.kind}, ${image.architecture}, ${image.totalBytes} bytes) to ${named}, ${partition.volume}`,
    );
    const volume = partition.volume;
    yield* platform.image.apply(
      { source, index: params.index, volume, fileSystem, expectedBytes: image.totalBytes },
      signal,
    );
    await platform.disk.flush(volume, signal);
    if (image.kind === 'windows' && platform.environment === 'linux-pe') {
      // bcdboot is a program of Windows: a restart from this disk is refused until it has run.
      context.log(`"${image.name}" is not made bootable here: Windows PE does that`);
    } else {
      yield { detail: 'Making it bootable' };
      await platform.boot.install(
        { systemVolume, osVolume: volume, os: image.kind, title: image.name },
        signal,
      );
      await platform.disk.flush(systemVolume, signal);
      await platform.disk.flush(volume, signal);
      context.log(`Boot entry "${image.name}" made on ${systemVolume}`);
    }
    const volumes = [...applied.filter((other) => other !== volume), volume];
    context.variables.set('OSDTargetSystemDrive', volume);
    context.variables.setOwn(APPLIED_VOLUMES, volumes.join(' '));
    return {};
  },
});

function fittingOf(params: Params, { platform, content }: StepContext): OsImage {
  return fittingImage(content.manifest(idOf(params)), params.index, platform);
}

function idOf({ image }: Params) {
  if (image.id !== undefined) return image.id;
  throw new StepError('content.missing', `The image "${image.name}" was not resolved to an id`, {
    hint: 'Add the image to the server under that name, or correct the name.',
  });
}

/** Where the loader goes: the EFI partition, on BIOS the active one; the OS volume itself if need be. */
function findSystemVolume(
  disk: Disk,
  disks: readonly Disk[],
  osVolume: string,
  firmware: 'uefi' | 'bios',
): string {
  if (firmware === 'bios')
    return disk.partitions.find(({ active }) => active === true)?.volume ?? osVolume;
  const ordered = [disk, ...disks.filter((other) => other !== disk && !other.removable)];
  for (const { partitions } of ordered) {
    const found = partitions.find(({ type }) => type === 'efi');
    if (found !== undefined) return found.volume;
  }
  throw new StepError(
    'boot.no-efi-partition',
    `This machine starts by UEFI, and disk ${disk.number} (${disk.model}) has no EFI partition`,
    { hint: 'Give the format-disk step a partition of type efi, 260 MB or more.' },
  );
}

/** Says also what the run is going to make, as no partition there now counts. */
function withPlan(error: unknown, { planned = [] }: StepContext): unknown {
  if (!(error instanceof StepError) || planned.length === 0) return error;
  const seen = planned.map(
    ({ diskNumber, partitionNumber, type, sizeBytes, fileSystem }) =>
      `${diskNumber},${partitionNumber} (${type}, ${fileSystem ?? 'not formatted'}, ${sizeBytes} bytes)`,
  );
  return new StepError(error.code, `${error.message}; the run would make ${seen.join(', ')}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    exitCode: error.exitCode,
    cause: error,
  });
}

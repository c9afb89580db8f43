import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { StepProgress } from '#agent/sequence/platform.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineStep, type StepContext, StepError, type StepResult } from '#agent/sequence/step.ts';
import { addAppliedVolume, appliedVolumes } from './applied-volumes.ts';
import { destinationVariable, withoutLetter } from './destination-variable.ts';
import {
  assertLetters,
  findDestination,
  findPlanned,
  ImageDestination,
} from './image-destination.ts';
import { imageAt, wantedForData } from './image-fit.ts';
import { keptFolders } from './kept-folder.ts';
import { referenceIds } from './reference-ids.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const params = z.strictObject({
  image: ContentReference.meta({
    title: 'Image package',
    description: 'The newest version when the run is granted.',
  }),
  index: wholeNumber(1, 2_147_483_647)
    .default(1)
    .meta({ title: 'Image index', description: 'The image in the WIM, from 1.' }),
  destination: ImageDestination,
  wipe: trueOrFalse().default(true).meta({
    title: 'Delete all content on the partition before applying the image',
    description: 'Otherwise its files are added to those that are there: in Windows PE only.',
  }),
});

type Params = z.output<typeof params>;

/** Apply Data Image (reference: steps, section 2): the files of an image, and nothing to boot from. */
export const applyDataImage = defineStep({
  type: 'apply-data-image',
  title: 'Apply Data Image',
  menu: 'images',
  help: 'Applies an image of plain files to a formatted volume.',
  action: 'now',
  needs: ['image', 'disk'],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: true,
  referenceParams: { image: 'os-image' },
  actionVariables: joinActionVariables(
    plainActionVariables({
      OSDDataImageIndex: { param: 'index', type: 'number', schema: params.shape.index },
      OSDWipeDestinationPartition: {
        param: 'wipe',
        type: 'boolean',
        schema: params.shape.wipe,
      },
    }),
    destinationVariable,
  ),
  references: ({ image }) => referenceIds(image),
  async check(params, context) {
    const { destination, wipe } = params;
    if (!wipe && context.platform.environment === 'linux-pe')
      throw new StepError('image.beside', 'Linux PE puts an image onto an empty volume only', {
        hint: 'Set wipe, or run the step in Windows PE.',
      });
    assertLetters(destination, context.platform.environment);
    const wanted = wantedForData(imageOf(params, context));
    // What earlier steps make is not there yet, and a variable has no value yet.
    if (findPlanned(destination, context.planned ?? [], wanted) !== undefined) return;
    if (typeof destination === 'object' && !('disk' in destination)) return;
    const isPlanned = new Set((context.planned ?? []).map(({ diskNumber }) => diskNumber));
    const disks = await context.platform.disk.list(context.signal);
    const { partition } = findDestination(
      destination,
      disks.filter(({ number }) => !isPlanned.has(number)),
      wanted,
      { taken: new Set(), variable: (name) => context.variables.value(name) },
    );
    if (wipe) keptFolders(context.variables, partition, context.platform.environment);
  },
  run: applyTo,
  async *simulate(params, context) {
    const destination = withoutLetter(params.destination);
    return yield* applyTo({ ...params, destination }, context);
  },
});

async function* applyTo(
  params: Params,
  context: StepContext,
): AsyncGenerator<StepProgress, StepResult> {
  const { platform, variables, signal } = context;
  const { index, wipe } = params;
  const image = imageOf(params, context);
  const { disk, partition, fileSystem } = findDestination(
    params.destination,
    await platform.disk.list(signal),
    wantedForData(image),
    { taken: appliedVolumes(variables), variable: (name) => variables.value(name) },
  );
  const { number, volume } = partition;
  // What is not wiped stays in any case.
  const keep = wipe ? keptFolders(variables, partition, platform.environment) : [];
  yield { detail: `"${image.name}" to partition ${number} of disk ${disk.number}` };
  const source = await context.content.open(idOf(params));
  context.log(
    `Applying "${image.name}" (${image.totalBytes} bytes) to partition ${number} of disk ${disk.number}, ${volume}${wipe ? '' : ', beside what is there'}`,
  );
  yield* platform.image.apply(
    { source, index, volume, fileSystem, expectedBytes: image.totalBytes, wipe, keep },
    signal,
  );
  await platform.disk.flush(volume, signal);
  addAppliedVolume(variables, volume);
  return {};
}

function imageOf(params: Params, { content }: StepContext) {
  return imageAt(content.manifest(idOf(params)), params.index);
}

function idOf({ image }: Params) {
  if (image.id !== undefined) return image.id;
  throw new StepError('content.missing', `The image "${image.name}" was not resolved to an id`);
}

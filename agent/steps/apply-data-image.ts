import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineLaterStep, StepError } from '#agent/sequence/step.ts';
import { addAppliedVolume, appliedVolumes } from './applied-volumes.ts';
import { destinationVariable, withoutLetter } from './destination-variable.ts';
import { findDestination, ImageDestination } from './image-destination.ts';
import { imageAt, wantedForData } from './image-fit.ts';
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
    description: 'Otherwise its files are added to those that are there.',
  }),
});

/** Apply Data Image (reference: steps, section 2): the files of an image, and nothing to boot from. */
export const applyDataImage = defineLaterStep({
  type: 'apply-data-image',
  title: 'Apply Data Image',
  menu: 'images',
  help: 'Applies an image of plain files to a formatted volume.',
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
  async *simulate({ image, index, destination }, { content, platform, variables, signal }) {
    if (image.id === undefined)
      throw new StepError('content.missing', `The image "${image.name}" was not resolved to an id`);
    const facts = imageAt(content.manifest(image.id), index);
    const { disk, partition } = findDestination(
      withoutLetter(destination),
      await platform.disk.list(signal),
      wantedForData(facts),
      { taken: appliedVolumes(variables), variable: (name) => variables.value(name) },
    );
    yield { detail: `"${facts.name}" to partition ${partition.number} of disk ${disk.number}` };
    addAppliedVolume(variables, partition.volume);
    return {};
  },
});

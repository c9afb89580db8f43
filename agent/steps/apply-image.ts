import { z } from 'zod';
import {
  actionVariablesWhere,
  joinActionVariables,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import type { Disk, StepProgress } from '#agent/sequence/platform.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineStep, type StepContext, StepError, type StepResult } from '#agent/sequence/step.ts';
import { forgetStagedDrivers, keep, keptAnswerFile } from '../windows-setup/answer-settings.ts';
import { addAppliedVolume, appliedVolumes } from './applied-volumes.ts';
import { laterParams, laterSettingsOf, laterVariables } from './apply-image-later.ts';
import { destinationVariable, withoutLetter } from './destination-variable.ts';
import { driveOf } from './drive-of.ts';
import {
  assertLetters,
  findDestination,
  findPlanned,
  ImageDestination,
} from './image-destination.ts';
import { assertHolds, fittingImage, type OsImage, wantedFor } from './image-fit.ts';
import { keptFolders } from './kept-folder.ts';
import { referenceIds } from './reference-ids.ts';
import { findAnswerFile, foreignComponents, readAnswerFile } from './supplied-answer-file.ts';
import { setTargetVolume } from './target-volume.ts';
import { wholeNumber } from './whole-number.ts';

const params = z
  .strictObject({
    image: ContentReference.optional().meta({
      title: 'Image package',
      description: 'The newest version when the run is granted.',
    }),
    index: wholeNumber(1, 2_147_483_647).default(1).meta({
      title: 'Image index',
      description: 'The image in the WIM, or the edition in an installation source, from 1.',
    }),
    destination: ImageDestination,
    ...laterParams,
  })
  .superRefine(({ image, upgradePackage }, context) => {
    if ((image === undefined) !== (upgradePackage === undefined)) return;
    const message = 'needs either an image or an original installation source (upgradePackage)';
    context.addIssue({ code: 'custom', path: ['image'], message });
  });
type Params = z.output<typeof params>;

const actionVariables = joinActionVariables(
  actionVariablesWhere(
    ({ upgradePackage }) => upgradePackage === undefined,
    plainActionVariables({
      OSDImageIndex: { param: 'index', type: 'number', schema: params.shape.index },
    }),
  ),
  laterVariables(params.shape.index),
  destinationVariable,
);

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
  referenceParams: {
    image: 'os-image',
    upgradePackage: 'os-upgrade-package',
    'answerFile.package': 'package',
  },
  actionVariables,
  laterSettings: laterSettingsOf,
  references: ({ image, upgradePackage, answerFile }) =>
    referenceIds(image, upgradePackage, answerFile?.package),
  async check(params, context) {
    if (params.image === undefined) return;
    assertLetters(params.destination, context.platform.environment);
    const image = fittingOf(params, context);
    await checkAnswers(params, image, context);
    if (image.kind === 'windows') await checkStarts(params, context);
    const planned = findPlanned(params.destination, context.planned ?? [], wantedFor(image));
    if (planned !== undefined)
      return assertHolds(
        planned,
        `Partition ${planned.partitionNumber} of disk ${planned.diskNumber}`,
        image,
      );
    const { destination } = params;
    if (typeof destination === 'object' && !('disk' in destination)) return;
    const disks = await context.platform.disk.list(context.signal);
    const isPlanned = new Set((context.planned ?? []).map(({ diskNumber }) => diskNumber));
    // A disk that is going to be partitioned keeps none of the partitions it has now.
    const kept = disks.filter(({ number }) => !isPlanned.has(number));
    try {
      const { partition } = findDestination(destination, kept, wantedFor(image), {
        taken: new Set(),
        variable: (name) => context.variables.value(name),
      });
      keptFolders(context.variables, partition, context.platform.environment);
    } catch (error) {
      throw withPlan(error, context);
    }
  },
  async *run(params, context) {
    const image = fittingOf(params, context);
    await checkAnswers(params, image, context);
    return yield* applyTo(params, image, context);
  },
  async *simulate(params, context) {
    const { image, destination } = params;
    const found = image === undefined ? installedBy(params, context) : fittingOf(params, context);
    // Of a package that is only taken for there, nobody knows its files.
    const known = { ...params, destination: withoutLetter(destination), answerFile: undefined };
    return yield* applyTo(known, found, context);
  },
});

/** Before the first write: what Setup Windows is going to need. @throws {StepError} `content.*`, `unattend.*`, `windows.*` */
async function checkAnswers(
  { answerFile, layeredDriver }: Params,
  { kind, architecture, name }: OsImage,
  context: StepContext,
): Promise<void> {
  const { content, platform, signal } = context;
  if (answerFile === undefined && layeredDriver === 0) return;
  if (kind !== 'windows')
    throw new StepError('windows.answer-file', `"${name}" is no image of Windows`, {
      hint: 'Answer file and layered driver are for Windows: take them out of the step.',
      exitCode: 0x80070032,
    });
  if (answerFile === undefined) return;
  const supplied = await readAnswerFile(findAnswerFile(answerFile, content), content, signal);
  const foreign = foreignComponents(supplied, architecture ?? platform.architecture);
  if (foreign !== undefined) context.log(foreign);
}

/** Where it can be told: what the image needs to start here is in it, before its disk is written to. */
async function checkStarts({ image, index }: Params, context: StepContext): Promise<void> {
  const { windows } = context.platform;
  if (windows?.checkImage === undefined) return;
  const source = await context.content.open(idOf(image));
  await windows.checkImage({ source, index }, context.signal);
}

async function* applyTo(
  { image: reference, upgradePackage, index, destination, answerFile, layeredDriver }: Params,
  image: OsImage,
  context: StepContext,
): AsyncGenerator<StepProgress, StepResult> {
  const { platform, signal, variables } = context;
  const id = idOf(reference ?? upgradePackage);
  const disks = await platform.disk.list(signal);
  const { disk, partition, fileSystem } = findDestination(destination, disks, wantedFor(image), {
    taken: appliedVolumes(variables),
    variable: (name) => variables.value(name),
  });
  const { number, volume } = partition;
  const named = `Partition ${number} of disk ${disk.number}`;
  assertHolds(partition, named, image);
  const kept = keptFolders(variables, partition, platform.environment);
  const systemVolume = findSystemVolume(disk, disks, volume, platform.firmware);
  const source = await context.content.open(id);
  context.log(
    `Applying "${image.name}" (${image.kind}, ${image.architecture}, ${image.totalBytes} bytes) to ${named}, ${volume}`,
  );
  yield* platform.image.apply(
    { source, index, volume, fileSystem, expectedBytes: image.totalBytes, keep: kept },
    signal,
  );
  await platform.disk.flush(volume, signal);
  yield { detail: 'Making it bootable' };
  await platform.boot.install(
    { systemVolume, osVolume: volume, os: image.kind, title: image.name },
    signal,
  );
  await platform.disk.flush(systemVolume, signal);
  await platform.disk.flush(volume, signal);
  context.log(`Boot entry of "${image.name}" made on ${systemVolume}`);
  // A letter is what scripts want; it moves, so the steps to come go by the volume.
  variables.set('OSDTargetSystemDrive', driveOf(partition));
  setTargetVolume(variables, volume);
  const file = answerFile === undefined ? null : findAnswerFile(answerFile, context.content);
  // Of an image that was applied before nothing must be left; else there is nothing to keep.
  const hasAny = file !== null || layeredDriver !== 0;
  if (hasAny || variables.value(keptAnswerFile.name) !== undefined)
    keep(variables, keptAnswerFile, { file, layeredDriver });
  forgetStagedDrivers(variables);
  addAppliedVolume(variables, volume);
  return {};
}

/** What an original installation source is taken for in a simulation: Windows that fits. */
function installedBy({ upgradePackage, index }: Params, context: StepContext): OsImage {
  const { name } = context.content.manifest(idOf(upgradePackage));
  const { architecture } = context.platform;
  return { index, name, architecture, totalBytes: 0, kind: 'windows' };
}

function fittingOf(params: Params, { platform, content }: StepContext): OsImage {
  return fittingImage(content.manifest(idOf(params.image)), params.index, platform);
}

function idOf(reference: ContentReference | undefined) {
  if (reference?.id !== undefined) return reference.id;
  throw new StepError(
    'content.missing',
    `The image "${reference?.name}" was not resolved to an id`,
    {
      hint: 'Add the image to the server under that name, or correct the name.',
    },
  );
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

import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { CaptureCapability, ImageToCapture } from '#agent/sequence/capture-capability.ts';
import type { StepProgress } from '#agent/sequence/platform.ts';
import { defineStep, type StepContext, StepError, type StepResult } from '#agent/sequence/step.ts';
import { Account, accountVariables } from './account.ts';
import { takeAgentOut } from './agent-out-of-windows.ts';
import { type CaptureDestination, openDestination } from './capture-destination.ts';
import { exclusionsFor } from './capture-exclusions.ts';
import {
  assertCapturable,
  assertPrepared,
  candidates,
  type SeenVolume,
  type SystemVolume,
  systemVolume,
  volumeName,
} from './captured-volumes.ts';
import { LineText } from './program-settings.ts';

const params = z.strictObject({
  destination: LineText.min(1).max(255).meta({
    title: 'Target path',
    description:
      'The WIM file to write, on a share, \\\\server\\share\\image.wim, or on this machine, D:\\image.wim in Windows PE or %Volume%\\image.wim. One that is there is replaced when the new one is whole.',
  }),
  account: Account.optional().meta({
    title: 'Capture operating system image account',
    description: 'May read and write on that share.',
  }),
  description: z.string().max(255).default('').meta({
    title: 'Description',
    description: 'What the image is, in the words of people.',
  }),
  version: z.string().max(32).default('').meta({
    title: 'Version',
    description: 'Of the image, as people count.',
  }),
  createdBy: z.string().max(255).default('').meta({ title: 'Created by' }),
});
type Params = z.output<typeof params>;

/**
 * Capture Operating System Image (reference: steps, section 2): each fixed NTFS, FAT32 or ext4 volume becomes one image of
 * the WIM, the one with the operating system the first. The system must have been prepared, see prepare-windows.
 */
export const captureImage = defineStep({
  type: 'capture-image',
  title: 'Capture Operating System Image',
  menu: 'images',
  help: 'Captures the volumes of a prepared reference machine into a WIM file on a share or a disk.',
  action: 'now',
  needs: ['capture', 'disk'],
  runsIn: ['winpe', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: joinActionVariables(
    accountVariables({ user: 'OSDCaptureAccount', password: 'OSDCaptureAccountPassword' }),
    plainActionVariables({
      OSDCaptureDestination: { param: 'destination', schema: params.shape.destination },
      OSDImageDescription: { param: 'description', schema: params.shape.description },
      OSDImageVersion: { param: 'version', schema: params.shape.version },
      OSDImageCreator: { param: 'createdBy', schema: params.shape.createdBy },
    }),
  ),
  references: () => [],
  async *run(settings, context) {
    const { signal } = context;
    const capture = captureOf(context);
    yield { detail: 'Looking at the volumes' };
    const { system, seen } = await look(capture, context);
    await using destination = await openDestination(settings, context);
    const images = imagesOf({ system, seen, destination }, settings, context);
    if (system.system.kind === 'windows') await takeAgentOut(system.partition.volume, context);
    for (const image of images) context.log(`Capturing ${image.volume} as "${image.name}"`);
    const { file, volume: fileVolume } = destination;
    const { sizeBytes } = yield* capture.capture({ file, fileVolume, images }, signal);
    await destination.flush(signal);
    context.log(`${settings.destination} has ${images.length} images, ${sizeBytes} bytes`);
    return {};
  },
  async *simulate({ destination }): AsyncGenerator<StepProgress, StepResult> {
    yield { detail: `Capturing to ${destination}` };
    return {};
  },
});

/** @throws {StepError} `capture.unavailable` */
function captureOf({ platform }: StepContext): CaptureCapability {
  if (platform.capture !== undefined) return platform.capture;
  throw new StepError('capture.unavailable', `Nothing is captured in ${platform.environment}`, {
    exitCode: 0x80070032,
  });
}

/** Everything that may refuse the capture, before anything is written. */
async function look(
  capture: CaptureCapability,
  context: StepContext,
): Promise<{ readonly system: SystemVolume; readonly seen: readonly SeenVolume[] }> {
  const { platform, variables, signal } = context;
  const { taken, passedOver } = candidates(await platform.disk.list(signal));
  const all: SeenVolume[] = [];
  for (const each of taken)
    all.push({ ...each, state: await capture.inspect(each.partition.volume, signal) });
  assertCapturable(all);
  const seen = all.filter(({ partition }) => partition.fileSystem !== '');
  const unread = [...passedOver, ...all.filter(({ partition }) => partition.fileSystem === '')];
  for (const each of unread) context.log(`Passed over: ${volumeName(each)}`);
  const system = systemVolume(seen, variables.value('OSDTargetSystemRoot'), unread);
  assertPrepared(system);
  return { system, seen };
}

/** The system first: index 1 is what a deployment takes by itself. */
function imagesOf(
  found: {
    readonly system: SystemVolume;
    readonly seen: readonly SeenVolume[];
    readonly destination: CaptureDestination;
  },
  { description, version, createdBy }: Params,
  { platform }: StepContext,
): readonly ImageToCapture[] {
  const { system, seen, destination } = found;
  const isSystem = ({ partition }: Pick<SeenVolume, 'partition'>): boolean =>
    partition.volume === system.partition.volume;
  const name = nameOf(destination.file);
  const said = {
    ...(version === '' ? {} : { 'METALWRIGHT/VERSION': version }),
    ...(createdBy === '' ? {} : { 'METALWRIGHT/CREATEDBY': createdBy }),
  };
  const kind = system.system.kind === 'linux' && {
    'METALWRIGHT/KIND': 'linux',
    // A program that tells was not found: it ran on this machine.
    'METALWRIGHT/ARCHITECTURE': system.system.architecture ?? platform.architecture,
  };
  const ordered = [...seen.filter(isSystem), ...seen.filter((each) => !isSystem(each))];
  return ordered.map((each) => {
    const { volume } = each.partition;
    const { pathOnVolume } = destination;
    const own =
      pathOnVolume === null || destination.volume !== volume
        ? []
        : [pathOnVolume, `${pathOnVolume}.new`];
    return {
      volume,
      system: isSystem(each) ? system.system : null,
      name: isSystem(each) ? name : `${name}, ${volumeName(each)}`,
      description,
      properties: isSystem(each) ? { ...kind, ...said } : said,
      exclude: exclusionsFor(isSystem(each) ? system.system : null, own),
    };
  });
}

function nameOf(file: string): string {
  const name = file.split(/[\\/]/).at(-1) ?? '';
  return name.replace(/\.wim$/i, '') || 'Image';
}

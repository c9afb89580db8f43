import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import type { CaptureCapability, ImageToCapture } from '#agent/sequence/capture-capability.ts';
import type { StepProgress } from '#agent/sequence/platform.ts';
import {
  defineStep,
  type HandOverImage,
  type StepContext,
  StepError,
  type StepResult,
} from '#agent/sequence/step.ts';
import { Account, accountVariables } from './account.ts';
import { takeAgentOut } from './agent-out-of-windows.ts';
import { type CaptureDestination, openDestination } from './capture-destination.ts';
import { exclusionsFor } from './capture-exclusions.ts';
import { findSpool, newSpool } from './capture-spool.ts';
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

/** `server:Debian 12, reference` */
const SITE_IMAGE = /^\s*server:(.*)$/is;

const params = z.strictObject({
  destination: LineText.min(1).max(255).meta({
    title: 'Target path',
    description:
      'The WIM file to write, on a share, \\\\server\\share\\image.wim, or on this machine, D:\\image.wim in Windows PE or %Volume%\\image.wim; one that is there is replaced when the new one is whole. server:Name makes it an OS image of the site.',
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
  help: 'Captures the volumes of a prepared reference machine into a WIM: on a share, on a disk, or as an OS image of the site.',
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
    const imageName = siteImageName(settings.destination);
    if (imageName === undefined) {
      const { system, seen } = yield* look(capture, context);
      await using destination = await openDestination(settings, context);
      const name = nameOf(destination.file);
      const images = imagesOf({ system, seen, destination, name }, settings, context);
      yield* captureTo({ system, images, destination }, capture, context);
      return {};
    }
    assertSite(context);
    const again = (context.attempt ?? 1) > 1;
    await using spool =
      (again ? await findSpool(capture, context) : undefined) ??
      (yield* captureToSpool(imageName, settings, capture, context));
    yield* handOver({ file: spool.file, name: imageName }, context);
    await capture.remove(spool.file, signal);
    return {};
  },
  async *simulate({ destination }): AsyncGenerator<StepProgress, StepResult> {
    yield { detail: `Capturing to ${destination}` };
    return {};
  },
});

/** The OS image of the site that a destination names. */
function siteImageName(destination: string): string | undefined {
  const name = SITE_IMAGE.exec(destination)?.[1]?.trim();
  return name === undefined || name === '' ? undefined : name;
}

/** @throws {StepError} `capture.no-server` */
function assertSite({ handOverImage, platform }: StepContext): void {
  if (handOverImage !== undefined) return;
  throw new StepError('capture.no-server', 'There is no server to give the image to', {
    hint: `Start the machine from the network, or capture to a share or a disk. This is ${platform.environment}.`,
    exitCode: 0x80070032,
  });
}

async function* captureTo(
  {
    system,
    images,
    destination,
  }: {
    readonly system: SystemVolume;
    readonly images: readonly ImageToCapture[];
    readonly destination: CaptureDestination;
  },
  capture: CaptureCapability,
  context: StepContext,
): AsyncGenerator<StepProgress, void> {
  const { signal } = context;
  if (system.system.kind === 'windows') await takeAgentOut(system.partition.volume, context);
  for (const image of images) context.log(`Capturing ${image.volume} as "${image.name}"`);
  const { file, volume: fileVolume } = destination;
  const { sizeBytes } = yield* capture.capture({ file, fileVolume, images }, signal);
  await destination.flush(signal);
  context.log(`${file} has ${images.length} images, ${sizeBytes} bytes`);
}

/** For the server: the file stays until the server has it. */
async function* captureToSpool(
  name: string,
  settings: Params,
  capture: CaptureCapability,
  context: StepContext,
): AsyncGenerator<StepProgress, CaptureDestination> {
  const { system, seen } = yield* look(capture, context);
  const destination = await newSpool(seen, context);
  try {
    const images = imagesOf({ system, seen, destination, name }, settings, context);
    yield* captureTo({ system, images, destination }, capture, context);
    return destination;
  } catch (error) {
    await destination[Symbol.asyncDispose]();
    throw error;
  }
}

async function* handOver(
  image: Parameters<HandOverImage>[0],
  context: StepContext,
): AsyncGenerator<StepProgress, void> {
  const { handOverImage, signal } = context;
  if (handOverImage === undefined) return;
  const { packageId, version } = yield* handOverImage(image, signal);
  context.log(`The server has it as "${image.name}", ${packageId}, version ${version}`);
}

/** @throws {StepError} `capture.unavailable` */
function captureOf({ platform }: StepContext): CaptureCapability {
  if (platform.capture !== undefined) return platform.capture;
  throw new StepError('capture.unavailable', `Nothing is captured in ${platform.environment}`, {
    exitCode: 0x80070032,
  });
}

/** Everything that may refuse the capture, before anything is written. */
async function* look(
  capture: CaptureCapability,
  context: StepContext,
): AsyncGenerator<
  StepProgress,
  { readonly system: SystemVolume; readonly seen: readonly SeenVolume[] }
> {
  yield { detail: 'Looking at the volumes' };
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
    /** Of the first image, and the beginning of the others' names. */
    readonly name: string;
  },
  { description, version, createdBy }: Params,
  { platform }: StepContext,
): readonly ImageToCapture[] {
  const { system, seen, destination, name } = found;
  const isSystem = ({ partition }: Pick<SeenVolume, 'partition'>): boolean =>
    partition.volume === system.partition.volume;
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

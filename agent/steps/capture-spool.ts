/**
 * Where an image lies that goes to the server: on a disk of this machine first, so that a power cut costs no second capture,
 * and a broken connection none either.
 */
import type { CaptureCapability } from '#agent/sequence/capture-capability.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { type StepContext, StepError } from '#agent/sequence/step.ts';
import type { CaptureDestination } from './capture-destination.ts';
import { type Candidate, candidates, type SeenVolume, volumeName } from './captured-volumes.ts';

const FOLDERS = ['_SMSTaskSequence', 'Captured'];

/**
 * The whole image that an attempt before has left. To be looked for before the volumes are: a power cut leaves the one that
 * it was written to unclean, and mounting puts that right.
 */
export async function findSpool(
  capture: CaptureCapability,
  context: StepContext,
): Promise<CaptureDestination | undefined> {
  const { platform, signal } = context;
  const { taken } = candidates(await platform.disk.list(signal));
  for (const { partition } of taken.filter((each) => canHold(each, context))) {
    const spool = await spoolOn(partition.volume, context);
    if ((await capture.size(spool.file, signal)) !== null) return spool;
    await spool[Symbol.asyncDispose]();
  }
  return undefined;
}

/** A file on the volume with the most room. @throws {StepError} `capture.no-place` */
export async function newSpool(
  seen: readonly SeenVolume[],
  context: StepContext,
): Promise<CaptureDestination> {
  const { platform, signal } = context;
  let most: { readonly volume: VolumeId; readonly free: number } | undefined;
  for (const { partition } of seen.filter((each) => canHold(each, context))) {
    const { volume } = partition;
    const free = (await platform.disk.freeBytes(volume, signal)) ?? 0;
    if (most === undefined || free > most.free) most = { volume, free };
  }
  if (most !== undefined) return spoolOn(most.volume, context);
  throw new StepError(
    'capture.no-place',
    `No volume of this machine can hold the image before it is sent: ${seen.map(volumeName).join(', ')}`,
    {
      hint: 'Linux PE needs a volume with ext4 for it: capture a Windows from Windows PE, or to a share or disk.',
      exitCode: 0x80070032,
    },
  );
}

/** Linux PE reads NTFS from its device, and writes nothing to it meanwhile. */
function canHold({ partition }: Candidate, { platform }: StepContext): boolean {
  return partition.fileSystem === (platform.environment === 'winpe' ? 'ntfs' : 'ext4');
}

async function spoolOn(
  volume: VolumeId,
  { platform, runKey = 'run', signal }: StepContext,
): Promise<CaptureDestination> {
  const mounted = await platform.disk.mount(volume, signal);
  const separator = mounted.path.includes('\\') ? '\\' : '/';
  const root = mounted.path.replace(/[\\/]+$/, '');
  const names = [...FOLDERS, `${runKey}.wim`];
  return {
    file: [root, ...names].join(separator),
    volume,
    pathOnVolume: `/${names.join('/')}`,
    flush: async (until) => platform.disk.flush(volume, until),
    [Symbol.asyncDispose]: async () => mounted[Symbol.asyncDispose](),
  };
}

import { z } from 'zod';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import { encryptionSettings } from './bitlocker-settings.ts';
import { bitLockerOf, hasTpm, startEncryption } from './encrypt-volume.ts';
import { findDestination, VolumePlace } from './image-destination.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z.strictObject({
  destination: VolumePlace.meta({
    title: 'Apply BitLocker to the specified drive',
    description:
      '{ drive } as in C:; { variable: name } that holds the volume; or { disk, partition }. It is formatted and empty.',
  }),
  ...encryptionSettings,
  skipWithoutTpm: trueOrFalse().default(true).meta({
    title: 'Skip this step for computers that do not have a TPM or when TPM is not enabled',
    description: 'Otherwise the step fails there.',
  }),
});

/**
 * Pre-provision BitLocker (reference: steps, section 3): encrypts an empty volume in Windows PE, so that
 * encrypting costs no time later. Its key is in the clear until Enable BitLocker protects it.
 */
export const preProvisionBitLocker = defineStep({
  type: 'pre-provision-bitlocker',
  title: 'Pre-provision BitLocker',
  menu: 'disks',
  help: 'Encrypts an empty volume in Windows PE; Enable BitLocker protects its key later.',
  action: 'now',
  needs: ['disk', 'bitLocker'],
  runsIn: ['winpe'],
  params,
  repeatable: true,
  destructive: false,
  references: () => [],
  async *run({ destination, encryptionMode, fullDisk, skipWithoutTpm }, context) {
    if (!(await hasTpm(context, skipWithoutTpm))) return {};
    const volume = await findVolume(destination, context);
    const { state, percent } = await bitLockerOf(context).status(volume, context.signal);
    if (state !== 'decrypted') {
      context.log(`${volume} is encrypted to ${percent} % already`);
      return {};
    }
    yield { detail: `encrypting ${volume}` };
    await startEncryption(context, volume, { encryptionMode, fullDisk });
    return {};
  },
});

/** @throws {StepError} `bitlocker.no-drive`, `image.*` */
async function findVolume(
  place: z.output<typeof VolumePlace>,
  context: StepContext,
): Promise<VolumeId> {
  if ('drive' in place) return bitLockerOf(context).volumeOf(place.drive, context.signal);
  const { partition } = findDestination(
    place,
    await context.platform.disk.list(context.signal),
    { bytes: 0, fileSystem: 'ntfs' },
    { taken: new Set(), variable: (name) => context.variables.value(name) },
  );
  if (partition.fileSystem === 'ntfs') return partition.volume;
  throw new StepError(
    'image.not-formatted',
    `The volume to encrypt has the file system ${partition.fileSystem}`,
    { hint: 'Format it with ntfs before.', exitCode: 0x8007045d },
  );
}

import { z } from 'zod';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { encryptionSettings } from './bitlocker-settings.ts';
import { VolumePlace } from './image-destination.ts';
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
export const preProvisionBitLocker = defineLaterStep({
  type: 'pre-provision-bitlocker',
  title: 'Pre-provision BitLocker',
  menu: 'disks',
  help: 'Encrypts an empty volume in Windows PE; Enable BitLocker protects its key later.',
  needs: ['disk', 'process'],
  runsIn: ['winpe'],
  params,
  repeatable: true,
  references: () => [],
});

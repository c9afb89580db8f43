import { z } from 'zod';
import { joinActionVariables, plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { Account, accountVariables } from './account.ts';
import { LineText } from './program-settings.ts';

const params = z.strictObject({
  destination: LineText.min(1).max(255).meta({
    title: 'Target path',
    description:
      'The WIM file to write, on a share: \\\\server\\share\\image.wim. One that is there is replaced.',
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

/**
 * Capture Operating System Image (reference: steps, section 2): each fixed NTFS or FAT32 volume becomes
 * one image of the WIM. The reference machine must have been prepared, see prepare-windows.
 */
export const captureImage = defineLaterStep({
  type: 'capture-image',
  title: 'Capture Operating System Image',
  menu: 'images',
  help: 'Captures the volumes of a prepared reference machine into a WIM file on a share.',
  needs: ['image', 'disk'],
  runsIn: ['winpe'],
  params,
  repeatable: true,
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
});

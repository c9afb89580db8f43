import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { trueOrFalse } from './true-or-false.ts';

const params = z.strictObject({
  buildStorageDrivers: trueOrFalse().default(false).meta({
    title: 'Automatically build mass storage driver list',
    description: 'For Windows XP and 2003 only: without effect any more.',
  }),
  keepActivation: trueOrFalse().default(false).meta({
    title: 'Do not reset activation flag',
    description: 'Keeps the activation: Windows lets itself be reset a few times only.',
  }),
  shutdown: trueOrFalse().default(false).meta({
    title: 'Shutdown the computer after running this action',
    description: 'Instead of the restart to the boot image.',
  }),
});

/**
 * Prepare Windows for Capture (reference: steps, section 2): runs Sysprep and restarts to the boot image,
 * or shuts down. A computer in a domain is refused. Not run again by itself after an interruption: Sysprep
 * leaves Windows half prepared.
 */
export const prepareWindows = defineLaterStep({
  type: 'prepare-windows',
  title: 'Prepare Windows for Capture',
  menu: 'images',
  help: 'Runs Sysprep on the reference machine and restarts to the boot image. The machine must be in a workgroup.',
  needs: ['power', 'boot'],
  runsIn: ['full-os'],
  params,
  repeatable: false,
  actionVariables: plainActionVariables({
    OSDKeepActivation: {
      param: 'keepActivation',
      type: 'boolean',
      schema: params.shape.keepActivation,
    },
    OSDBuildStorageDriverList: {
      param: 'buildStorageDrivers',
      type: 'boolean',
      schema: params.shape.buildStorageDrivers,
    },
  }),
  references: () => [],
  async *simulate({ shutdown }, { variables }) {
    yield { detail: shutdown ? 'Sysprep, then power off' : 'Sysprep, then the boot image' };
    variables.set('OSDTargetSystemRoot', 'C:\\Windows');
    return shutdown ? {} : { restart: 'pe' };
  },
});

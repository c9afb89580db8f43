import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineStep } from '#agent/sequence/step.ts';
import { generalizeOf } from './generalize-of.ts';
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
 * Prepare Windows for Capture (reference: steps, section 2): runs Sysprep and restarts to the boot image; a computer in a
 * domain is refused. In Linux the files go that name this one machine. May be run again after an interruption: a Windows
 * that Sysprep left in the middle says so, and is refused.
 */
export const prepareWindows = defineStep({
  type: 'prepare-windows',
  title: 'Prepare Windows for Capture',
  menu: 'images',
  help: 'Makes the reference machine one for any machine, and restarts to the boot image: by Sysprep in Windows, which must be in a workgroup; in Linux machine-id, SSH host keys, leases and logs are removed.',
  action: 'now',
  needs: ['generalize', 'power', 'boot'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  destructive: false,
  laterSettings: ({ shutdown }) =>
    shutdown ? ['shut the computer down instead of restarting'] : [],
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
  async *run({ keepActivation }, context) {
    const { platform, variables, signal } = context;
    const prepared = generalizeOf(platform).generalize({ keepActivation }, signal);
    const { systemRoot } = yield* prepared;
    context.log(
      `The system in ${systemRoot} is prepared; it must not be started again before it is captured`,
    );
    variables.set('OSDTargetSystemRoot', systemRoot);
    return { restart: 'pe' };
  },
  async *simulate({ shutdown }, { platform, variables, signal }) {
    const { family } = await platform.query.system(signal);
    const how = family === 'linux' ? 'The identity of the machine goes' : 'Sysprep';
    yield { detail: `${how}, then ${shutdown ? 'power off' : 'the boot image'}` };
    variables.set('OSDTargetSystemRoot', family === 'linux' ? '/' : 'C:\\Windows');
    return shutdown ? {} : { restart: 'pe' };
  },
});

import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineStep } from '#agent/sequence/step.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

const params = z.strictObject({
  target: z.enum(['pe', 'hd']).meta({
    title: 'Restart to',
    description: 'pe: the boot image of this task sequence. hd: the operating system on the disk.',
  }),
  notify: trueOrFalse().default(true).meta({
    title: 'Notify the user before restarting',
    description: 'Without it the machine restarts at once.',
  }),
  message: z
    .string()
    .max(512)
    .default('')
    .meta({ title: 'Message', description: 'Shown at the machine until it restarts.' }),
  delaySeconds: wholeNumber(0, 3600)
    .default(0)
    .meta({ title: 'Display time-out', description: 'Seconds that the message is shown.' }),
});

/**
 * Restart Computer. The engine restarts after the step has finished; where there is nothing to come
 * back to, the run fails whatever its error options say.
 */
export const restart = defineStep({
  type: 'restart',
  title: 'Restart Computer',
  menu: 'general',
  help: 'Restarts to the boot image or to the operating system on the disk.',
  action: 'now',
  needs: ['power', 'boot', 'disk'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: plainActionVariables({
    SMSRebootMessage: { param: 'message', schema: params.shape.message },
    SMSRebootTimeout: {
      param: 'delaySeconds',
      type: 'number',
      schema: params.shape.delaySeconds,
    },
  }),
  references: () => [],
  async *run({ target, notify, message, delaySeconds }, context) {
    if (notify && message !== '') context.log(message);
    yield { detail: target === 'pe' ? 'To the boot image' : 'To the operating system' };
    const restartDelayMs = notify ? delaySeconds * 1000 : 0;
    return { restart: target === 'pe' ? 'pe' : 'disk', restartDelayMs };
  },
});

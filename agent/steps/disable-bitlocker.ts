import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { type ActionVariables, defineStep } from '#agent/sequence/step.ts';
import { DriveLetter } from './drive-letter.ts';
import { bitLockerOf } from './encrypt-volume.ts';
import { wholeNumber } from './whole-number.ts';

const params = z.strictObject({
  drive: DriveLetter.optional().meta({
    title: 'Choose the drive to disable BitLocker on',
    description:
      'A data drive, as in D:, before that of the operating system. Without one it is the drive of the operating system.',
  }),
  restarts: wholeNumber(0, 15).default(1).meta({
    title: 'Resume protection after Windows has been restarted',
    description: 'Times, 1 to 15; 0 leaves it off for good.',
  }),
});

const count = plainActionVariables({
  OSDBitLockerRebootCount: { param: 'restarts', type: 'number', schema: wholeNumber(1, 15) },
});
/** Wins over the other. */
const override = plainActionVariables({
  OSDBitLockerRebootCountOverride: {
    param: 'restarts',
    type: 'number',
    schema: params.shape.restarts,
  },
});
const actionVariables: ActionVariables = {
  toVariables: (settings) => count.toVariables(settings),
  override: (settings, preset) => override.override(count.override(settings, preset), preset),
};

/** Disable BitLocker (reference: steps, section 3): protects no longer for some restarts, decrypts nothing. */
export const disableBitLocker = defineStep({
  type: 'disable-bitlocker',
  title: 'Disable BitLocker',
  menu: 'disks',
  help: 'Suspends the protection of an encrypted drive for some restarts; the drive stays encrypted.',
  action: 'now',
  needs: ['bitLocker'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables,
  references: () => [],
  async *run({ drive, restarts }, context) {
    const bitLocker = bitLockerOf(context);
    const volume = await bitLocker.volumeOf(drive ?? null, context.signal);
    const { state, protectionOn } = await bitLocker.status(volume, context.signal);
    if (state === 'decrypted') {
      context.log(`${drive ?? 'The drive of the operating system'} is not encrypted`);
      return {};
    }
    yield { detail: 'suspending protection' };
    // Also where it is off already: it may be for another number of restarts.
    await bitLocker.suspend({ volume, restarts }, context.signal);
    context.log(
      `Protection was ${protectionOn ? 'on' : 'off'}, and is off ${restarts === 0 ? 'for good' : `for ${restarts} restarts`}`,
    );
    return {};
  },
});

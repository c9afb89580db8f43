/** Settings that Pre-provision BitLocker and Enable BitLocker have in common. */
import { oneOf } from './one-of.ts';
import { trueOrFalse } from './true-or-false.ts';

/** To be spread into the params of a step. */
export const encryptionSettings = {
  encryptionMode: oneOf(['default', 'aes-128', 'aes-256', 'xts-aes-128', 'xts-aes-256'])
    .default('default')
    .meta({
      title: 'Disk encryption mode',
      description:
        'default: as the operating system does. It does so too where it has not the mode.',
    }),
  fullDisk: trueOrFalse().default(false).meta({
    title: 'Use full disk encryption',
    description: 'Otherwise only the space that is used is encrypted, which is quicker.',
  }),
};

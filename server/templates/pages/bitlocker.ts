import type { Page } from '../question.ts';
import { choice } from './answer-text.ts';

/** Encryption of the disk. */
export const bitlockerAnswers = {
  bitlocker: choice(['none', 'enable', 'pre-provision']).default('none').meta({
    title: 'BitLocker',
    description:
      'enable: in the new Windows. pre-provision: also before the image is applied, which is quick. Needs a TPM',
  }),
};

export const bitlockerPage: Page = {
  title: 'BitLocker',
  help: 'Whether the disk is encrypted.',
  questions: [{ answer: 'bitlocker' }],
};

import { z } from 'zod';
import type { Page, When } from '../question.ts';
import { choice, contentName, line, wholeNumber } from './answer-text.ts';

/** Image and disk. */
export const imageAnswers = {
  image: contentName('os-image', {
    title: 'Image package',
    description: 'Name of the image, as metalwright image list shows it',
  }),
  index: wholeNumber(1, 2_147_483_647).default(1).meta({
    title: 'Image index',
    description: 'Which image of the WIM, from 1',
  }),
  partition: choice(['both', 'uefi', 'bios', 'none']).default('both').meta({
    title: 'Partition and format the first disk',
    description: 'For machines that start by UEFI, by BIOS, or both. none: keep the partitions',
  }),
};
/** Only of a template that installs either. */
export const platformAnswer = {
  platform: choice(['windows', 'linux']).default('windows').meta({
    title: 'Operating system',
    description: 'What the image holds',
  }),
};
export const onWindows: When = { answer: 'platform', is: ['windows'] };
const onLinux: When = { answer: 'platform', is: ['linux'] };

export const imagePage: Page = {
  title: 'Image and disk',
  help: 'What is installed, and what becomes of the disk.',
  questions: [{ answer: 'image' }, { answer: 'index' }, { answer: 'partition' }],
};

/** What Linux needs: the rest of its set-up is in the image. */
export const linuxAnswers = {
  commands: z.array(line(32_000)).max(100).default([]).meta({
    title: 'Commands',
    description: 'Command lines to run in the installed system, in this order; no shell',
  }),
};

export const linuxPage: Page = {
  title: 'Commands',
  help: 'What is done in the installed system.',
  when: [onLinux],
  questions: [{ answer: 'commands' }],
};

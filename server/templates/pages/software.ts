import { z } from 'zod';
import type { Page } from '../question.ts';
import { choice, line, yesNo } from './answer-text.ts';

/** Updates, applications and packages. */
export const softwareAnswers = {
  updates: choice(['none', 'mandatory', 'all']).default('none').meta({
    title: 'Software updates',
    description: 'mandatory: those that are required. all: all that are available',
  }),
  packages: z
    .array(line(256).regex(/^[^:]{1,128}:[^:]{1,100}$/, 'is Package:Program'))
    .max(100)
    .default([])
    .meta({
      title: 'Packages',
      description: 'Package:Program each, in this order',
    }),
  applications: z.array(line(128)).max(100).default([]).meta({
    title: 'Applications',
    description: 'Their names, in this order',
  }),
  continueOnError: yesNo().default(false).meta({
    title: 'Go on if an application fails',
    description: 'Then the others are installed all the same',
  }),
};

export const softwarePage: Page = {
  title: 'Updates and applications',
  help: 'What is installed in the new Windows.',
  questions: [
    { answer: 'updates' },
    { answer: 'packages' },
    { answer: 'applications' },
    { answer: 'continueOnError' },
  ],
};

import type { Page } from '../question.ts';
import { choice, contentName, line } from './answer-text.ts';

const aCommand = [{ answer: 'start', is: ['command'] }];

/** What a custom task sequence begins with. */
export const customAnswers = {
  start: choice(['groups', 'command']).default('groups').meta({
    title: 'Begin with',
    description:
      'groups: empty ones, for the PE and for the installed system. command: a single command',
  }),
  commandLine: line(32_000)
    .optional()
    .meta({ title: 'Command line', description: 'Program and arguments; no shell' }),
  package: contentName('package', {
    title: 'Package',
    description: 'Files that the command needs; it starts in them',
  }).optional(),
};

export const customPage: Page = {
  title: 'Content',
  help: 'What it begins with.',
  questions: [
    { answer: 'start' },
    { answer: 'commandLine', when: aCommand, required: true },
    { answer: 'package', when: aCommand },
  ],
};

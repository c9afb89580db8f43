import type { Page } from '../question.ts';
import { contentName, line } from './answer-text.ts';

/** The client of a management system; our own agent needs none. */
export const clientAnswers = {
  clientPackage: contentName('package', {
    title: 'Client package',
    description: 'Package of a management client to install; nothing: none',
  }).optional(),
  clientProperties: line(4000).optional().meta({
    title: 'Installation properties',
    description: 'Handed to the setup of the client, separated by blanks',
  }),
};

export const clientPage: Page = {
  title: 'Management client',
  help: 'A client to install with Windows. The agent that runs the sequence needs none.',
  questions: [
    { answer: 'clientPackage' },
    { answer: 'clientProperties', when: [{ answer: 'clientPackage', is: 'given' }] },
  ],
};

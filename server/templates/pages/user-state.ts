import type { Page } from '../question.ts';
import { choice, contentName, yesNo } from './answer-text.ts';

/** What is kept of a Windows that is replaced. */
export const userStateAnswers = {
  userState: choice(['none', 'store', 'local', 'hard-links']).default('none').meta({
    title: 'User files and settings',
    description:
      'Where they are kept meanwhile: on a state store, or on the local disk, copied or by hard links. The disk is then not partitioned',
  }),
  usmtPackage: contentName('package', {
    title: 'USMT package',
    description: 'Package with the User State Migration Tool',
  }).optional(),
  captureNetwork: yesNo().default(false).meta({
    title: 'Keep network settings',
    description: 'Adapters of the Windows that is replaced; its domain too, where one is joined',
  }),
  captureWindows: yesNo().default(false).meta({
    title: 'Keep Windows settings',
    description: 'Computer name, registered owner and time zone of the Windows that is replaced',
  }),
};

export const userStatePage: Page = {
  title: 'State migration',
  help: 'For machines that start the sequence in the Windows that it replaces.',
  questions: [
    { answer: 'userState' },
    {
      answer: 'usmtPackage',
      when: [{ answer: 'userState', is: ['store', 'local', 'hard-links'] }],
      required: true,
    },
    { answer: 'captureNetwork' },
    { answer: 'captureWindows' },
  ],
};

import type { Page } from '../question.ts';
import { contentName, yesNo } from './answer-text.ts';

/** Drivers for the installed Windows. */
export const driverAnswers = {
  autoDrivers: yesNo().default(true).meta({
    title: 'Apply drivers by themselves',
    description: 'Those of the catalogue that fit the devices of the machine',
  }),
  driverPackage: contentName('driver-package', {
    title: 'Driver package',
    description: 'All drivers of this package, whatever is found',
  }).optional(),
};

export const driversPage: Page = {
  title: 'Drivers',
  help: 'What Windows finds in its driver store.',
  questions: [{ answer: 'autoDrivers' }, { answer: 'driverPackage' }],
};

import type { Page } from '../question.ts';
import { choice, contentName, line, wholeNumber, yesNo } from './answer-text.ts';
import { productKey } from './windows.ts';

/** What Windows Setup is told. */
export const upgradeAnswers = {
  upgradePackage: contentName('os-upgrade-package', {
    title: 'Upgrade package',
    description: 'Package with the installation media of the newer Windows',
  }),
  edition: wholeNumber(1, 2_147_483_647).default(1).meta({
    title: 'Edition',
    description: 'Which image of its install.wim, from 1',
  }),
  productKey: productKey().optional(),
  driverPackage: contentName('driver-package', {
    title: 'Driver package',
    description: 'Drivers that Windows Setup installs along',
  }).optional(),
  driverFolder: line(255).optional().meta({
    title: 'Folder with drivers',
    description: 'Instead of a package: a path on the machine or a share; may be a %Variable%',
  }),
  timeoutMinutes: wholeNumber(1, 10_080).optional().meta({
    title: 'Time-out (minutes)',
    description: 'Then the upgrade has failed; nothing: it may take as long as it takes',
  }),
  scanOnly: yesNo().default(false).meta({
    title: 'Only scan for compatibility',
    description: 'Nothing is upgraded',
  }),
  ignoreMessages: yesNo().default(false).meta({
    title: 'Ignore compatibility messages',
    description: 'Those that can be dismissed. Servers need it',
  }),
  dynamicUpdate: yesNo().default(false).meta({
    title: 'Update Windows Setup',
    description: 'It fetches its own updates from Windows Update',
  }),
};

export const upgradePage: Page = {
  title: 'Upgrade',
  help: 'What Windows Setup is told.',
  questions: [
    { answer: 'upgradePackage' },
    { answer: 'edition' },
    { answer: 'productKey' },
    { answer: 'driverPackage' },
    { answer: 'driverFolder' },
    { answer: 'timeoutMinutes' },
    { answer: 'scanOnly' },
    { answer: 'ignoreMessages' },
    { answer: 'dynamicUpdate' },
  ],
};

/** What a machine must have before Windows Setup is started. */
export const readinessAnswers = {
  osType: choice(['client', 'server']).default('client').meta({
    title: 'Windows that is upgraded',
    description: 'client or server; one of the other kind is not upgraded',
  }),
  minimumMemoryMb: wholeNumber(512, 1_048_576).default(4096).meta({
    title: 'Least memory (MB)',
    description: 'A machine with less is not upgraded',
  }),
  minimumDiskMb: wholeNumber(1024, 1_048_576).default(20_480).meta({
    title: 'Least free disk space (MB)',
    description: 'A machine with less is not upgraded',
  }),
  acPower: yesNo().default(true).meta({
    title: 'Must be on mains',
    description: 'A laptop on its battery is not upgraded',
  }),
  wired: yesNo().default(true).meta({
    title: 'Must be on a cable',
    description: 'A machine on a wireless network is not upgraded',
  }),
};

export const readinessPage: Page = {
  title: 'Readiness',
  help: 'Checked before anything is changed.',
  questions: [
    { answer: 'osType' },
    { answer: 'minimumMemoryMb' },
    { answer: 'minimumDiskMb' },
    { answer: 'acPower' },
    { answer: 'wired' },
  ],
};

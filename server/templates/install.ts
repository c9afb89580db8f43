import type { z } from 'zod';
import { linuxDocument } from './linux.ts';
import { bitlockerAnswers, bitlockerPage } from './pages/bitlocker.ts';
import { clientAnswers, clientPage } from './pages/client.ts';
import { driverAnswers, driversPage } from './pages/drivers.ts';
import { generalAnswers, generalPage } from './pages/general.ts';
import {
  imageAnswers,
  imagePage,
  linuxAnswers,
  linuxPage,
  onWindows,
  platformAnswer,
} from './pages/image.ts';
import { networkAnswers, networkPage } from './pages/network.ts';
import { softwareAnswers, softwarePage } from './pages/software.ts';
import { userStateAnswers, userStatePage } from './pages/user-state.ts';
import { windowsAnswers, windowsPage } from './pages/windows.ts';
import { captureFilesAndSettings, keepsState, restoreUserState } from './parts/capture-state.ts';
import { installWindows } from './parts/install-windows.ts';
import { installSoftware, setupWindows } from './parts/set-up-windows.ts';
import type { Page } from './question.ts';
import { defineTemplate } from './template.ts';
import { group, only, step, type TemplateDocument } from './template-document.ts';

const shape = {
  ...generalAnswers,
  ...platformAnswer,
  ...imageAnswers,
  ...linuxAnswers,
  ...windowsAnswers,
  ...networkAnswers,
  ...clientAnswers,
  ...userStateAnswers,
  ...bitlockerAnswers,
  ...driverAnswers,
  ...softwareAnswers,
};
type Answers = z.output<z.ZodObject<typeof shape>>;

const windowsPages = [
  windowsPage,
  networkPage,
  clientPage,
  userStatePage,
  bitlockerPage,
  driversPage,
  softwarePage,
];

/** Install an existing image package: Windows on bare metal or over itself, or Linux. */
export const install = defineTemplate({
  name: 'install',
  title: 'Install an existing image',
  help: 'Partitions the disk, applies an image of Windows or Linux and sets it up; keeps what users had, if you like.',
  pages: [
    generalPage,
    { ...imagePage, questions: [{ answer: 'platform' }, ...imagePage.questions] },
    linuxPage,
    ...windowsPages.map((page): Page => ({ ...page, when: [onWindows] })),
  ],
  shape,
  faults: ({ bitlocker, partition }) => ({
    bitlocker:
      bitlocker === 'pre-provision' &&
      partition === 'none' &&
      'only a disk that is partitioned is pre-provisioned: say enable',
  }),
  document: (answers) =>
    answers.platform === 'linux' ? linuxDocument(answers) : windowsDocument(answers),
});

function windowsDocument(answers: Answers): TemplateDocument {
  const { name, description = 'Installs an image of Windows', bitlocker } = answers;
  return {
    name,
    description,
    steps: [
      ...captureFilesAndSettings(answers),
      group(
        'Install Operating System',
        { description: 'In Windows PE' },
        installWindows(answers, keepsState(answers)),
      ),
      group('Setup Operating System', { description: 'From Windows PE into the new Windows' }, [
        setupWindows(answers),
        ...only(
          bitlocker !== 'none',
          step(
            'Enable BitLocker',
            'enable-bitlocker',
            { skipWithoutTpm: true },
            {
              comment:
                'Protected by the TPM, recovery key in Active Directory; not where there is no TPM.',
              description: 'On the drive of the new Windows',
            },
          ),
        ),
        ...installSoftware(answers),
        ...restoreUserState(answers),
      ]),
    ],
  };
}

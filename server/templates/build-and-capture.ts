import type { z } from 'zod';
import { linuxDocument } from './linux.ts';
import { captureAnswers, captureFaults, capturePage } from './pages/capture.ts';
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
import { windowsAnswers, windowsPage } from './pages/windows.ts';
import { installWindows } from './parts/install-windows.ts';
import { installSoftware, setupWindows } from './parts/set-up-windows.ts';
import type { Page } from './question.ts';
import { defineTemplate } from './template.ts';
import { group, only, step, type TemplateNode } from './template-document.ts';

const shape = {
  ...generalAnswers,
  ...platformAnswer,
  ...imageAnswers,
  ...linuxAnswers,
  ...windowsAnswers,
  ...networkAnswers,
  ...clientAnswers,
  ...driverAnswers,
  ...softwareAnswers,
  ...captureAnswers,
};
type Answers = z.output<z.ZodObject<typeof shape>>;

const windowsPages = [windowsPage, networkPage, clientPage, driversPage, softwarePage];

/** Build and capture a reference image: install, set up, generalise, and capture the result as a WIM. */
export const buildAndCapture = defineTemplate({
  name: 'build-and-capture',
  title: 'Build and capture a reference image',
  help: 'Installs Windows or Linux on a reference machine, with what belongs to it, and makes an image of it.',
  pages: [
    generalPage,
    { ...imagePage, questions: [{ answer: 'platform' }, ...imagePage.questions] },
    linuxPage,
    ...windowsPages.map((page): Page => ({ ...page, when: [onWindows] })),
    capturePage,
  ],
  shape,
  faults: captureFaults,
  document(answers) {
    const {
      name,
      description = 'Builds a reference machine and captures it as an image',
      platform,
    } = answers;
    if (platform === 'linux') {
      const { steps } = linuxDocument(answers);
      return { name, description, platform, steps: [...steps, captureGroup(answers)] };
    }
    return {
      name,
      description,
      steps: [
        group('Build the Reference Machine', { description: 'As an installation goes' }, [
          ...installWindows(answers, false),
          setupWindows(answers),
          ...installSoftware(answers),
        ]),
        captureGroup(answers),
      ],
    };
  },
});

function captureGroup(answers: Answers): TemplateNode {
  const { platform, join, workgroup, captureDestination, captureAccount } = answers;
  const { imageDescription, imageVersion, imageCreator } = answers;
  const isWindows = platform === 'windows';
  return group('Capture the Reference Machine', { description: 'Generalised, from the PE' }, [
    ...only(
      isWindows,
      step(
        'Join Workgroup',
        'join-domain',
        { join: 'workgroup', workgroup: join === 'workgroup' ? workgroup : 'WORKGROUP' },
        { description: 'A machine in a domain cannot be generalised' },
      ),
    ),
    step(
      'Prepare ConfigMgr Client for Capture',
      'prepare-client',
      {},
      { description: 'Takes the identity of this machine out' },
    ),
    step(
      'Prepare Windows for Capture',
      'prepare-windows',
      {},
      {
        description: isWindows
          ? 'Runs Sysprep and restarts in the PE'
          : 'Removes what names this machine, and restarts in the PE',
      },
    ),
    step(
      'Capture Operating System Image',
      'capture-image',
      {
        destination: captureDestination,
        account:
          captureAccount === undefined
            ? undefined
            : { user: captureAccount, password: '%OSDCaptureAccountPassword%' },
        description: imageDescription,
        version: imageVersion,
        createdBy: imageCreator,
      },
      {
        comment:
          captureAccount === undefined
            ? 'server: makes it an OS image of the site, a new version each time.'
            : 'An existing file is overwritten. The password is a secret variable, not in this file.',
      },
    ),
  ]);
}

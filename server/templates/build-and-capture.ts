import { captureAnswers, capturePage } from './pages/capture.ts';
import { clientAnswers, clientPage } from './pages/client.ts';
import { driverAnswers, driversPage } from './pages/drivers.ts';
import { generalAnswers, generalPage } from './pages/general.ts';
import { imageAnswers, imagePage } from './pages/image.ts';
import { networkAnswers, networkPage } from './pages/network.ts';
import { softwareAnswers, softwarePage } from './pages/software.ts';
import { windowsAnswers, windowsPage } from './pages/windows.ts';
import { installWindows } from './parts/install-windows.ts';
import { installSoftware, setupWindows } from './parts/set-up-windows.ts';
import { defineTemplate } from './template.ts';
import { group, step } from './template-document.ts';

/** Build and capture a reference image: install, set up, generalise, and capture the result as a WIM. */
export const buildAndCapture = defineTemplate({
  name: 'build-and-capture',
  title: 'Build and capture a reference image',
  help: 'Installs Windows on a reference machine, with updates and applications, and makes an image of it.',
  pages: [
    generalPage,
    imagePage,
    windowsPage,
    networkPage,
    clientPage,
    driversPage,
    softwarePage,
    capturePage,
  ],
  shape: {
    ...generalAnswers,
    ...imageAnswers,
    ...windowsAnswers,
    ...networkAnswers,
    ...clientAnswers,
    ...driverAnswers,
    ...softwareAnswers,
    ...captureAnswers,
  },
  document(answers) {
    const { name, description = 'Builds a reference machine and captures it as an image' } =
      answers;
    const { captureDestination, captureAccount } = answers;
    const { imageDescription, imageVersion, imageCreator } = answers;
    return {
      name,
      description,
      steps: [
        group('Build the Reference Machine', { description: 'As an installation goes' }, [
          ...installWindows(answers, false),
          setupWindows(answers),
          ...installSoftware(answers),
        ]),
        group('Capture the Reference Machine', { description: 'Generalised, from Windows PE' }, [
          step(
            'Join Workgroup',
            'join-domain',
            {
              join: 'workgroup',
              workgroup: answers.join === 'workgroup' ? answers.workgroup : 'WORKGROUP',
            },
            { description: 'A machine in a domain cannot be generalised' },
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
            { description: 'Runs Sysprep and restarts in Windows PE' },
          ),
          step(
            'Capture Operating System Image',
            'capture-image',
            {
              destination: captureDestination,
              account: { user: captureAccount, password: '%OSDCaptureAccountPassword%' },
              description: imageDescription,
              version: imageVersion,
              createdBy: imageCreator,
            },
            {
              comment:
                'An existing file is overwritten. The password is a secret variable, not in this file.',
            },
          ),
        ]),
      ],
    };
  },
});

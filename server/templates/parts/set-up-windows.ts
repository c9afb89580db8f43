import type { z } from 'zod';
import type { clientAnswers } from '../pages/client.ts';
import type { softwareAnswers } from '../pages/software.ts';
import { only, step, type TemplateNode } from '../template-document.ts';
import { withServer } from './install-windows.ts';

type Client = z.output<z.ZodObject<typeof clientAnswers>>;
type Software = z.output<z.ZodObject<typeof softwareAnswers>>;

/** Where the machine restarts under updates or applications, as the wizard has it. */
const RETRIES = 2;

/** Setup Windows: the restart into the new system, and its client. */
export function setupWindows({ clientPackage, clientProperties }: Client): TemplateNode {
  return step(
    'Setup Windows',
    'setup-windows',
    {
      ...(clientPackage === undefined ? {} : { clientPackage: { name: clientPackage } }),
      installProperties: clientProperties,
    },
    {
      comment: 'What comes after this runs in the installed Windows.',
      description: 'Restarts into the new Windows, and goes on when its own setup is done',
    },
  );
}

/** Updates, packages and applications. */
export function installSoftware(answers: Software): readonly TemplateNode[] {
  const { updates, packages, applications, continueOnError } = answers;
  return [
    ...only(
      updates !== 'none',
      step(
        'Install Updates',
        'install-updates',
        { target: updates },
        {
          description: 'What is deployed to the machine',
          condition: withServer,
          retryIfInterrupted: RETRIES,
        },
      ),
    ),
    ...packages.map((each) => {
      const colon = each.indexOf(':');
      const name = each.slice(0, colon).trim();
      const program = each.slice(colon + 1).trim();
      return step(`Install Package ${name}`, 'install-package', {
        package: { name },
        program,
      });
    }),
    ...only(
      applications.length > 0,
      step(
        'Install Applications',
        'install-application',
        {
          applications: applications.map((name) => ({ name })),
          continueOnInstallError: continueOnError,
        },
        { comment: 'In this order; add more to the list.', retryIfInterrupted: RETRIES },
      ),
    ),
  ];
}

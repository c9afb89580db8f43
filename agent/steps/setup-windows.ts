import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { LineText } from './program-settings.ts';
import { referenceIds } from './reference-ids.ts';

const params = z.strictObject({
  clientPackage: ContentReference.optional().meta({
    title: 'Client package',
    description:
      'The client of a management system that is installed in the new operating system. Without one none is: the agent goes on by itself.',
  }),
  preProductionPackage: ContentReference.optional().meta({
    title: 'Pre-production client package',
    description: 'Taken instead where it is available. Not on stand-alone media.',
  }),
  installProperties: LineText.max(4000).default('').meta({
    title: 'Installation properties',
    description:
      'For the installation of the client, separated by blanks: SMSMP=server CCMLOGLEVEL=0',
  }),
});

/**
 * Setup Windows and ConfigMgr (reference: steps, section 2): puts variables into the answer file, restarts
 * to the operating system that was applied, lets it set itself up and goes on there.
 */
export const setupWindows = defineLaterStep({
  type: 'setup-windows',
  title: 'Setup Windows and ConfigMgr',
  menu: 'images',
  help: 'Restarts to the operating system that was applied, sets it up by its answer file and installs the client. Every deployment of Windows needs it. Continue on error must not be used: without it the run has nowhere to go on.',
  needs: ['boot', 'disk', 'power'],
  runsIn: ['winpe'],
  params,
  repeatable: true,
  referenceParams: { clientPackage: 'package', preProductionPackage: 'package' },
  actionVariables: plainActionVariables({
    SMSClientInstallProperties: {
      param: 'installProperties',
      schema: params.shape.installProperties,
    },
  }),
  references: ({ clientPackage, preProductionPackage }) =>
    referenceIds(clientPackage, preProductionPackage),
  async *simulate() {
    yield { detail: 'Setting Windows up' };
    return { restart: 'disk' };
  },
});

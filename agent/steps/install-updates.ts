import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { trueOrFalse } from './true-or-false.ts';

const Target = z.enum(['mandatory', 'all']);

const params = z.strictObject({
  target: Target.default('mandatory').meta({
    title: 'Software updates',
    description: 'mandatory: those with a deadline. all: also those that are only offered.',
  }),
  useCachedScan: trueOrFalse().default(true).meta({
    title: 'Evaluate software updates from cached scan results',
    description: 'The first such step of a run looks at everything all the same.',
  }),
});

/** Install Software Updates (reference: steps, section 7). No applicable update is success. */
export const installUpdates = defineLaterStep({
  type: 'install-updates',
  title: 'Install Software Updates',
  menu: 'software',
  help: 'Installs the software updates that are meant for this machine, and restarts as they need.',
  needs: [],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  actionVariables: plainActionVariables({
    SMSInstallUpdateTarget: {
      param: 'target',
      words: { All: 'all', Mandatory: 'mandatory' },
      schema: Target,
    },
    SMSTSSoftwareUpdateScanUseCache: {
      param: 'useCachedScan',
      type: 'boolean',
      schema: params.shape.useCachedScan,
    },
  }),
  references: () => [],
});

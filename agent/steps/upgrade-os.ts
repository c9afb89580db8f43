import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { LineText } from './program-settings.ts';
import { referenceIds } from './reference-ids.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

/** MOSETUP_E_COMPAT_SCANONLY: a scan that has found nothing in the way of the upgrade. */
const NO_ISSUES = 0xc190_0210;

const params = z
  .strictObject({
    package: ContentReference.optional().meta({
      title: 'Upgrade package',
      description:
        'The media of Windows as a package: one of package, path and feature updates is needed.',
    }),
    path: LineText.min(1).max(255).optional().meta({
      title: 'Source path',
      description: 'The media of Windows in a folder or on a share, instead of a package.',
    }),
    featureUpdates: z.array(z.string().trim().min(1).max(512)).min(1).max(100).optional().meta({
      title: 'Install the following feature updates',
      description: 'The first that applies is installed, instead of a package.',
    }),
    edition: wholeNumber(1, 2_147_483_647)
      .default(1)
      .meta({ title: 'Edition', description: 'Index of the image in the media, from 1.' }),
    productKey: z.string().max(255).default('').meta({
      title: 'Product key',
      description: 'Five groups of five. Best a %Variable% that is hidden.',
      writeOnly: true,
    }),
    driverPackage: ContentReference.optional().meta({
      title: 'Driver package',
      description: 'Drivers that Setup is given.',
    }),
    stagedContent: LineText.max(255).default('').meta({
      title: 'Staged content',
      description: 'Folder with such drivers, instead of a package; best a %Variable%.',
    }),
    timeoutMinutes: wholeNumber(1, 10_080).optional().meta({
      title: 'Time-out (minutes)',
      description: 'Then the step fails. Without one there is no end.',
    }),
    scanOnly: trueOrFalse().default(false).meta({
      title: 'Perform Windows Setup compatibility scan without starting upgrade',
      description: 'Its result is in the variable _SMSTSOSUpgradeActionReturnCode.',
    }),
    ignoreMessages: trueOrFalse().default(false).meta({
      title: 'Ignore any dismissible compatibility messages',
      description: 'Servers need it: Setup waits for a click there.',
    }),
    dynamicUpdate: trueOrFalse().default(false).meta({
      title: 'Dynamically update Windows Setup with Windows Update',
      description: 'Not for machines whose updates another product manages.',
    }),
    overridePolicy: trueOrFalse().default(false).meta({
      title: 'Override policy and use default Microsoft Update',
      description: 'Beside the one before.',
    }),
    additionalOptions: LineText.max(4000).default('').meta({
      title: 'Additional options of Windows Setup',
      description: 'Put behind the others, unchecked.',
    }),
    setupCompletePauseSeconds: wholeNumber(0, 86_400).optional().meta({
      title: 'Pause before the run goes on (seconds)',
      description: 'Setup waits as long in the new operating system.',
    }),
  })
  .superRefine((settings, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { package: media, path, featureUpdates, driverPackage, stagedContent } = settings;
    const sources = [media, path, featureUpdates].filter((source) => source !== undefined);
    if (sources.length === 0)
      issue('package', 'needs an upgrade package, a source path, or feature updates');
    else if (sources.length > 1)
      issue('package', 'one of upgrade package, source path and feature updates, not several');
    if (driverPackage !== undefined && stagedContent !== '')
      issue('driverPackage', 'drivers come from a package or from staged content, not both');
    if (featureUpdates !== undefined && stagedContent !== '')
      issue('featureUpdates', 'feature updates take no staged content');
    if (settings.overridePolicy && !settings.dynamicUpdate)
      issue('overridePolicy', 'only where Windows Setup is updated dynamically');
  });
const { shape } = params;

/**
 * Upgrade Operating System (reference: steps, section 2): runs Windows Setup over the installed Windows,
 * which restarts several times. Not run again by itself after an interruption: Setup may be at work.
 */
export const upgradeOs = defineLaterStep({
  type: 'upgrade-os',
  title: 'Upgrade Operating System',
  menu: 'images',
  help: 'Upgrades the installed Windows in place and goes on in the new one, or only looks whether it could.',
  needs: ['boot', 'power'],
  runsIn: ['full-os'],
  params,
  repeatable: false,
  referenceParams: { package: 'os-upgrade-package', driverPackage: 'driver-package' },
  actionVariables: plainActionVariables({
    OSDSetupAdditionalUpgradeOptions: {
      param: 'additionalOptions',
      schema: shape.additionalOptions,
    },
    SetupCompletePause: {
      param: 'setupCompletePauseSeconds',
      type: 'number',
      schema: shape.setupCompletePauseSeconds,
    },
  }),
  references: ({ package: media, driverPackage }) => referenceIds(media, driverPackage),
  async *simulate({ scanOnly }, { variables }) {
    yield { detail: scanOnly ? 'Looking for what is in the way' : 'Upgrading Windows' };
    variables.setOwn('_SMSTSOSUpgradeActionReturnCode', String(scanOnly ? NO_ISSUES : 0));
    if (scanOnly) return {};
    variables.setOwn('_SMSTSSetupRollback', 'false');
    return { restart: 'disk' };
  },
});

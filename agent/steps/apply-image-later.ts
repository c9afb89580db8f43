/** Settings of Apply Operating System Image beside image and destination, some of them not known to its action yet. */
import { z } from 'zod';
import {
  actionVariablesWhere,
  joinActionVariables,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import type { ActionVariables } from '#agent/sequence/step.ts';
import { LineText } from './program-settings.ts';
import { trueOrFalse } from './true-or-false.ts';
import { wholeNumber } from './whole-number.ts';

export const AnswerFile = z.strictObject({
  package: ContentReference.meta({ title: 'Package' }),
  file: LineText.min(1).max(255).meta({
    title: 'File name',
    description: 'In the package: unattend.xml. It may have %Name% in it.',
  }),
});
const LayeredDriver = wholeNumber(0, 6);

/** To be spread into the params of the step. */
export const laterParams = {
  upgradePackage: ContentReference.optional().meta({
    title: 'Original installation source',
    description:
      'An OS upgrade package, instead of an image: Windows Setup installs from it. Not in this version yet.',
  }),
  answerFile: AnswerFile.optional().meta({
    title: 'Use an unattended or Sysprep answer file for a custom installation',
    description:
      'What it says is put over the answer file that is made, and what the steps say over both.',
  }),
  layeredDriver: LayeredDriver.default(0).meta({
    title: 'Select layered driver',
    description:
      'Keyboard of a Japanese or Korean Windows: 0 none, 1 PC/AT, 2 to 5 Korean, 6 Japanese.',
  }),
  directAccess: trueOrFalse().default(false).meta({
    title: 'Access content directly from the distribution point',
    description:
      'Of the image alone. What is read so is not checked by its hash. Not in this version yet.',
  }),
};
interface LaterSettings {
  readonly upgradePackage?: ContentReference | undefined;
  readonly directAccess: boolean;
}

/** These settings as variables. */
export function laterVariables(index: z.ZodType): ActionVariables {
  return joinActionVariables(
    actionVariablesWhere(
      ({ upgradePackage }) => upgradePackage !== undefined,
      plainActionVariables({
        OSDInstallEditionIndex: { param: 'index', type: 'number', schema: index },
      }),
    ),
    actionVariablesWhere(
      ({ answerFile }) => answerFile !== undefined,
      plainActionVariables({
        OSDConfigFileName: { param: 'answerFile.file', schema: AnswerFile.shape.file },
      }),
    ),
    plainActionVariables({
      OsdLayeredDriver: { param: 'layeredDriver', type: 'number', schema: LayeredDriver },
    }),
  );
}

/** Those that are set, in the words of people. */
export function laterSettingsOf(settings: LaterSettings): readonly string[] {
  const { upgradePackage, directAccess } = settings;
  return [
    ...(upgradePackage === undefined ? [] : ['apply from an original installation source']),
    ...(directAccess ? ['access content directly from the distribution point'] : []),
  ];
}

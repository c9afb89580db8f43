import { z } from 'zod';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { BaseVariable, listedValues } from './base-variable.ts';
import { packageReferences } from './program.ts';
import { LineText } from './program-settings.ts';
import { trueOrFalse } from './true-or-false.ts';

/** Digits of the numbers in `<Base>001`. */
const DIGITS = 3;

const params = z
  .strictObject({
    package: ContentReference.optional().meta({
      title: 'Package',
      description: 'One package, by the program below.',
    }),
    program: LineText.max(255).optional().meta({
      title: 'Program',
      description: 'The program of the package that installs it.',
    }),
    baseVariable: BaseVariable.optional().meta({
      title: 'Base variable name',
      description:
        'Instead of a package: a list in variables, Base001, Base002, with values PackageID:Program.',
    }),
    continueOnInstallError: trueOrFalse().default(false).meta({
      title: 'If installation of a package fails, continue installing other packages in the list',
      description: 'Only for a list in variables.',
    }),
  })
  .superRefine(({ package: content, program = '', baseVariable }, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (content !== undefined && baseVariable !== undefined)
      issue('baseVariable', 'is instead of a package: give one of the two');
    if (content === undefined && baseVariable === undefined)
      issue('package', 'needs a package, or the base name of a list in variables');
    if (content !== undefined && program === '')
      issue('program', 'needs the name of the program that installs the package');
    if (content === undefined && program !== '')
      issue('program', 'is that of a package, and there is none');
  });

/** Install Package (reference: steps, section 7). Nobody knows what an interrupted installer had done. */
export const installPackage = defineLaterStep({
  type: 'install-package',
  title: 'Install Package',
  menu: 'software',
  help: 'Installs a package by one of its programs, or each package of a list in variables.',
  needs: [],
  runsIn: ['full-os'],
  params,
  repeatable: false,
  referenceParams: { package: 'package' },
  references: packageReferences,
  async *simulate({ package: content, program, baseVariable }, context) {
    const installed =
      baseVariable === undefined
        ? [`${content?.name ?? content?.id}: ${program}`]
        : listedValues(baseVariable, DIGITS, context.variables);
    for (const each of installed) {
      yield { detail: each };
      context.log(`Would install ${each}`);
    }
    if (installed.length === 0) context.log(`${baseVariable}001 has no value: nothing to install`);
    return {};
  },
});

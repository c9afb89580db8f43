import { z } from 'zod';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { BaseVariable, listedValues } from './base-variable.ts';
import { trueOrFalse } from './true-or-false.ts';

/** Digits of the numbers in `<Base>01`. */
const DIGITS = 2;
const MAX_APPLICATIONS = 1000;

const params = z
  .strictObject({
    applications: z.array(ContentReference).max(MAX_APPLICATIONS).default([]).meta({
      title: 'Applications',
      description: 'From the first to the last.',
    }),
    baseVariable: BaseVariable.optional().meta({
      title: 'Base variable name',
      description:
        'Instead of applications: a list in variables, Base01, Base02, with names of applications.',
    }),
    continueOnInstallError: trueOrFalse().default(false).meta({
      title: 'If an application fails, continue installing other applications in the list',
    }),
    clearCache: trueOrFalse().default(false).meta({
      title: 'Clear application content from cache after installing',
    }),
  })
  .superRefine(({ applications, baseVariable }, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (applications.length > 0 && baseVariable !== undefined)
      issue('baseVariable', 'is instead of applications: give one of the two');
    if (applications.length === 0 && baseVariable === undefined)
      issue('applications', 'needs an application, or the base name of a list in variables');
  });

/**
 * Install Application (reference: steps, section 7). What is installed already is passed over, so that an
 * interrupted attempt may be run again.
 */
export const installApplication = defineLaterStep({
  type: 'install-application',
  title: 'Install Application',
  menu: 'software',
  help: 'Installs applications that are not there yet, or each application of a list in variables.',
  needs: [],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  referenceParams: { 'applications[]': 'application' },
  references: ({ applications }) =>
    applications.flatMap(({ id }) => (id === undefined ? [] : [id])),
  async *simulate({ applications, baseVariable }, context) {
    const names =
      baseVariable === undefined
        ? applications.map(({ id, name }) => name ?? String(id))
        : listedValues(baseVariable, DIGITS, context.variables);
    for (const name of names) {
      yield { detail: name };
      context.log(`Would install ${name}`);
    }
    if (names.length === 0) context.log(`${baseVariable}01 has no value: nothing to install`);
    context.variables.setOwn('_TSAppInstallStatus', names.length === 0 ? 'Undefined' : 'Success');
    return {};
  },
});

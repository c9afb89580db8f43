import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { StepProgress } from '#agent/sequence/platform.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineStep, type StepContext, StepError, type StepResult } from '#agent/sequence/step.ts';
import { BaseVariable, listedValues } from './base-variable.ts';
import { isOn } from './program.ts';
import { type ApplicationEnd, installApplicationNow } from './software/install-application-now.ts';
import { findApplication } from './software/known-software.ts';
import { trueOrFalse } from './true-or-false.ts';

/** Digits of the numbers in `<Base>01`. */
const DIGITS = 2;
const MAX_APPLICATIONS = 1000;
const MAX_RETRIES = 100;

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
      description: 'What a run fetched is cleared when it ends anyway.',
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
type Params = z.output<typeof params>;

/**
 * Install Application (reference: steps, section 7). What is installed already is passed over, so that an
 * interrupted attempt may be run again.
 */
export const installApplication = defineStep({
  type: 'install-application',
  title: 'Install Application',
  menu: 'software',
  help: 'Installs applications that are not there yet, or each application of a list in variables.',
  action: 'now',
  needs: ['process', 'query'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  destructive: false,
  referenceParams: { 'applications[]': 'application' },
  references: ({ applications }) =>
    applications.flatMap(({ id }) => (id === undefined ? [] : [id])),
  async *run(params, context) {
    const wanted = wantedBy(params, context);
    context.variables.setOwn('_TSAppInstallStatus', 'Undefined');
    context.variables.setOwn('_SMSTSAppInstallNeedsRetry', 'false');
    if (wanted.length === 0) {
      context.log(`${params.baseVariable}01 has no value: nothing to install`);
      return {};
    }
    const told: ApplicationEnd[] = [];
    const failed: string[] = [];
    const pending = { restart: false };
    for (const reference of wanted) {
      try {
        const end = yield* withRetries(params, context, () =>
          installApplicationNow(findApplication(reference, context.content), context, {
            path: [],
            pending,
            wait: (ms, signal) => wait(ms, undefined, { signal }),
          }),
        );
        told.push(end);
        if (end.kind === 'installed' && end.restart === 'now') {
          // The step begins anew behind the restart, and passes over what is there by then.
          context.log('A restart has begun: the step goes on behind it');
          context.variables.set('SMSTSRebootRequested', 'HD');
          context.variables.set('SMSTSRetryRequested', 'true');
          return {};
        }
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        context.variables.setOwn('_TSAppInstallStatus', 'Error');
        if (!params.continueOnInstallError) throw error;
        failed.push(reference.name ?? String(reference.id));
        context.log(`It failed, and the others go on: ${error.code}: ${error.message}`);
      }
    }
    if (failed.length > 0) context.log(`${failed.length} failed: ${failed.join(', ')}`);
    else tellStatus(told, context);
    return pending.restart ? { code: 3010, restart: 'disk' } : {};
  },
  async *simulate(params, context) {
    const wanted = wantedBy(params, context);
    for (const { id, name } of wanted) {
      yield { detail: name ?? String(id) };
      context.log(`Would install ${name ?? id}`);
    }
    if (wanted.length === 0)
      context.log(`${params.baseVariable}01 has no value: nothing to install`);
    context.variables.setOwn('_TSAppInstallStatus', wanted.length === 0 ? 'Undefined' : 'Success');
    return {};
  },
});

function wantedBy(
  { applications, baseVariable }: Params,
  { variables }: StepContext,
): readonly ContentReference[] {
  if (baseVariable === undefined) return applications;
  return listedValues(baseVariable, DIGITS, variables).map((name) => ({ name }));
}

/** Also what is met by no deployment type is an end; with TSErrorOnWarning it is a failure. */
function tellStatus(told: readonly ApplicationEnd[], context: StepContext): StepResult {
  const { variables } = context;
  const unmet = told.find((end) => end.kind === 'not-applicable');
  variables.setOwn('_TSAppInstallStatus', unmet === undefined ? 'Success' : 'Warning');
  if (unmet === undefined) return {};
  if (!isOn(variables, 'TSErrorOnWarning')) {
    context.log('Requirements of an application are not met, which is a warning alone');
    return {};
  }
  throw new StepError(
    'application.requirements',
    `The requirements of an application are not met: ${unmet.reason}`,
    { hint: 'Unset TSErrorOnWarning, or change the requirements.' },
  );
}

/** OSDAppInstallRetries counts where the list does not go on by itself. */
async function* withRetries(
  { continueOnInstallError }: Params,
  context: StepContext,
  install: () => AsyncGenerator<StepProgress, ApplicationEnd>,
): AsyncGenerator<StepProgress, ApplicationEnd> {
  const { variables, signal } = context;
  const number = (name: string, standard: number): number => {
    const value = Number(variables.value(name) ?? standard);
    return Number.isInteger(value) && value >= 0 ? value : standard;
  };
  const tries = continueOnInstallError
    ? 0
    : Math.min(number('OSDAppInstallRetries', 0), MAX_RETRIES);
  for (let failures = 0; ; failures++) {
    try {
      return yield* install();
    } catch (error) {
      if (!(error instanceof StepError) || failures >= tries) throw error;
      context.log(
        `It failed (${error.code}: ${error.message}): tried again, ${failures + 1} of ${tries}`,
      );
      variables.setOwn('_SMSTSAppInstallNeedsRetry', 'true');
      await wait(number('OSDAppInstallRetryTimeout', 30_000), undefined, { signal });
      variables.setOwn('_SMSTSAppInstallNeedsRetry', 'false');
    }
  }
}

import { z } from 'zod';
import {
  actionVariablesWhere,
  joinActionVariables,
  listActionVariable,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { referenceIds } from './reference-ids.ts';
import { trueOrFalse } from './true-or-false.ts';
import { configFilesFault, isAdvanced, userStateSettings } from './user-state-settings.ts';

const params = z
  .strictObject({
    ...userStateSettings,
    localAccounts: trueOrFalse().default(false).meta({
      title: 'Restore local computer user profiles',
      description: 'Local accounts get a new password: theirs was not captured.',
    }),
    localAccountPassword: z.string().max(255).optional().meta({
      title: 'Password of local accounts',
      description: 'The new password of all of them. Best a %Variable% that is hidden.',
      writeOnly: true,
    }),
    continueOnRestore: trueOrFalse().default(true).meta({
      title: 'Continue if some files cannot be restored',
      description: 'Otherwise the step fails there.',
    }),
  })
  .superRefine((settings, context) => {
    const { localAccounts, localAccountPassword } = settings;
    const fault = configFilesFault(settings);
    if (fault !== undefined) context.addIssue({ ...fault, path: [...fault.path] });
    if ((localAccountPassword ?? '') !== '' && !localAccounts)
      context.addIssue({
        code: 'custom',
        path: ['localAccounts'],
        message: 'a password of local accounts is given, but they are not restored',
      });
  });
const { shape } = params;

/** Restore User State (reference: steps, section 8): LoadState of USMT, from OSDStateStorePath. */
export const restoreUserState = defineLaterStep({
  type: 'restore-user-state',
  title: 'Restore User State',
  menu: 'user-state',
  help: 'Restores files and settings of users with USMT from the state store, OSDStateStorePath.',
  needs: ['process'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  referenceParams: { package: 'package' },
  actionVariables: joinActionVariables(
    plainActionVariables({
      OSDMigrateMode: { param: 'mode', schema: shape.mode },
      OSDMigrateEnableVerboseLogging: {
        param: 'verboseLogging',
        type: 'boolean',
        schema: shape.verboseLogging,
      },
      OSDMigrateContinueOnRestore: {
        param: 'continueOnRestore',
        type: 'boolean',
        schema: shape.continueOnRestore,
      },
      OSDMigrateLocalAccounts: {
        param: 'localAccounts',
        type: 'boolean',
        schema: shape.localAccounts,
      },
      OSDMigrateAdditionalRestoreOptions: {
        param: 'additionalOptions',
        schema: shape.additionalOptions,
      },
    }),
    actionVariablesWhere(
      ({ localAccounts }) => shape.localAccounts.safeParse(localAccounts).data === true,
      plainActionVariables({
        OSDMigrateLocalAccountPassword: {
          param: 'localAccountPassword',
          schema: shape.localAccountPassword,
        },
      }),
      'localAccountPassword',
    ),
    actionVariablesWhere(
      isAdvanced,
      listActionVariable('OSDMigrateConfigFiles', {
        param: 'configFiles',
        schema: shape.configFiles,
      }),
      'configFiles',
    ),
  ),
  references: ({ package: content }) => referenceIds(content),
});

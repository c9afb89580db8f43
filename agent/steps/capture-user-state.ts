import { z } from 'zod';
import {
  actionVariablesWhere,
  joinActionVariables,
  listActionVariable,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import { defineLaterStep } from '#agent/sequence/step.ts';
import { oneOf } from './one-of.ts';
import { referenceIds } from './reference-ids.ts';
import { trueOrFalse } from './true-or-false.ts';
import { configFilesFault, isAdvanced, userStateSettings } from './user-state-settings.ts';

const params = z
  .strictObject({
    ...userStateSettings,
    skipEncryptedFiles: trueOrFalse()
      .default(false)
      .meta({ title: 'Skip files that use encrypting file system (EFS)' }),
    fileAccess: oneOf(['file-system', 'vss']).default('file-system').meta({
      title: 'File access',
      description:
        'file-system: files are copied as they are read. vss: from a shadow copy, so that files in use are no hindrance.',
    }),
    continueOnLockedFiles: trueOrFalse().default(true).meta({
      title: 'Continue if some files cannot be captured',
      description: 'Otherwise the step fails there.',
    }),
    hardLinks: trueOrFalse().default(false).meta({
      title: 'Capture locally by using links instead of copying files',
      description: 'The state stays on the disk of this computer: it must not be formatted.',
    }),
    offline: trueOrFalse().default(false).meta({
      title: 'Capture in off-line mode (Windows PE only)',
      description: 'The state of the Windows on the disk, which is not running.',
    }),
  })
  .superRefine((settings, context) => {
    const { fileAccess, hardLinks, offline } = settings;
    const fault = configFilesFault(settings);
    if (fault !== undefined) context.addIssue({ ...fault, path: [...fault.path] });
    if (fileAccess === 'vss' && (hardLinks || offline))
      context.addIssue({
        code: 'custom',
        path: ['fileAccess'],
        message: 'links and off-line mode go with file-system, not with vss',
      });
  });
const { shape } = params;

/** Capture User State (reference: steps, section 8): ScanState of USMT, into OSDStateStorePath. */
export const captureUserState = defineLaterStep({
  type: 'capture-user-state',
  title: 'Capture User State',
  menu: 'user-state',
  help: 'Captures files and settings of users with USMT into the state store, OSDStateStorePath.',
  needs: ['process', 'disk'],
  runsIn: ['winpe', 'full-os'],
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
      OSDMigrateSkipEncryptedFiles: {
        param: 'skipEncryptedFiles',
        type: 'boolean',
        schema: shape.skipEncryptedFiles,
      },
      OSDMigrateContinueOnLockedFiles: {
        param: 'continueOnLockedFiles',
        type: 'boolean',
        schema: shape.continueOnLockedFiles,
      },
      OSDMigrateAdditionalCaptureOptions: {
        param: 'additionalOptions',
        schema: shape.additionalOptions,
      },
    }),
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

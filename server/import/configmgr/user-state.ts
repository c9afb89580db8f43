import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { listOf, numberOf, requiredPackage, switchOf, tell, textOf } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** Steps of the menu *User State* (reference: task-sequence-xml, sections 12 and 13). */
export const userStateSteps: Readonly<Record<string, MapStep>> = {
  RequestStateStore: (reader) =>
    typed(reader, 'request-state-store', {
      request: requestOf(reader),
      retries: numberOf(reader, 'SMPRetryCount', 'OSDStateSMPRetryCount'),
      retryDelaySeconds: numberOf(reader, 'SMPRetryTime', 'OSDStateSMPRetryTime'),
      useNetworkAccount: switchOf(reader, 'FallbackToNAA', 'OSDStateFallbackToNAA'),
    }),
  CaptureUserState: (reader) =>
    typed(reader, 'capture-user-state', {
      package: requiredPackage(reader, 'package', {
        what: 'The package of the user state migration tool',
        names: ['UsmtPackageID', '_OSDMigrateUsmtPackageID'],
      }),
      ...filesOf(reader),
      skipEncryptedFiles: switchOf(reader, 'SkipEncryptedFiles', 'OSDMigrateSkipEncryptedFiles'),
      continueOnLockedFiles: switchOf(
        reader,
        'ContinueOnLockedFiles',
        'OSDMigrateContinueOnLockedFiles',
      ),
      ...fileAccessOf(reader),
    }),
  RestoreUserState: (reader) =>
    typed(reader, 'restore-user-state', {
      package: requiredPackage(reader, 'package', {
        what: 'The package of the user state migration tool',
        names: ['UsmtRestorePackageID', '_OSDMigrateUsmtRestorePackageID', 'UsmtPackageID'],
      }),
      ...filesOf(reader),
      continueOnRestore: switchOf(reader, 'ContinueOnRestore', 'OSDMigrateContinueOnRestore'),
      ...localAccountsOf(reader),
    }),
  ReleaseStateStore: (reader) => typed(reader, 'release-state-store', {}),
};

/** Its command line says it too: `osdsmpclient.exe /restore`. */
function requestOf(reader: StepReader): 'capture' | 'restore' {
  const text = textOf(reader, 'RequestType', 'OSDStateRequestType') ?? reader.step.action;
  if (/restore/i.test(text)) return 'restore';
  if (!/capture/i.test(text))
    tell(reader, `What the state store is for is not clear: ${text.slice(0, 100)}; to capture`);
  return 'capture';
}

/** Configuration files count with the mode Advanced alone. */
function filesOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const mode = textOf(reader, 'Mode', 'OSDMigrateMode')?.toLowerCase();
  const configFiles = listOf(reader, 'ConfigFiles', 'OSDMigrateConfigFiles');
  const verboseLogging = switchOf(reader, 'EnableVerboseLogging', 'OSDMigrateEnableVerboseLogging');
  const isSimple = mode === undefined || mode === 'simple';
  if (isSimple && configFiles !== undefined)
    tell(reader, `Its configuration files were not used: ${configFiles.join(', ').slice(0, 300)}`);
  return { mode, configFiles: isSimple ? undefined : configFiles, verboseLogging };
}

/** `Normal`, or from a shadow copy; links and off-line mode go with the first. */
function fileAccessOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const text = textOf(reader, 'FileAccess', 'OSDMigrateFileAccess');
  const hardLinks = switchOf(reader, 'UseHardlinks', '_OSDMigrateUseHardlinks');
  const offline = switchOf(reader, 'OfflineUserState', '_OSDMigrateOfflineUserState');
  const isShadow = text !== undefined && /vss|shadow|snapshot/i.test(text);
  if (!isShadow) {
    if (text !== undefined && !/^(normal|file.*)$/i.test(text))
      tell(reader, `How files are read is not clear: ${text.slice(0, 100)}; by the file system`);
    return { hardLinks, offline };
  }
  if (hardLinks === true || offline === true)
    tell(reader, 'Links and off-line mode do not go with a shadow copy: they are left out');
  return { fileAccess: 'vss' };
}

/** The password counts only where local accounts are restored. */
function localAccountsOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const localAccounts = switchOf(reader, 'LocalAccounts', 'OSDMigrateLocalAccounts');
  const password = ['LocalAccountPassword', 'OSDMigrateLocalAccountPassword'] as const;
  if (localAccounts !== true) {
    reader.ignore(...password);
    return { localAccounts };
  }
  const localAccountPassword = reader.secret('The password of local accounts', ...password);
  return { localAccounts, localAccountPassword };
}

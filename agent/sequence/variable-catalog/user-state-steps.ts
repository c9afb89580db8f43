import { group } from './group.ts';

const restore = { applies: 'Restore User State' } as const;
const settings = {
  applies: 'Capture Windows Settings',
  type: 'boolean',
  standard: 'true',
} as const;
const store = { applies: 'Request State Store' } as const;

/** User state. */
export const userStateVariables = group(
  { title: 'User state', kind: 'action', applies: 'Capture User State', supported: 'later' },
  {
    OSDStateStorePath: {
      meaning: 'Folder or share where the state is kept',
      applies: 'all steps of user state',
    },
    OSDMigrateMode: {
      meaning: 'Which files: all that are standard, or those of OSDMigrateConfigFiles',
      values: ['Simple', 'Advanced'],
      standard: 'Simple',
    },
    OSDMigrateConfigFiles: { meaning: 'Files that say what is taken', type: 'list' },
    OSDMigrateAdditionalCaptureOptions: 'Further options of ScanState',
    OSDMigrateContinueOnLockedFiles: {
      meaning: 'Goes on where a file cannot be read',
      type: 'boolean',
      standard: 'true',
    },
    OSDMigrateSkipEncryptedFiles: {
      meaning: 'Leaves encrypted files out',
      type: 'boolean',
      standard: 'false',
    },
    OSDMigrateEnableVerboseLogging: {
      meaning: 'Logs more',
      type: 'boolean',
      standard: 'false',
      applies: 'Capture User State, Restore User State',
    },
    OSDMigrateAdditionalRestoreOptions: { meaning: 'Further options of LoadState', ...restore },
    OSDMigrateContinueOnRestore: {
      meaning: 'Goes on where a file cannot be written',
      type: 'boolean',
      standard: 'true',
      ...restore,
    },
    OSDMigrateLocalAccounts: {
      meaning: 'Brings local accounts back',
      type: 'boolean',
      standard: 'false',
      ...restore,
    },
    OSDMigrateLocalAccountPassword: {
      meaning: 'Password of all of them',
      secret: true,
      ...restore,
    },
    OSDMigrateComputerName: { meaning: 'Takes the name over', ...settings },
    OSDMigrateRegistrationInfo: { meaning: 'Takes user and organization over', ...settings },
    OSDMigrateTimeZone: { meaning: 'Takes the time zone over', ...settings },
    OSDStateFallbackToNAA: {
      meaning: 'Uses the network access account where the computer account fails',
      type: 'boolean',
      standard: 'false',
      ...store,
    },
    OSDStateSMPRetryCount: { meaning: 'Tries again', type: 'number', range: [0, 600], ...store },
    OSDStateSMPRetryTime: { meaning: 'Seconds between them', type: 'number', ...store },
  },
);

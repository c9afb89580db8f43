import { group } from './group.ts';

/** Restarts, the end, and what is shown. */
export const restartVariables = group(
  {
    title: 'Restarts, the end, and what is shown',
    kind: 'control',
    applies: 'whole run',
    supported: true,
  },
  {
    SMSTSRebootRequested: {
      meaning: 'Set by a step or script: restart after it, into the boot image or the disk',
      values: ['WinPE', 'HD'],
      applies: 'after a step',
    },
    SMSTSRetryRequested: {
      meaning: 'With the one before: run the same step again after the restart',
      type: 'boolean',
      applies: 'after a step',
    },
    SMSTSRebootDelay: {
      meaning: 'Seconds of notice before such a restart, 0 for none',
      type: 'number',
      range: [0, 3600],
      standard: '0',
    },
    SMSTSRebootDelayNext: {
      meaning: 'The same for every restart after the first',
      type: 'number',
      range: [0, 3600],
      standard: 'SMSTSRebootDelay',
    },
    SMSTSRebootMessage: {
      meaning: 'Text of that notice',
      maxLength: 512,
      standard: 'a text of the agent',
    },
    SMSTSErrorDialogTimeout: {
      meaning: 'Seconds that a failure stays on the screen in the PE; 0 does not show it',
      type: 'number',
      range: [0, 604_800],
      standard: '900',
      applies: 'end of a run that failed',
    },
    SMSTSPostAction: {
      meaning: 'Command started when the run has ended; nobody waits for it',
      applies: 'end of the run',
    },
    TSDisableProgressUI: {
      meaning: 'Hides the progress at the machine, until it is set to false',
      type: 'boolean',
      standard: 'false',
    },
    TSProgressInfoLevel: {
      meaning: 'Adds to the progress: 1 step and count, 2 those and percent, 3 percent alone',
      type: 'number',
      values: ['1', '2', '3'],
    },
    TSDebugMode: {
      meaning: 'Stops before each step until a person goes on',
      type: 'boolean',
      supported: 'later',
    },
    TSDebugOnError: {
      meaning: 'Stops there when a step has failed',
      type: 'boolean',
      supported: 'later',
    },
  },
);

/** Logs and status. */
export const loggingVariables = group(
  { title: 'Logs and status', kind: 'control', applies: 'whole run', supported: true },
  {
    OSDDoNotLogCommand: {
      meaning: 'Keeps command lines and what they print out of the log',
      type: 'boolean',
      standard: 'false',
      applies: 'Run Command Line, Install Package',
    },
    OSDLogPowerShellParameters: {
      meaning: 'Writes the parameters of scripts into the log',
      type: 'boolean',
      standard: 'false',
      applies: 'Run PowerShell Script',
    },
    SMSTSDisableStatusRetry: {
      meaning: 'Sends no status message again after one could not be sent',
      type: 'boolean',
      supported: 'later',
    },
  },
);

/** Before the run. */
export const startVariablesGroup = group(
  { title: 'Before the run', kind: 'control', applies: 'start of the PE', supported: 'later' },
  {
    SMSTSPreferredAdvertID: {
      meaning:
        'Deployment to start, before required ones, and the only way to a hidden one; set by prestart, media or the server',
      supported: true,
    },
    SMSTSAssignmentsDownloadInterval: {
      meaning: 'Seconds between tries to find a deployment',
      type: 'number',
      standard: '0',
    },
    SMSTSAssignmentsDownloadRetry: {
      meaning: 'Tries to find a deployment',
      type: 'number',
      standard: '0',
    },
    SMSTSLanguageFolder: {
      meaning: 'Language of what is shown, as the decimal number of a locale',
      type: 'number',
    },
    SMSTSLocalDataDrive: "Drive for the run's own files; set before the start",
    SMSTSMP: 'Address of the server to ask',
    SMSTSUDAUsers: { meaning: 'Primary users of the machine', type: 'list', supported: true },
    SMSTSAssignUsersMode: {
      meaning: 'What becomes of those users',
      values: ['Auto', 'Pending', 'Disabled'],
    },
  },
);

/** Content. */
export const contentVariables = group(
  { title: 'Content', kind: 'control', applies: 'fetching content', supported: 'later' },
  {
    SMSTSDownloadRetryCount: {
      meaning: 'Tries to fetch again; with neither this nor the delay, it waits for ever',
      type: 'number',
      standard: '2',
      supported: true,
    },
    SMSTSDownloadRetryDelay: {
      meaning: 'Seconds between those tries',
      type: 'number',
      standard: '15',
      supported: true,
    },
    SMSTSDownloadProgram: 'Program that fetches instead of the agent',
    SMSTSDownloadAbortCode: {
      meaning: 'Its exit code that means: fail now, try nothing else',
      type: 'number',
    },
    SMSTSAllowTokenAuthURLForACP: {
      meaning: 'Gives it sources that need a token',
      type: 'boolean',
      standard: 'false',
    },
    SMSTSPeerDownload: { meaning: 'Fetches from other machines nearby', type: 'boolean' },
    SMSTSPeerRequestPort: {
      meaning: 'Port to find them by',
      type: 'number',
      range: [1, 65_535],
      standard: '8004',
    },
    SMSTSPersistContent: {
      meaning:
        'Keeps what was fetched for later steps of the run, also where it is read from the distribution point',
      type: 'boolean',
      supported: true,
    },
    SMSTSPreserveContent: {
      meaning: 'Keeps what was fetched after the run, in the cache of an installed system',
      type: 'boolean',
      supported: true,
    },
    MetalwrightCacheSizeMB: {
      meaning: 'How much that cache may hold, in MiB',
      type: 'number',
      standard: '5120',
      supported: true,
    },
    MetalwrightCachePercent: {
      meaning: 'How much of its disk it may hold, if that is less',
      type: 'number',
      range: [1, 100],
      standard: '20',
      supported: true,
    },
    SMSTSMPListRequestTimeoutEnabled: {
      meaning: 'Asks again for servers away from the own network',
      type: 'boolean',
      standard: 'true',
    },
    SMSTSMPListRequestTimeout: {
      meaning: 'Milliseconds before it asks again',
      type: 'number',
      standard: '60000',
    },
    OSDDownloadDestinationPath: { meaning: 'Folder for content', supported: true },
  },
);

/** Windows. */
export const windowsControlVariables = group(
  { title: 'Windows', kind: 'control', applies: 'installed Windows', supported: 'later' },
  {
    SMSTSDisableWow64Redirection: {
      meaning: 'Lets 32-bit programs see the 64-bit system folders',
      type: 'boolean',
      standard: 'false',
      applies: 'Run Command Line',
      supported: true,
    },
    SMSTSSoftwareUpdateScanTimeout: {
      meaning: 'Seconds to look for updates',
      type: 'number',
      standard: '3600',
      applies: 'Install Software Updates',
    },
    SMSTSSoftwareUpdateScanUseCache: {
      meaning: 'Takes what was found before',
      type: 'boolean',
      applies: 'Install Software Updates',
    },
    SMSTSWaitForSecondReboot: {
      meaning: 'Seconds to wait for a restart that an update makes by itself',
      type: 'number',
      applies: 'Install Software Updates',
    },
    SMSTSUninstallCCMClient: {
      meaning: 'Removes the client, not its identity alone',
      type: 'boolean',
      applies: 'Prepare ConfigMgr Client for Capture',
      supported: true,
    },
    SMSTSWaitCcmexecOperationalTimeout: {
      meaning: 'Seconds to wait for the client',
      type: 'number',
      standard: '1800',
    },
    TSErrorOnWarning: {
      meaning: 'An application whose requirements are not met counts as failed',
      type: 'boolean',
      standard: 'false',
      applies: 'Install Application',
      supported: true,
    },
    SMSTSDriverRequestResolveTimeOut: {
      meaning: 'Seconds to find the server by name',
      type: 'number',
      standard: '60',
      applies: 'Auto Apply Drivers',
    },
    SMSTSDriverRequestConnectTimeOut: {
      meaning: 'Seconds to connect',
      type: 'number',
      standard: '60',
      applies: 'Auto Apply Drivers',
    },
    SMSTSDriverRequestSendTimeOut: {
      meaning: 'Seconds to send',
      type: 'number',
      standard: '60',
      applies: 'Auto Apply Drivers',
    },
    SMSTSDriverRequestReceiveTimeOut: {
      meaning: 'Seconds to wait for the answer',
      type: 'number',
      standard: '480',
      applies: 'Auto Apply Drivers',
    },
  },
);

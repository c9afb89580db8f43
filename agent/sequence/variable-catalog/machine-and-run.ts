import { group } from './group.ts';

/** The machine. */
export const machineVariables = group(
  { title: 'The machine', kind: 'read-only', applies: 'whole run', supported: true },
  {
    _SMSTSAssetTag: 'Asset tag, as in its SMBIOS',
    _SMSTSDefaultGateways: {
      meaning: 'Addresses of its default gateways',
      type: 'list',
      applies: 'Set Dynamic Variables',
    },
    _SMSTSIPAddresses: {
      meaning: 'Its IP addresses',
      type: 'list',
      applies: 'Set Dynamic Variables',
    },
    _SMSTSMacAddresses: { meaning: 'MAC addresses of its network adapters', type: 'list' },
    _SMSTSMake: 'Manufacturer',
    _SMSTSModel: 'Model',
    _SMSTSSerialNumber: 'Serial number',
    _SMSTSUUID: 'UUID in its SMBIOS',
    _SMSTSBootUEFI: {
      meaning: 'Set where the machine started by UEFI; a machine with BIOS has no such variable',
      type: 'boolean',
      values: ['true'],
    },
    _TSSecureBoot: {
      meaning: 'Secure Boot of the firmware; NA where it has none, or does not say',
      values: ['NA', 'Enabled', 'Disabled'],
    },
    _SMSTSWTG: {
      meaning: 'The machine runs Windows To Go',
      type: 'boolean',
      supported: 'later',
    },
    _OSDDetectedWinDir: {
      meaning: 'Windows folder found on a local disk',
      applies: 'start of Windows PE',
      supported: 'later',
    },
    _OSDDetectedWinDrive: {
      meaning: 'Drive of the Windows found on a local disk',
      applies: 'start of Windows PE',
      supported: 'later',
    },
  },
);

/** The run. */
export const runVariables = group(
  { title: 'The run', kind: 'read-only', applies: 'whole run', supported: true },
  {
    _SMSTSAdvertID: 'Id of the deployment; not set on stand-alone media',
    _SMSTSPackageID: 'Id of the task sequence that runs',
    _SMSTSPackageName: 'Name of the task sequence that runs',
    _SMSTSType: {
      meaning: 'Kind of the task sequence: 1 any, 2 one that installs an operating system',
      type: 'number',
      values: ['1', '2'],
    },
    _SMSTSMachineName: 'Name of the machine in status messages; default for OSDComputerName',
    _SMSTSOrgName: {
      meaning: 'Name of the organization',
      standard: 'IT Organization',
    },
    _SMSTSLaunchMode: {
      meaning: 'How the run was started: from the network, media, a prestaged disk, or in Windows',
      values: ['SMS', 'UFD', 'UFD+FORMAT', 'CD', 'DVD', 'PXE', 'HD'],
    },
    _SMSTSMediaType: {
      meaning: 'Kind of media that the run was started from',
      values: ['BootMedia', 'FullMedia', 'PXE', 'OEMMedia'],
    },
    _SMSMediaGuid:
      'Identity of the media that the run was started from; without media it has no value',
    _SMSTSUserStarted: {
      meaning: 'A person chose the run; false where the deployment started by itself',
      type: 'boolean',
    },
    _SMSTSInWinPE: {
      meaning: 'The step runs in Windows PE or Linux PE, not in the installed system',
      applies: 'each step',
      type: 'boolean',
    },
    _SMSTSCurrentActionName: { meaning: 'Name of the step that runs', applies: 'each step' },
    _SMSTSLastActionName: { meaning: 'Name of the step that ran before', applies: 'after a step' },
    _SMSTSLastActionRetCode: {
      meaning: 'Its code; SMSTSLastActionRetCode reads it too',
      applies: 'after a step',
      type: 'number',
    },
    _SMSTSLastActionSucceeded: {
      meaning: 'Whether it succeeded; a skipped step changes nothing',
      applies: 'after a step',
      type: 'boolean',
    },
    _SMSTSLogPath: 'Folder of the log; not set where the agent has none',
    _SMSTSMP: 'Address of the server',
    _SMSTSMPPort: { meaning: 'Port of the server', type: 'number' },
    _SMSTSUseSSL: { meaning: 'The server is asked over TLS', type: 'boolean' },
    _SMSTSUseCRL: {
      meaning: 'Revoked certificates are looked up; never so: the site CA is replaced instead',
      type: 'boolean',
    },
    _SMSTSDownloadOnDemand: {
      meaning: 'Content is fetched when a step needs it, not all beforehand',
      type: 'boolean',
    },
    _SMSTSClientGUID: { meaning: 'Identity of the client in its site', supported: 'later' },
    _SMSTSSiteCode: { meaning: 'Code of the site', supported: 'later' },
    _SMSTSTimezone: { meaning: 'Time zone, as Windows describes it', supported: 'later' },
    _SMSTSBootImageID: { meaning: 'Package of the boot image that the task sequence names' },
    _SMSTSRunFromDP: {
      meaning: 'Nothing is kept of the content that a step has used; not set otherwise',
      type: 'boolean',
    },
    _SMSTSClientCache: {
      meaning: 'Folder of content kept on the local disk; not set while there is none',
      supported: true,
    },
    _SMSTSMDataPath: { meaning: "Folder of the run's own files", supported: true },
    _SMSTSLastContentDownloadLocation: {
      meaning: 'Where content was last fetched from',
      supported: 'later',
    },
    _SMSTSUserStatePath: {
      meaning:
        'Folder with user state, C:\\UserState, that no image deletes in Windows PE; Linux PE refuses to apply one over it',
      applies: 'Apply Operating System Image',
    },
  },
);

/** Metalwright’s own. */
export const ownVariables = group(
  { title: 'Metalwright’s own', kind: 'read-only', applies: 'whole run', supported: true },
  {
    _OSDFormattedVolumes: {
      meaning: 'Volumes that this run has formatted, with their file systems',
      applies: 'after Format and Partition Disk',
      type: 'list',
    },
    _OSDAppliedVolumes: {
      meaning: 'Volumes that this run has applied images to',
      applies: 'after Apply Operating System Image',
      type: 'list',
    },
    _OSDTargetVolume: {
      meaning: 'Volume of the operating system that this run applied last',
      applies: 'after Apply Operating System Image',
    },
  },
);

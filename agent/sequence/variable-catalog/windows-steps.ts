import { group } from './group.ts';

const applyDrivers = { applies: 'Apply Driver Package' } as const;
const bitLocker = { applies: 'Enable BitLocker' } as const;
const disableBitLocker = { applies: 'Disable BitLocker' } as const;

/** Windows settings. */
export const windowsSettingsVariables = group(
  {
    title: 'Windows settings',
    kind: 'action',
    applies: 'Apply Windows Settings',
    supported: true,
  },
  {
    OSDComputerName: {
      meaning: 'Name of the computer; also what Capture Windows Settings finds',
      maxLength: 255,
      standard: '%_SMSTSMachineName%',
    },
    OSDProductKey: { meaning: 'Product key', maxLength: 255, secret: true },
    OSDRegisteredUserName: { meaning: 'Registered user', maxLength: 255 },
    OSDRegisteredOrgName: {
      meaning: 'Registered organization; also what Capture Windows Settings finds',
      maxLength: 255,
    },
    OSDTimeZone: 'Time zone, in the words of Windows; also what Capture Windows Settings finds',
    OSDServerLicenseMode: {
      meaning: 'How a server is licensed',
      values: ['PerSeat', 'PerServer'],
    },
    OSDServerLicenseConnectionLimit: {
      meaning: 'Connections of a server licensed by server',
      type: 'number',
      range: [5, 9999],
    },
    OSDRandomAdminPassword: {
      meaning: 'true: the local administrator gets a random password and is disabled',
      type: 'boolean',
      standard: 'true',
    },
    OSDLocalAdminPassword: {
      meaning: 'Password of the local administrator, where it is not random',
      maxLength: 255,
      secret: true,
    },
    OSDWindowsSettingsInputLocale: 'Keyboard',
    OSDWindowsSettingsSystemLocale: 'System locale',
    OSDWindowsSettingsUILanguage: 'Language of the user interface',
    OSDWindowsSettingsUILanguageFallback: 'Language where that one has no text',
    OSDWindowsSettingsUserLocale: 'Locale of users',
    SMSClientInstallProperties: {
      meaning: 'How the client is installed',
      applies: 'Setup Windows and ConfigMgr',
    },
    OSDKeepActivation: {
      meaning: 'Keeps the activation',
      type: 'boolean',
      applies: 'Prepare Windows for Capture',
      supported: true,
    },
    OSDSetupAdditionalUpgradeOptions: {
      meaning: 'Further options of Windows Setup',
      applies: 'Upgrade Operating System',
      supported: 'later',
    },
    SetupCompletePause: {
      meaning: 'Seconds that Setup waits before the run goes on',
      type: 'number',
      applies: 'Upgrade Operating System',
      supported: 'later',
    },
  },
);

/** Drivers. */
export const driverVariables = group(
  { title: 'Drivers', kind: 'action', applies: 'Auto Apply Drivers', supported: true },
  {
    OSDAutoApplyDriverBestMatch: {
      meaning: 'true: only the best driver for a device; false: all that fit',
      type: 'boolean',
      standard: 'true',
    },
    OSDAutoApplyDriverCategoryList: { meaning: 'Categories to choose from', type: 'list' },
    OSDInstallDriversAdditionalOptions: { meaning: 'Further options of DISM', ...applyDrivers },
    OSDApplyDriverBootCriticalContentUniqueID: {
      meaning: 'Driver of the disk controller',
      supported: 'later',
      ...applyDrivers,
    },
    OSDApplyDriverBootCriticalHardwareComponent: {
      meaning: 'Its kind of hardware',
      values: ['scsi'],
      supported: 'later',
      ...applyDrivers,
    },
    OSDApplyDriverBootCriticalID: {
      meaning: 'Its id in txtsetup.oem',
      supported: 'later',
      ...applyDrivers,
    },
    OSDApplyDriverBootCriticalINFFile: {
      meaning: 'Its INF file',
      supported: 'later',
      ...applyDrivers,
    },
  },
);

/** BitLocker. */
export const bitLockerVariables = group(
  { title: 'BitLocker', kind: 'action', ...bitLocker, supported: true },
  {
    OSDBitLockerPIN: { meaning: 'PIN, where one is asked beside the TPM', secret: true },
    OSDBitLockerRecoveryPassword: {
      meaning: 'Recovery password; a random one without it',
      secret: true,
    },
    OSDBitLockerStartupKey: { meaning: 'Start-up key, 256 bits as base64', secret: true },
    OSDRecoveryKeyPollingFrequency: {
      meaning: 'Seconds between looks whether the recovery key is kept',
      type: 'number',
      range: [15, 86_400],
      standard: '300',
      supported: 'later',
    },
    OSDRecoveryKeyPollingTimeout: {
      meaning: 'Seconds to wait for that',
      type: 'number',
      range: [30, 86_400],
      standard: '1800',
      supported: 'later',
    },
    OSDBitLockerRebootCount: {
      meaning: 'Restarts until protection goes on',
      type: 'number',
      range: [1, 15],
      ...disableBitLocker,
    },
    OSDBitLockerRebootCountOverride: {
      meaning: 'The same, and wins; 0 leaves it off',
      type: 'number',
      range: [0, 15],
      ...disableBitLocker,
    },
  },
);

/** Software. */
export const softwareVariables = group(
  { title: 'Software', kind: 'action', applies: 'Install Application', supported: 'later' },
  {
    OSDAppInstallRetries: {
      meaning: 'Tries again when an application failed',
      type: 'number',
      standard: '0',
      supported: true,
    },
    OSDAppInstallRetryTimeout: {
      meaning: 'Milliseconds between them',
      type: 'number',
      standard: '30000',
      supported: true,
    },
    OSDAppCount: { meaning: 'Count of the applications', type: 'number' },
    OSDPackageCount: {
      meaning: 'Count of the packages',
      type: 'number',
      applies: 'Install Package',
    },
    OSDPackage: { meaning: 'The packages', type: 'list', applies: 'Install Package' },
    SMSInstallUpdateTarget: {
      meaning: 'Which updates',
      values: ['All', 'Mandatory'],
      applies: 'Install Software Updates',
    },
  },
);

/** Without effect any more. */
export const deprecatedVariables = group(
  {
    title: 'Without effect any more',
    kind: 'deprecated',
    applies: 'Windows XP and 2003',
    supported: 'later',
  },
  {
    OSDAllowUnsignedDriver: {
      meaning: 'Unsigned drivers',
      type: 'boolean',
      applies: 'Auto Apply Drivers, Apply Driver Package',
      supported: true,
    },
    OSDBuildStorageDriverList: {
      meaning: 'Drivers of disk controllers',
      type: 'boolean',
      supported: true,
    },
    OSDDiskpartBiosCompatibilityMode: { meaning: 'Alignment of partitions', type: 'boolean' },
    OSDInstallEditionIndex: {
      meaning: 'Edition of an original source',
      type: 'number',
      applies: 'Apply Operating System Image',
    },
    OSDPreserveDriveLetter: {
      meaning: 'Drive letter in the image; Windows Setup chooses it now',
      type: 'boolean',
      applies: 'Apply Operating System Image',
    },
  },
);

import { group } from './group.ts';

const checked = ['1', '0'];

/** Results of Check Readiness. */
export const readinessVariables = group(
  {
    title: 'Results of Check Readiness',
    kind: 'read-only',
    applies: 'after Check Readiness',
    supported: 'later',
  },
  {
    _TS_CRMEMORY: {
      meaning: 'Memory is enough; as all of these: empty if not asked',
      values: checked,
      supported: true,
    },
    _TS_CRSPEED: { meaning: 'The processor is fast enough', values: checked, supported: true },
    _TS_CRDISK: { meaning: 'The disk has enough free space', values: checked, supported: true },
    _TS_CROSTYPE: {
      meaning: 'The system is a client, or a server, as asked',
      values: checked,
      supported: true,
    },
    _TS_CRARCH: {
      meaning: 'The architecture is the one asked for',
      values: checked,
      supported: true,
    },
    _TS_CRMINOSVER: { meaning: 'The system is new enough', values: checked, supported: true },
    _TS_CRMAXOSVER: { meaning: 'The system is not too new', values: checked, supported: true },
    _TS_CRCLIENTMINVER: { meaning: 'The client is new enough', values: checked, supported: true },
    _TS_CROSLANGUAGE: {
      meaning: 'The language of the system is the one asked for',
      values: checked,
      supported: true,
    },
    _TS_CRACPOWER: { meaning: 'The machine is plugged in', values: checked, supported: true },
    _TS_CRNETWORK: { meaning: 'A network adapter is connected', values: checked, supported: true },
    _TS_CRWIRED: { meaning: 'By cable', values: checked, supported: true },
    _TS_CRUEFI: { meaning: '1 with UEFI, 0 with BIOS', values: checked, supported: true },
    _TS_CRTPMENABLED: { meaning: 'A TPM 2.0 is enabled', values: checked, supported: true },
    _TS_CRTPMACTIVATED: { meaning: 'It is activated', values: checked, supported: true },
  },
);

/** Results of other steps, and input of steps that no sequence may set. */
export const stepResultVariables = group(
  {
    title: 'Results of other steps, and input of steps that no sequence may set',
    kind: 'read-only',
    applies: 'Install Application',
    supported: 'later',
  },
  {
    _OSDMigrateUsmtPackageID: {
      meaning: 'Package of the user state migration tool',
      applies: 'Capture User State',
    },
    _OSDMigrateUsmtRestorePackageID: {
      meaning: 'Package of the user state migration tool',
      applies: 'Restore User State',
    },
    _SMSTSAppInstallNeedsRetry: {
      meaning: 'The application before failed and is to be tried again',
      type: 'boolean',
      supported: true,
    },
    _TSAppInstallStatus: {
      meaning: 'How the last application was installed',
      values: ['Undefined', 'Error', 'Warning', 'Success'],
      supported: true,
    },
    _SMSTSOSUpgradeActionReturnCode: {
      meaning: 'Code that Windows Setup ended with',
      type: 'number',
      applies: 'Upgrade Operating System',
    },
    _SMSTSSetupRollback: {
      meaning: 'Windows Setup has gone back to the system before',
      type: 'boolean',
      applies: 'Upgrade Operating System',
    },
    _SMSTSRunCommandLineAsUser: {
      meaning: 'The step was told to run as another user',
      type: 'boolean',
      applies: 'Run Command Line',
    },
  },
);

/** Inner workings of Configuration Manager, seen in its logs; none has a use here. */
export const siteVariables = group(
  {
    title: 'Inner workings of Configuration Manager, seen in its logs; none has a use here',
    kind: 'read-only',
    applies: 'whole run',
    supported: 'later',
  },
  {
    _SMSTSBootMediaPackageID: 'Boot image of the media',
    _SMSTSHTTPPort: { meaning: 'Port for HTTP', type: 'number' },
    _SMSTSHTTPSPort: { meaning: 'Port for HTTPS', type: 'number' },
    _SMSTSIISSSLState: { meaning: 'How the server uses TLS', type: 'number' },
    _SMSTSMediaPFX: { meaning: 'Certificate and key of the media', secret: true },
    _SMSTSPublicRootKey: 'Public key of the site',
    _SMSTSRootCACerts: 'Certificates that the site trusts',
    _SMSTSSiteSigningCertificate: 'Certificate that policy is signed with',
    _SMSTSUseFirstCert: { meaning: 'Any certificate that fits is used', type: 'boolean' },
    _SMSTSx64UnknownMachineGUID: 'Record for unknown computers, x64',
    _SMSTSx86UnknownMachineGUID: 'Record for unknown computers, x86',
    _SMSTSNextInstructionPointer: { meaning: 'Place in the task sequence', type: 'number' },
    _SMSTSInstructionTableSize: { meaning: 'Length of the task sequence', type: 'number' },
    _SMSClientPackageID: 'Package of the client',
    _SMSClientPreProductionPackageID: 'Package of the client that is being tried',
    _SMSSWDProgramName: 'Program of the package that is installed',
    _SMSTSReserved1: { meaning: 'Account for reading content', secret: true },
    _SMSTSReserved2: { meaning: 'Its password', secret: true },
  },
);

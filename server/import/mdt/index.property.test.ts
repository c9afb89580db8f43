import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { mapMdtGiven } from './testing/map-mdt-given.ts';

const scripts = [
  'ZTIGather',
  'ZTIValidate',
  'LTIApply',
  'ZTIDrivers',
  'ZTIApplications',
  'ZTIPowerShell',
  'ZTIOSRole',
  'ZTIPatches',
  'ZTIBde',
  'ZTISetVariable',
  'ZTIConnect',
  'ZTINICConfig',
  'ZTIConfigureDHCP',
  'ZTIUserState',
  'ZTIConfigureADDS',
  'ZTIDiskpart',
  'ZTICoalesce',
  'ZTIOptIn',
  'Own',
];
const types = [
  undefined,
  'BDD_Gather',
  'BDD_Validate',
  'BDD_InstallOS',
  'BDD_InjectDrivers',
  'BDD_InstallApplication',
  'BDD_InstallRoles',
  'BDD_RunPowerShellAction',
  'BDD_InstallUpdatesOffline',
  'BDD_RecoverDomainJoin',
  'BDD_UsePackage',
  'BDD_ConfigureDHCP',
  'BDD_Unheard',
  'SMS_TaskSequence_EnableBitLockerAction',
  'SMS_TaskSequence_ApplyNetworkSettingsAction',
  'SMS_TaskSequence_RunCommandLineAction',
  'SMS_TaskSequence_RebootAction',
  'SMS_TaskSequence_SubTasksequence',
];
const names = [
  'GatherLocalOnly',
  'RulesFile',
  'ImageSize',
  'ImageMemory',
  'ImageProcessorSpeed',
  'VerifyOS',
  'OSGUID',
  'DestinationOSInstallType',
  'DestinationDisk',
  'DestinationPartition',
  'DestinationOSDriveLetter',
  'DestinationOSVariable',
  'DriverSelectionProfile',
  'DriverInjectionMode',
  'ApplicationGUID',
  'ApplicationSuccessCodes',
  'ScriptName',
  'Parameters',
  'PackageID',
  'OSRoles',
  'OSFeatures',
  'PackageSelectionProfile',
  'BdeInstall',
  'BdePin',
  'BdeTargetDriveLetter',
  'BdeKeyLocation',
  'BdeRecoveryPassword',
  'WaitForEncryption',
  'RunAsUser',
  'SMSTSRunCommandLineUserName',
  'SMSTSRunCommandLineUserPassword',
  'VariableName',
  'VariableValue',
  'OSDAdapterCount',
  'OSDAdapter0IPAddressList',
  'DHCPScopes0Name',
  'SafeModeAdminPassword',
  'MdtRestartTarget',
  'Message',
  'SMSRebootTimeout',
  'SubTaskSequenceGUID',
  'CommandLine',
  'SuccessCodes',
];
const value = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '1',
    'true',
    'TPM',
    'TPMPin',
    'KEY',
    'C:',
    'D',
    'ByDiskPartition',
    'ByVariable',
    'Nothing',
    'ALL',
    '%X%',
    '{A}',
    'x.ps1',
    '%SCRIPTROOT%\\x.ps1',
    '99999999999',
    '-5',
    '0 3010 5',
    "it's",
    'pe',
    'new-system',
  ),
  fc.string({ unit: anyCharacter, maxLength: 40 }),
  fc.string({ maxLength: 20, size: 'max' }).map((text) => text.repeat(400)),
);

describe('M24 steps of MDT', () => {
  it('of any settings become steps that are read, or are refused with a reason', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.constantFrom(...scripts),
        fc.constantFrom(
          '',
          ' /capture',
          ' /restore',
          ' /PE',
          ' /uncpath:\\\\s\\x',
          ' /CEIP:YES',
          ' /VariableName:',
        ),
        fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 12 }),
        (type, script, rest, properties) => {
          try {
            const mapped = mapMdtGiven({
              ...(type === undefined ? {} : { type }),
              action: `cscript.exe "%SCRIPTROOT%\\${script}.wsf"${rest}`,
              properties,
            });
            if (mapped !== undefined && mapped.how !== 'typed') expect(mapped.reason).toBeTruthy();
          } catch (error) {
            // The import keeps a step disabled that its schema refuses, and tells why.
            expect(error).toMatchObject({ code: 'sequence.invalid' });
          }
        },
      ),
      { numRuns: 1500 },
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import type { SourceStep } from '../source-sequence.ts';
import { StepReader } from '../step-reader.ts';
import { configMgrSteps } from './index.ts';

/** Words that the classes look for, and some that they do not. */
const properties = [
  'CommandLine,PackageID,RunAsUser,UserName,UserPassword,SuccessCodes,OutputVariableName,WorkingDirectory',
  'SourceScript,ScriptName,Parameters,ExecutionPolicy,VariableName,VariableValue,DoNotShowVariableValue',
  'Rules,TsName,TsPackageID,SubTaskSequenceGUID,SubTaskSequenceID,Message,MessageTimeout,Target',
  'CheckMemory,Memory,CheckOSType,OSType,CheckMinOSVersion,MinOSVersion,CheckOSArchitecture,OSArchitecture',
  'Path,DriveLetter,Username,Password,Type,DomainName,DomainOUName,DomainUsername,DomainPassword,SkipReboot',
  'WorkgroupName,NetworkJoinType,NumAdapters,OSDAdapter0EnableDHCP,OSDAdapter0IPAddressList,OSDAdapter0Name',
  'ComputerName,ProductKey,RandomAdminPassword,AdminPassword,ServerLicenseMode,ServerLicenseConnectionLimit',
  'ApplicationName,BaseVariableName,ContinueOnInstallError,RetryCount,NumApps,AppInfo0Name,ProgramName',
  'DownloadPackages,DestinationLocationType,DestinationCustomPath,DestinationVariable,PackageInfo0PackageId',
].flatMap((line) => line.split(','));
const value = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    'true',
    'False',
    '%A%',
    'ABC00012',
    '00000000',
    '<Rules>',
    '_X',
    '-1',
  ),
  fc.constantFrom(
    '99999999999999999999',
    'x'.repeat(50_000),
    `A="${' '.repeat(200_000)}x`,
    ' ',
    '\0',
    '{',
    'a,b;;c',
    '192.0.2.1',
  ),
  fc.string({ unit: anyCharacter }),
);
const step = fc.record({
  variables: fc.array(
    fc.record({
      name: fc.oneof(fc.constantFrom(...properties), fc.string()),
      property: fc.option(fc.constantFrom(...properties), { nil: undefined }),
      value,
    }),
    { maxLength: 20 },
  ),
  attributes: fc.dictionary(
    fc.constantFrom('successCodeList', 'timeout', 'retryCount', 'startIn', 'runIn'),
    value,
  ),
  action: fc.oneof(
    value,
    fc.constant('smsswd.exe /run:ABC00012 '),
    fc.constant(`tsenv.exe "A="${' '.repeat(200_000)}x`),
  ),
});

describe('M24 any properties', () => {
  it.each(Object.entries(configMgrSteps))(
    'of %s are mapped, and nothing is thrown',
    (type, map) => {
      fc.assert(
        fc.property(step, fc.constantFrom('configmgr', 'mdt'), (given, format) => {
          const source: SourceStep = {
            kind: 'step',
            name: '',
            description: '',
            disabled: false,
            continueOnError: false,
            condition: [],
            comments: [],
            unknown: [],
            type,
            ...given,
          };
          const sequence = { format, globals: [], name: '' };
          const mapped = map(new StepReader(source, { sequence, names: new Map() }));
          expect(mapped.actions.length).toBeGreaterThan(0);
        }),
      );
    },
  );
});

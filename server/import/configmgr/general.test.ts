import { describe, expect, it } from 'vitest';
import { type GivenStep, mapGiven } from '../testing/map-source.ts';
import { configMgrClass, configMgrStep } from './index.ts';

const params = (given: GivenStep) => {
  const { params, unread } = mapGiven(given);
  expect(unread).toEqual([]);
  return params;
};
const utf16 = (text: string): string => Buffer.from(`\ufeff${text}`, 'utf16le').toString('base64');

describe('M24 classes of Configuration Manager', () => {
  it('are found without prefix, suffix and case', () => {
    expect(configMgrClass('SMS_TaskSequence_RebootAction')).toBe('Reboot');
    expect(configMgrClass('sms_tasksequence_REBOOTACTION')).toBe('REBOOT');
    expect(configMgrClass('SMS_TaskSequence_SubTasksequence')).toBe('SubTasksequence');
    expect(configMgrClass('BDD_Gather')).toBe('BDD_Gather');
    expect(configMgrStep('sms_tasksequence_rebootaction')).toBe(configMgrStep('Reboot'));
    expect(configMgrStep('BDD_Gather')).toBeUndefined();
    expect(configMgrStep('constructor')).toBeUndefined();
  });
});

describe('M24 Set Task Sequence Variable', () => {
  it('needs no title of a progress window', () => {
    expect(
      mapGiven({
        type: 'SetVariable',
        action: 'tsenv.exe "_SMSTSOrgName=Contoso"',
        properties: { VariableName: '_SMSTSOrgName', VariableValue: 'Contoso' },
      }),
    ).toMatchObject({
      how: 'built-in',
      reason:
        'It only titles the progress window of Configuration Manager, which is not shown here',
    });
  });
});

describe('M24 Run Command Line', () => {
  const line = { CommandLine: 'setup.exe /quiet' };

  it('tells of success codes that stand in it twice', () => {
    const twice = mapGiven({
      type: 'RunCommandLine',
      action: 'smsswd.exe /run: a.exe',
      attributes: { successCodeList: '0 7' },
      properties: { CommandLine: 'a.exe', SuccessCodes: '0 5' },
    });
    expect(twice).toMatchObject({
      params: { successCodes: [0, 7] },
      needs: ['setting: Its success codes stand in it twice: 0 7 counts, not 0 5'],
    });
  });

  it('is kept disabled where there is nothing to run', () => {
    const empty = mapGiven({ type: 'RunCommandLine', action: 'smsswd.exe /run: ' });
    expect(empty).toMatchObject({
      how: 'unsupported',
      reason: 'It has no command line to run',
      needs: [],
    });
  });

  it('takes line, package and options', () => {
    const { params, references, unread } = mapGiven({
      type: 'RunCommandLine',
      action: 'smsswd.exe /run:ABC00012 setup.exe /quiet',
      attributes: { successCodeList: '0 3010 8', timeout: '900' },
      properties: {
        ...line,
        PackageID: 'ABC00012',
        'SMSTSDisableWow64Redirection <- DisableWow64Redirection': 'true',
        'SMSTSRunCommandLineOutputVariableName <- OutputVariableName': 'Printed',
        '_SMSTSRunCommandLineAsUser <- RunAsUser': 'false',
        SuccessCodes: '0 3010 8',
        WorkingDirectory: '%DRIVERS01%',
      },
      names: { ABC00012: 'Tools' },
    });
    expect(params).toEqual({
      commandLine: 'setup.exe /quiet',
      package: { name: 'Tools' },
      workingDirectory: '%DRIVERS01%',
      timeoutMinutes: 15,
      successCodes: [0, 3010, 8],
      outputVariable: 'Printed',
      disableWow64Redirection: true,
    });
    expect(references).toEqual([
      { sourceId: 'ABC00012', kind: 'package', name: 'Tools', isNamed: true },
    ]);
    expect(unread).toEqual([]);
  });

  it.each<[string, GivenStep, object]>([
    [
      'is read from the action where there are no variables',
      { type: 'RunCommandLine', action: 'smsswd.exe /run:ABC00012 cmd.exe /c dir\nnext' },
      { commandLine: 'cmd.exe /c dir\nnext', package: { name: 'ABC00012' } },
    ],
    [
      'has no package behind /run: and a blank',
      { type: 'RunCommandLine', action: 'smsswd.exe /run: cmd.exe' },
      { commandLine: 'cmd.exe' },
    ],
    [
      'has none where it is 00000000',
      {
        type: 'RunCommandLine',
        action: 'smsswd.exe /run:00000000 a.exe',
        properties: { CommandLine: 'a.exe', PackageID: '00000000' },
      },
      { commandLine: 'a.exe' },
    ],
    [
      'is what bddrun.exe of MDT runs as another account',
      {
        type: 'RunCommandLine',
        action: '%TOOLROOT%\\bddrun.exe /runas cmd.exe /c whoami',
        format: 'mdt',
      },
      { commandLine: 'cmd.exe /c whoami' },
    ],
    [
      'is the action itself in MDT',
      {
        type: 'RunCommandLine',
        format: 'mdt',
        action: 'cmd /c ver',
        attributes: { startIn: 'C:\\Temp', successCodeList: '0 3010' },
        properties: {
          RunAsUser: 'false',
          LoadProfile: 'false',
          SMSTSRunCommandLineUserName: 'MOL\\Ann',
          SMSTSRunCommandLineUserPassword: 'secret',
        },
      },
      { commandLine: 'cmd /c ver', workingDirectory: 'C:\\Temp' },
    ],
  ])('%s', (_name, given, expected) => {
    expect(params(given)).toEqual(expected);
  });

  it('runs as an account whose password is never in the document', () => {
    const as = (properties: Record<string, string>) =>
      mapGiven({
        type: 'RunCommandLine',
        properties: { ...line, RunAsUser: 'true', ...properties },
      });
    const plain = as({ UserName: 'CORP\\a', UserPassword: 'hunter2' });
    expect(plain.params).toMatchObject({
      runAs: { user: 'CORP\\a', password: '%ImportedSecret1%' },
    });
    expect(plain.needs).toEqual([
      'secret: The password of the account it runs as stands in the file in plain text; it was not taken over',
    ]);
    const blank = as({ UserName: 'CORP\\a', UserPassword: '' });
    expect(blank.needs).toEqual([
      'secret: The password of the account it runs as is not in the file',
    ]);
    const none = as({});
    expect(none.params).toMatchObject({
      runAs: { user: '%SMSTSRunCommandLineUserName%', password: '%ImportedSecret1%' },
    });
    expect(none.needs).toHaveLength(2);
  });

  it.each<[string, Record<string, string>, object, string[]]>([
    [
      'seconds that are no minutes',
      { timeout: '61' },
      { timeoutMinutes: 2 },
      ['61 seconds is 2 minutes'],
    ],
    ['a very long time', { timeout: '600000' }, { timeoutMinutes: 999 }, ['is 999 minutes now']],
    ['no time', { timeout: '0' }, {}, []],
    ['a time that is none', { timeout: 'soon' }, {}, ['is no number of seconds']],
    ['codes of robocopy', { successCodeList: '0 1 2 16' }, { successCodes: [0, 1, 2, 16] }, []],
    ['only zero', { successCodeList: '0' }, { successCodes: [0] }, []],
    [
      'codes that are none',
      { successCodeList: '0 ok 5' },
      { successCodes: [0, 5] },
      ['No exit codes: ok'],
    ],
    ['codes too large', { successCodeList: '0 9999999999' }, {}, ['Not taken over: successCodes']],
    ['codes in a variable', { successCodeList: '%Codes%' }, { successCodes: '%Codes%' }, []],
  ])('takes %s', (_name, attributes, expected, needs) => {
    const mapped = mapGiven({ type: 'RunCommandLine', attributes, properties: line });
    expect(mapped.params).toEqual({ commandLine: 'setup.exe /quiet', ...expected });
    expect(mapped.needs).toEqual(needs.map((need) => expect.stringContaining(need)));
  });

  it('tells what it cannot take, and goes without', () => {
    const { params, needs } = mapGiven({
      type: 'RunCommandLine',
      properties: { ...line, OutputVariableName: '_ReadOnly', WorkingDirectory: 'x'.repeat(300) },
    });
    expect(params).toEqual({ commandLine: 'setup.exe /quiet' });
    expect(needs).toEqual([
      expect.stringContaining(`setting: Not taken over: workingDirectory ${'x'.repeat(300)}: `),
      expect.stringContaining('setting: Not taken over: outputVariable _ReadOnly: no name'),
    ]);
  });
});

describe('M24 Run PowerShell Script', () => {
  const type = 'RunPowerShellScript';

  it('takes a text with its parameters and policy', () => {
    expect(
      params({
        type,
        attributes: { successCodeList: '0 3010', timeout: '120' },
        properties: {
          'OSDRunPowerShellScriptSourceScript <- SourceScript': utf16('param($A)\r\n$A'),
          'OSDRunPowerShellScriptParameters <- Parameters': "-A '%X%'",
          'OSDRunPowerShellScriptExecutionPolicy <- ExecutionPolicy': 'bypass',
          'OSDRunPowerShellScriptOutputVariableName <- OutputVariableName': 'Out',
          'OSDRunPowerShellScriptSuccessCodes <- SuccessCodes': '0 3010',
          '_SMSTSRunPowerShellAsUser <- RunAsUser': 'false',
        },
      }),
    ).toEqual({
      script: 'param($A)\n$A',
      parameters: "-A '%X%'",
      executionPolicy: 'Bypass',
      outputVariable: 'Out',
      timeoutMinutes: 2,
    });
  });

  it('takes a script of a package', () => {
    const { params, needs } = mapGiven({
      type,
      properties: {
        PackageID: 'ABC00012',
        ScriptName: '.\\Scripts\\x.ps1',
        ExecutionPolicy: 'RemoteSigned',
        SMSTSRunPowerShellWorkingDirectory: 'Scripts',
        RunAsUser: 'true',
        UserName: 'CORP\\a',
        'SMSTSRunPowerShellUserPassword <- UserPassword': '',
      },
    });
    expect(params).toEqual({
      package: { name: 'ABC00012' },
      scriptName: '.\\Scripts\\x.ps1',
      executionPolicy: 'Bypass',
      workingDirectory: 'Scripts',
      runAs: { user: 'CORP\\a', password: '%ImportedSecret1%' },
    });
    expect(needs).toContain(
      'setting: There is no execution policy "RemoteSigned" here; it is Bypass now',
    );
  });

  it('keeps one that cannot be read as a step that nobody runs', () => {
    const { how, reason, params, needs } = mapGiven({ type, properties: { SourceScript: '#!?' } });
    expect(how).toBe('unsupported');
    expect(reason).toBe('Its PowerShell script cannot be read: it is not base64');
    expect(params).toEqual({
      script: "throw 'The script of this step could not be imported: it is not base64'",
    });
    expect(needs).toEqual([`script: ${reason}`]);
  });
});

describe('M24 Set Task Sequence Variable', () => {
  const type = 'SetVariable';

  it.each<[string, GivenStep, object]>([
    [
      'from its properties, blanks and all',
      {
        type,
        properties: { VariableName: ' A ', VariableValue: ' 1 ', DoNotShowVariableValue: 'false' },
      },
      { name: 'A', value: ' 1 ' },
    ],
    [
      'with an empty value',
      { type, properties: { VariableName: 'A', VariableValue: '' } },
      { name: 'A' },
    ],
    [
      'from its action',
      { type, action: 'tsenv.exe "A=b=c" /hiddenflag:False' },
      { name: 'A', value: 'b=c' },
    ],
    [
      'from an action without a flag',
      { type, action: 'tsenv.exe "A=%B%"' },
      { name: 'A', value: '%B%' },
    ],
    [
      'what is a switch by its value',
      { type, properties: { VariableName: 'OSDRandomAdminPassword', VariableValue: 'True' } },
      { name: 'OSDRandomAdminPassword', value: 'True' },
    ],
  ])('%s', (_name, given, expected) => {
    expect(params(given)).toEqual(expected);
  });

  it.each<[GivenStep['properties'], string]>([
    [
      { VariableName: 'Key', VariableValue: '', DoNotShowVariableValue: 'true' },
      'The value of Key is not in',
    ],
    [
      { VariableName: 'Key', VariableValue: 'x', DoNotShowVariableValue: 'True' },
      'The value of Key stands in',
    ],
    [
      { VariableName: 'OSDJoinPassword', VariableValue: 'x' },
      'The value of OSDJoinPassword stands in',
    ],
    [{ VariableName: 'AdminPassword', VariableValue: 'x' }, 'The value of AdminPassword stands in'],
  ])('%j is a secret', (properties = {}, need) => {
    const { params, needs } = mapGiven({ type, properties });
    expect(params).toEqual({
      name: properties['VariableName'],
      value: '%ImportedSecret1%',
      secret: true,
    });
    expect(needs).toEqual([expect.stringContaining(`secret: ${need}`)]);
  });
});

describe('M24 Set Dynamic Variables', () => {
  const type = 'SetDynamicVariables';
  const rules = (xml: string) => ({ 'OSDSetDynamicVariablesRules <- Rules': xml });

  it('takes its rules', () => {
    const xml =
      '<Rules><Rule><Variables><Variable Name="A" IsSecret="true"></Variable></Variables></Rule></Rules>\n';
    const { params, needs } = mapGiven({ type, properties: rules(xml) });
    expect(params).toEqual({
      rules: [{ variables: [{ name: 'A', value: '%ImportedSecret1%', secret: true }] }],
    });
    expect(needs).toEqual(['secret: The value of A is not in the file']);
    expect(params).not.toBe(mapGiven({ type }).params);
    expect(mapGiven({ type }).params).toEqual({});
  });

  it('that cannot be read is kept, and not run', () => {
    const { how, reason } = mapGiven({ type, properties: rules('<Rules>') });
    expect(how).toBe('unsupported');
    expect(reason).toContain('Its rules cannot be read: ');
  });
});

describe('M24 Run Task Sequence', () => {
  const type = 'SubTasksequence';

  it.each<[GivenStep, string, string]>([
    [{ type, properties: { TsPackageID: 'ABC00013', TsName: 'Child' } }, 'Child', 'ABC00013'],
    [
      { type, properties: { TsPackageID: 'ABC00013', TsName: 'ABC00013, Child' } },
      'Child',
      'ABC00013',
    ],
    [
      { type, properties: { TsPackageID: 'ABC00013', TsName: 'Old' }, names: { ABC00013: 'New' } },
      'New',
      'ABC00013',
    ],
    [{ type, properties: { TsPackageID: 'ABC00013' } }, 'ABC00013', 'ABC00013'],
    [
      {
        type,
        format: 'mdt',
        properties: { SubTaskSequenceGUID: '{g}', SubTaskSequenceID: 'AJ001' },
      },
      'AJ001',
      '{g}',
    ],
    [
      {
        type,
        format: 'mdt',
        properties: { SubTaskSequenceGUID: '{g}', SubTaskSequenceID: 'AJ001' },
        names: { AJ001: 'Deploy' },
      },
      'Deploy',
      'AJ001',
    ],
  ])('%j', (given, name, sourceId) => {
    const { params, references, needs } = mapGiven(given);
    expect(params).toEqual({ sequence: { name } });
    expect(references).toMatchObject([{ kind: 'sequence', sourceId }]);
    expect(needs).toEqual([]);
  });

  it('without a child is told', () => {
    const { params, needs } = mapGiven({ type, properties: { TsPackageID: '' } });
    expect(params).toEqual({ sequence: { name: '(none chosen)' } });
    expect(needs).toEqual(['reference: The task sequence to run is not chosen in the file']);
  });
});

describe('M24 Restart Computer', () => {
  const type = 'Reboot';

  it.each<[GivenStep, object]>([
    [
      {
        type,
        action: 'smsboot.exe /target:HD',
        properties: {
          'SMSRebootMessage <- Message': 'Restarting',
          'SMSRebootTimeout <- MessageTimeout': '60',
          'SMSRebootTarget <- Target': 'HD',
        },
      },
      { target: 'hd', message: 'Restarting', delaySeconds: 60 },
    ],
    [
      {
        type,
        format: 'mdt',
        action: 'smsboot.exe /target:WinPE',
        properties: { Target: '', MessageTimeout: '60' },
      },
      { target: 'hd', delaySeconds: 60 },
    ],
    [{ type, action: 'smsboot.exe /target:WinPE' }, { target: 'pe' }],
    [
      { type, properties: { SMSRebootTarget: 'winpe', SMSRebootTimeout: '%T%' } },
      { target: 'pe', delaySeconds: '%T%' },
    ],
  ])('%j', (given, expected) => {
    expect(params(given)).toEqual(expected);
  });

  it('shows its message no longer than it can, and tells of it', () => {
    const { params, needs } = mapGiven({
      type,
      properties: { Target: 'HD', MessageTimeout: '7200', Message: 'x'.repeat(600) },
    });
    expect(params).toEqual({ target: 'hd', delaySeconds: 3600 });
    expect(needs).toEqual([
      expect.stringContaining('shown for 7200 seconds'),
      expect.stringContaining('Not taken over: message xxx'),
    ]);
  });
});

describe('M24 Check Readiness', () => {
  const type = 'PrestartCheck';

  it('makes the checks that are on, and forgets what the others would ask', () => {
    expect(
      params({
        type,
        properties: {
          'OSDCheckMemory <- CheckMemory': 'true',
          'OSDMemory <- Memory': '2048',
          'OSDCheckProcessorSpeed <- CheckProcessorSpeed': 'false',
          'OSDProcessorSpeed <- ProcessorSpeed': '1024',
          'OSDCheckFreeDiskSpace <- CheckFreeDiskSpace': 'true',
          'OSDFreeDiskSpace <- FreeDiskSpace': '%Room%',
          'OSDCheckOSType <- CheckOSType': 'true',
          'OSDOSType <- OSType': 'CLIENT',
          'OSDCheckOSArchitecture <- CheckOSArchitecture': 'true',
          'OSDOSArchitecture <- OSArchitecture': '64',
          'OSDCheckMinOSVersion <- CheckMinOSVersion': 'true',
          'OSDMinOSVersion <- MinOSVersion': '10.0.19045',
          'OSDCheckMaxOsVersion <- CheckMaxOSVersion': 'false',
          'OSDMaxOSVersion <- MaxOSVersion': '. .',
          'OSDCheckOSLanguageID <- CheckOSLanguageID': 'true',
          'OSDOSLanguageID <- OSLanguageID': '1033',
          'OSDCheckPowerState <- CheckPowerState': 'true',
          'OSDCheckDeviceTpmEnabled <- CheckTpmEnabled': 'true',
          'OSDCheckDeviceUEFI <- CheckDeviceUEFI': 'false',
        },
      }),
    ).toEqual({
      memoryMb: 2048,
      freeDiskMb: '%Room%',
      osType: 'client',
      osArchitecture: '64-bit',
      osMinimumVersion: '10.0.19045',
      osLanguage: 1033,
      acPower: true,
      tpmEnabled: true,
    });
  });

  it('takes one whose switch is not clear for on, and tells of it', () => {
    const { params, needs } = mapGiven({
      type,
      properties: { CheckMemory: '%Check%', Memory: '512', CheckDeviceUEFI: '%Check%' },
    });
    expect(params).toEqual({ memoryMb: 512, uefi: '%Check%' });
    expect(needs).toEqual(['setting: Whether Memory is checked is not clear: %Check%; it is']);
  });

  it('tells of one that is on and asks nothing', () => {
    const { params, needs } = mapGiven({
      type,
      properties: {
        CheckMinOSVersion: 'true',
        MinOSVersion: ' . .',
        CheckMemory: 'true',
        Memory: '0',
      },
    });
    expect(params).toEqual({});
    expect(needs).toEqual([
      expect.stringContaining('CheckMemory is on'),
      expect.stringContaining('CheckMinOSVersion is on'),
    ]);
  });
});

describe('M24 Connect To Network Folder', () => {
  const type = 'ConnectNetworkFolder';

  it('takes path, drive and account', () => {
    const { params, needs } = mapGiven({
      type,
      action: 'smsnetuse.exe %SMSConnectNetworkFolderPath%',
      properties: {
        'SMSConnectNetworkFolderPath <- Path': '\\\\srv\\share',
        'SMSConnectNetworkFolderDriveLetter <- DriveLetter': 'X:',
        'SMSConnectNetworkFolderAccount <- Username': '%user%',
        'SMSConnectNetworkFolderPassword <- Password': '',
      },
    });
    expect(params).toEqual({
      path: '\\\\srv\\share',
      account: { user: '%user%', password: '%ImportedSecret1%' },
    });
    expect(needs).toEqual([
      expect.stringContaining('secret: The password of the account that connects'),
      expect.stringContaining('setting: Not taken over: driveLetter X:'),
    ]);
  });
});

describe('M24 Join Domain or Workgroup', () => {
  const type = 'JoinDomainWorkgroup';

  it.each<[GivenStep['properties'], object, number]>([
    [
      {
        'OSDJoinType <- Type': '0',
        'OSDJoinDomainName <- DomainName': 'corp.example',
        'OSDJoinDomainOUName <- DomainOUName': 'LDAP://OU=a,DC=corp',
        'OSDJoinAccount <- DomainUsername': 'CORP\\j',
        'OSDJoinPassword <- DomainPassword': '',
        'OSDJoinSkipReboot <- SkipReboot': 'true',
      },
      {
        join: 'domain',
        domain: 'corp.example',
        ou: 'LDAP://OU=a,DC=corp',
        account: { user: 'CORP\\j', password: '%ImportedSecret1%' },
        skipReboot: true,
      },
      1,
    ],
    [
      { Type: '0' },
      {
        join: 'domain',
        domain: '%OSDJoinDomainName%',
        account: { user: '%OSDJoinAccount%', password: '%ImportedSecret1%' },
      },
      3,
    ],
    [
      { Type: '1', WorkgroupName: 'LAB', SkipReboot: 'false' },
      { join: 'workgroup', workgroup: 'LAB' },
      0,
    ],
    [
      { Type: '1', WorkgroupName: '' },
      { join: 'workgroup', workgroup: '%OSDJoinWorkgroupName%' },
      1,
    ],
  ])('%j', (properties = {}, expected, needs) => {
    const mapped = mapGiven({ type, properties });
    expect(mapped.params).toEqual(expected);
    expect(mapped.needs).toHaveLength(needs);
    expect(mapped.unread).toEqual([]);
  });
});

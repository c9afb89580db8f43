import { describe, expect, it } from 'vitest';
import { setDynamicVariables } from '#agent/steps/set-dynamic-variables.ts';
import { mapMdtGiven, runs } from './testing/map-mdt-given.ts';
import { runRules } from './testing/run-rules.ts';

const usual = {
  RunAsUser: 'false',
  SMSTSRunCommandLineUserName: '',
  SMSTSRunCommandLineUserPassword: '',
  LoadProfile: 'false',
};

describe('M24 a script step of MDT', () => {
  it.each([
    ['ZTINextPhase.wsf"', 'equivalent', ['set-dynamic-variables']],
    ['ztinextphase.WSF"', 'equivalent', ['set-dynamic-variables']],
    ['PSDNextPhase.ps1"', 'equivalent', ['set-dynamic-variables']],
    ['ZTIValidate.wsf"', 'typed', ['check-readiness']],
    ['LTIApply.wsf" /PE', 'built-in', ['run-command']],
    ['LTIApply.wsf" /PE /BCD', 'built-in', ['run-command']],
    ['LTIApply.wsf" /post', 'built-in', ['run-command']],
    ['LTICopyScripts.wsf"', 'built-in', ['run-command']],
    ['LTICleanup.wsf"', 'built-in', ['run-command']],
    ['ZTICopyLogs.wsf"', 'built-in', ['run-command']],
    ['ZTIMoveStateStore.wsf"', 'built-in', ['run-command']],
    ['LTIOEM.wsf"', 'unsupported', ['run-command']],
    ['ZTIVHDCreate.wsf"', 'unsupported', ['run-command']],
    ['ZTIExecuteRunbook.wsf"', 'unsupported', ['run-command']],
    ['LTISysprep.wsf"', 'equivalent', ['prepare-windows']],
    ['ZTIBackup.wsf"', 'equivalent', ['set-dynamic-variables', 'capture-image', 'capture-image']],
    ['ZTIBDE.wsf"', 'equivalent', ['pre-provision-bitlocker', 'enable-bitlocker']],
    ['ZTIDisableBDEProtectors.wsf"', 'typed', ['disable-bitlocker']],
    ['ZTIDrivers.wsf"', 'typed', ['auto-apply-drivers']],
    ['ZTIWindowsUpdate.wsf"', 'typed', ['install-updates']],
    ['PSDWindowsUpdate.ps1"', 'typed', ['install-updates']],
    ['ZTINICConfig.wsf"', 'typed', ['capture-network-settings']],
    ['ZTIPatches.wsf"', 'equivalent', ['run-command']],
    ['ZTILangPacksOnline.wsf"', 'equivalent', ['run-command']],
    ['ZTIWinRE.wsf"', 'equivalent', ['run-command']],
    ['ZTIOptIn.wsf" /CEIP:YES /WER:YES', 'equivalent', ['run-command', 'run-command']],
    ['ZTIOptIn.wsf"', 'built-in', ['run-command']],
    ['ZTIGroups.wsf" /capture', 'equivalent', ['run-powershell']],
    ['ZTIGroups.wsf" /restore', 'equivalent', ['run-powershell']],
    ['ZTITatoo.wsf"', 'equivalent', ['run-powershell']],
    ['PSDTattoo.ps1"', 'equivalent', ['run-powershell']],
    ['ZTIApplyGPOPack.wsf"', 'equivalent', ['run-powershell']],
    ['ZTIBIOSCheck.wsf"', 'equivalent', ['run-powershell']],
    ['ZTIAppXmlGen.wsf" /capture', 'equivalent', ['run-powershell']],
    ['ZTIOSRole.wsf"', 'equivalent', ['run-powershell']],
    ['ZTIConfigureADDS.wsf"', 'equivalent', ['run-powershell']],
    ['ZTIConfigureDHCP.wsf"', 'equivalent', ['run-powershell']],
    ['ZTIConfigureDNS.wsf"', 'equivalent', ['run-powershell']],
    ['ZTIAuthorizeDHCP.wsf"', 'equivalent', ['run-command']],
    [
      'ZTICoalesce.wsf" /CoalescePattern:App* /CoalesceDigits:2 /CoalesceTarget:Apps',
      'equivalent',
      ['run-powershell'],
    ],
    ['LTISuspend.wsf"', 'equivalent', ['run-powershell']],
    [
      'ZTIConnect.wsf" /uncpath:\\\\srv\\share',
      'equivalent',
      ['set-dynamic-variables', 'connect-network-folder', 'connect-network-folder'],
    ],
    ['ZTIConnect.wsf"', 'unsupported', ['run-command']],
    ['ZTIUserState.wsf" /estimate', 'built-in', ['run-command']],
    [
      'ZTIUserState.wsf" /restore',
      'equivalent',
      ['request-state-store', 'restore-user-state', 'release-state-store'],
    ],
    ['LTIUpgrade.wsf"', 'typed', ['upgrade-os']],
    ['ZTIWipeDisk.wsf"', 'equivalent', ['run-command']],
    ['PSDApplyWinPE.ps1"', 'built-in', ['run-command']],
    ['PSDGroups.ps1" /capture', 'equivalent', ['run-powershell']],
    ['PSDNicConfig.ps1"', 'typed', ['capture-network-settings']],
    ['PSDDisableBDEProtectors.PS1"', 'typed', ['disable-bitlocker']],
    ['PSDRoleUnInstall.ps1"', 'equivalent', ['run-powershell']],
    [
      'PSDUserState.ps1" Restore',
      'equivalent',
      ['request-state-store', 'restore-user-state', 'release-state-store'],
    ],
    ['Custom\\Own.wsf" /x', 'command-line', ['run-command']],
    ['Custom\\ZTIDrivers.wsf"', 'command-line', ['run-command']],
    ['constructor.wsf"', 'command-line', ['run-command']],
  ])('%s is %s', (script, how, types) => {
    const mapped = mapMdtGiven({ action: runs(script), properties: usual });
    expect(mapped).toMatchObject({ how, types, unread: [] });
    if (how !== 'typed') expect(mapped?.reason).toMatch(/^[^]{10,200}[^.]$/);
  });

  it('is the same as a Run Command Line step, and in a package of Configuration Manager', () => {
    const type = 'SMS_TaskSequence_RunCommandLineAction';
    expect(mapMdtGiven({ type, action: runs('ZTIWinRE.wsf"') })?.how).toBe('equivalent');
    expect(
      mapMdtGiven({
        type,
        action: 'smsswd.exe /run:ABC00012 cscript.exe ZTIGather.wsf',
        properties: {
          CommandLine: 'cscript.exe //nologo .\\Scripts\\ZTIGather.wsf',
          SuccessCodes: '0 3010',
        },
      })?.types[0],
    ).toBe('set-dynamic-variables');
    expect(mapMdtGiven({ type, action: runs('Own.wsf"') })).toBe(undefined);
    expect(
      mapMdtGiven({
        type: 'SMS_TaskSequence_SetVariableAction',
        action: runs('ZTISetVariable.wsf"'),
      }),
    ).toBe(undefined);
  });

  it.each([
    ['the console of somebody', '"C:\\Tools\\Host.exe" "C:\\Tools\\Ask.ps1"', 'command-line'],
    ['no script', 'cmd.exe /c ver', 'typed'],
    ['a changed script', runs('Custom\\ZTIApplications.wsf"'), 'command-line'],
  ])('of a class runs %s where its command line says so', (_what, action, how) => {
    const mapped = mapMdtGiven({ type: 'BDD_InstallApplication', action });
    expect(mapped).toMatchObject({ how, types: ['run-command'], params: { commandLine: action } });
  });

  it('upgrades to the operating system of its class, or of the whole sequence', () => {
    const properties = { OSGUID: '{11111111-2222-3333-4444-555555555555}' };
    expect(
      mapMdtGiven({ type: 'BDD_UpgradeOS', action: runs('LTIUpgrade.wsf"'), properties }),
    ).toMatchObject({ params: { package: { name: properties.OSGUID } }, unread: [] });
    expect(mapMdtGiven({ type: 'BDD_UpgradeOS', action: runs('LTIUpgrade.wsf"') })?.needs).toEqual([
      'reference: The operating system to upgrade to is not chosen in the file',
    ]);
  });

  it('goes by the success codes that MDT reads', () => {
    const mapped = mapMdtGiven({
      action: 'cmd.exe /c ver',
      attributes: { successCodeList: '0 1', successCodes: '0 2' },
    });
    expect(mapped).toMatchObject({
      params: { successCodes: [0, 1] },
      needs: ['setting: Its success codes stand in it twice: 0 1 counts, not 0 2'],
      unread: [],
    });
  });

  it('takes features away with their files where it says so', () => {
    const of = (CompletelyRemove: string) =>
      mapMdtGiven({
        type: 'BDD_UninstallRoles',
        action: runs('ZTIOSRole.wsf" /uninstall'),
        properties: { UninstallOSFeatures: 'SMB1Protocol', CompletelyRemove },
      });
    expect(of('true')?.params?.['script']).toContain('Remove = $true');
    expect(of('false')?.params?.['script']).not.toContain('Remove');
  });

  it('asks for the PIN of BitLocker, wherever it comes from', () => {
    const type = 'SMS_TaskSequence_EnableBitLockerAction';
    const of = (pin: Readonly<Record<string, string>>) =>
      mapMdtGiven({
        type,
        action: runs('ZTIBde.wsf"'),
        properties: { BdeInstall: 'TPMPin', ...pin },
      });
    expect(of({})).toMatchObject({
      params: { pin: '%BdePin%' },
      needs: [
        'secret: The PIN of BitLocker is in the variable BdePin, which rules or the wizard set',
      ],
    });
    expect(of({ BdePin: '13572468' })).toMatchObject({
      params: { pin: '%ImportedSecret1%' },
      needs: [
        'secret: The PIN of BitLocker stands in the file in plain text; it was not taken over',
      ],
    });
  });

  it('keeps account, exit codes, folder and time-out of a program', () => {
    const mapped = mapMdtGiven({
      action: '%TOOLROOT%\\bddrun.exe /runas cscript.exe "%SCRIPTROOT%\\Own.wsf"',
      attributes: { successCodeList: '0 5', startIn: 'C:\\Lab', timeout: '90' },
      properties: {
        RunAsUser: 'true',
        SMSTSRunCommandLineUserName: 'LAB\\svc',
        SMSTSRunCommandLineUserPassword: 'hidden',
        LoadProfile: 'true',
      },
    });
    expect(mapped?.params).toEqual({
      commandLine: 'cscript.exe "%SCRIPTROOT%\\Own.wsf"',
      successCodes: [0, 5],
      workingDirectory: 'C:\\Lab',
      timeoutMinutes: 2,
      runAs: { user: 'LAB\\svc', password: '%ImportedSecret1%' },
    });
    expect(mapped?.needs).toEqual([
      'secret: The password of LAB\\svc stands in the file in plain text; it was not taken over',
    ]);
    expect(mapped?.unread).toEqual([]);
  });

  it.each([
    ['VALIDATION', 'STATECAPTURE'],
    ['STATECAPTURE', 'PREINSTALL'],
    ['PREINSTALL', 'INSTALL'],
    ['INSTALL', 'POSTINSTALL'],
    ['POSTINSTALL', 'STATERESTORE'],
    ['STATERESTORE', undefined],
    ['Elsewhere', 'Elsewhere'],
  ])('moves on from the phase %s to %s, and no further', (from, to) => {
    const { rules } = setDynamicVariables.params.parse(
      mapMdtGiven({ action: runs('ZTINextPhase.wsf"') })?.params,
    );
    const variables = { PHASE: from, DeploymentType: 'NEWCOMPUTER' };
    expect(runRules(rules, variables).get('PHASE')).toBe(to);
  });
});

describe('M24 a class of MDT', () => {
  const own = (name: string, properties: Readonly<Record<string, string>> = {}, more = {}) =>
    mapMdtGiven({ type: `BDD_${name}`, properties, ...more });

  it('Gather is Set Dynamic Variables, and tells of rules that are not here', () => {
    const local = own('Gather', { GatherLocalOnly: 'true', RulesFile: '' });
    expect(local).toMatchObject({ how: 'equivalent', needs: [], unread: [] });
    expect(JSON.stringify(local?.params)).toContain(
      '"name":"SerialNumber","value":"%_SMSTSSerialNumber%"',
    );
    expect(
      own('Gather', { GatherLocalOnly: 'false', RulesFile: 'CustomSettings.ini' })?.needs,
    ).toEqual(['reference: It processes the rules of CustomSettings.ini, which are not here']);
  });

  it('Validate is Check Readiness, with the slack that MDT gives', () => {
    const mapped = own('Validate', {
      ImageSize: '0',
      ImageProcessorSpeed: '800',
      ImageMemory: '768',
      VerifyOS: 'CLIENT',
    });
    expect(mapped?.actions.map(({ params }) => params)).toEqual([
      { memoryMb: 704, processorMhz: 790 },
      { osType: 'client' },
    ]);
    expect(mapped?.actions[1]?.condition).toMatchObject({ variable: 'DeploymentType' });
    expect(own('Validate', { ImageMemory: '0' })?.params).toEqual({});
  });

  it('InstallOS is Apply Operating System Image', () => {
    const apply = (properties: Readonly<Record<string, string>>, globals = {}) =>
      own(
        'InstallOS',
        { OSGUID: '{ABC}', ...properties },
        { names: { '{abc}': 'Lab 10' }, globals },
      );
    expect(apply({ DestinationOSInstallType: 'NextPartition' })?.params).toEqual({
      image: { name: 'Lab 10' },
      destination: 'next-available',
    });
    expect(
      apply({ DestinationOSInstallType: 'ByVariable', DestinationOSVariable: 'OSDisk' })?.params,
    ).toMatchObject({ destination: { variable: 'OSDisk' } });
    expect(
      apply({
        DestinationOSInstallType: 'ByDiskPartition',
        DestinationDisk: '1',
        DestinationPartition: '2',
      })?.params,
    ).toMatchObject({ destination: { disk: 1, partition: 2 } });
    expect(
      apply({ DestinationOSInstallType: 'ByDriveLetter', DestinationOSDriveLetter: 'g' })?.params,
    ).toMatchObject({ destination: { drive: 'G:' } });
    expect(
      apply({}, { DestinationOSInstallType: 'ByVariable', DestinationOSVariable: 'Windows' })
        ?.params,
    ).toMatchObject({ destination: { variable: 'Windows' } });
    expect(own('InstallOS', { OSGUID: '' })?.needs).toEqual([
      'reference: The operating system is not chosen in the file',
    ]);
  });

  it('InstallApplication is one application, or the lists of the rules', () => {
    expect(
      own(
        'InstallApplication',
        { ApplicationGUID: '{A}', ApplicationSuccessCodes: '0 3010' },
        { names: { '{a}': 'Reader' } },
      ),
    ).toMatchObject({
      how: 'typed',
      params: { applications: [{ name: 'Reader' }] },
      needs: [],
    });
    expect(own('InstallApplication', { ApplicationGUID: '' })?.types).toEqual([
      'set-dynamic-variables',
      'install-application',
      'install-application',
    ]);
  });

  it('InjectDrivers takes the profile and the mode', () => {
    const inject = (profile: string, mode: string) =>
      own('InjectDrivers', { DriverSelectionProfile: profile, DriverInjectionMode: mode });
    expect(inject('All Drivers', 'AUTO')).toMatchObject({
      types: ['auto-apply-drivers'],
      params: {},
    });
    expect(inject('Lab', 'AUTO')).toMatchObject({ params: { categories: ['Lab'] } });
    expect(inject('Lab', 'ALL')).toMatchObject({
      types: ['apply-driver-package'],
      params: { package: { name: 'Lab' } },
    });
    expect(inject('Nothing', 'ALL')).toMatchObject({
      params: { categories: ['%DriverGroup001%'] },
    });
  });

  it('InstallRoles runs a script with the lists', () => {
    expect(
      own('InstallRoles', {
        OSRoleIndex: '13',
        OSRoles: 'DNS',
        OSRoleServices: 'A, B',
        OSFeatures: '',
      })?.params,
    ).toMatchObject({ parameters: "-Names 'DNS,A,B'" });
    expect(own('UninstallRoles', { UninstallOSRoles: 'DNS' })?.params['script']).toContain(
      'Uninstall-WindowsFeature',
    );
  });

  it('RunPowerShellAction runs a script of the share, or at a path', () => {
    const run = (ScriptName: string) =>
      own('RunPowerShellAction', { ScriptName, Parameters: '-A 1', PackageID: '\n ' });
    expect(run('%SCRIPTROOT%\\Lab\\x.ps1')).toMatchObject({
      how: 'typed',
      params: {
        package: { name: 'Deployment share: Scripts' },
        scriptName: 'Lab\\x.ps1',
        parameters: '-A 1',
      },
      needs: ['reference: It uses files of the deployment share, which must become packages'],
    });
    expect(run('%deployroot%\\Applications\\A\\x.ps1')?.params).toMatchObject({
      package: { name: 'Deployment share: Applications' },
      scriptName: 'A\\x.ps1',
    });
    expect(run('x.ps1')?.params).toMatchObject({ scriptName: 'x.ps1' });
    expect(run('C:\\Lab\\x.ps1')?.params).toEqual({
      commandLine: 'powershell.exe -NoProfile -ExecutionPolicy Bypass -File "C:\\Lab\\x.ps1" -A 1',
    });
  });

  it('RecoverDomainJoin, UsePackage and others are known', () => {
    expect(own('RecoverDomainJoin', { DomainErrorRecovery: 'Auto' })?.types).toEqual([
      'set-dynamic-variables',
      'join-domain',
    ]);
    expect(own('RecoverDomainJoin', { DomainErrorRecovery: 'Manual' })?.needs.length).toBe(1);
    expect(own('UsePackage', { BDDPackageID: 'ABC00012' })).toMatchObject({
      how: 'built-in',
      unread: [],
    });
    expect(own('ConfigureDHCP', { DHCPScopes: '1', DHCPScopes0IP: '10.0.0.0' })?.types).toEqual([
      'set-dynamic-variables',
      'run-powershell',
    ]);
    expect(own('ConfigureADDS', { SafeModeAdminPassword: 'hidden' })?.needs.length).toBe(1);
    expect(own('Unheard')).toBe(undefined);
  });

  it('Enable BitLocker takes the keys of MDT', () => {
    const enable = (properties: Readonly<Record<string, string>>) =>
      mapMdtGiven({
        type: 'SMS_TaskSequence_EnableBitLockerAction',
        action: runs('ZTIBde.wsf"'),
        properties,
      });
    expect(
      enable({
        BdeInstall: 'TPM',
        BdeRecoveryPassword: 'AD',
        WaitForEncryption: 'false',
        BdeTargetDriveLetter: '',
        BdeKeyLocation: '',
      }),
    ).toMatchObject({
      how: 'typed',
      params: { keyManagement: 'tpm', recoveryKey: 'active-directory', waitForEncryption: false },
      unread: [],
    });
    expect(enable({ BdeInstall: 'TPMPin' })?.params).toMatchObject({
      keyManagement: 'tpm-and-pin',
      pin: '%BdePin%',
    });
    expect(enable({ BdeInstall: 'TPMKey', BdeKeyLocation: 'e:' })?.params).toMatchObject({
      keyManagement: 'tpm-and-key',
      startupKeyDrive: 'E:',
    });
    expect(enable({ BdeInstall: 'KEY', BdeTargetDriveLetter: 'D:\\' })?.params).toMatchObject({
      keyManagement: 'key',
      drive: 'D:',
    });
  });

  it('a step that runs another sequence is Run Task Sequence', () => {
    const mapped = mapMdtGiven({
      type: 'SMS_TaskSequence_SubTasksequence',
      action: 'cmd.exe /c exit 9999',
      properties: { SubTaskSequenceGUID: '{A}', SubTaskSequenceID: 'LAB' },
      names: { '{a}': 'Lab' },
    });
    expect(mapped).toMatchObject({
      types: ['run-sequence'],
      params: { sequence: { name: 'Lab' } },
    });
  });
});

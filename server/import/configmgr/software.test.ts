import { describe, expect, it } from 'vitest';
import { type GivenStep, mapGiven } from '../testing/map-source.ts';

const ID = 'ScopeId_0000/Application_1111';

describe('M24 Install Package', () => {
  const type = 'InstallSoftware';

  it.each<[GivenStep, object]>([
    [
      {
        type,
        action: 'smsswd.exe /pkg:ABC00012 /install /basevar: /continueOnError:',
        properties: { PackageID: 'ABC00012', '_SMSSWDProgramName <- ProgramName': 'Silent' },
        names: { ABC00012: 'Office' },
      },
      { package: { name: 'Office' }, program: 'Silent' },
    ],
    [
      {
        type,
        action: 'smsswd.exe /pkg: /install /basevar:PKG /continueOnError:True',
        properties: { BaseVariableName: 'PKG', ContinueOnInstallError: 'true' },
      },
      { baseVariable: 'PKG', continueOnInstallError: true },
    ],
    [
      { type, action: 'smsswd.exe /pkg: /install /basevar:PKG /continueOnError:True' },
      { baseVariable: 'PKG', continueOnInstallError: true },
    ],
  ])('%j', (given, expected) => {
    expect(mapGiven(given)).toMatchObject({ params: expected, needs: [], unread: [] });
    expect(mapGiven(given).params).toEqual(expected);
  });

  it('asks for what is not chosen', () => {
    const { params, needs } = mapGiven({ type, properties: { PackageID: '00000000' } });
    expect(params).toEqual({
      package: { name: '(none chosen)' },
      program: '(none chosen)',
    });
    expect(needs.every((need) => need.startsWith('reference: '))).toBe(true);
    const both = mapGiven({
      type,
      properties: { PackageID: 'ABC00012', ProgramName: 'x', BaseVariableName: 'PKG' },
    });
    expect(both.params).toEqual({ package: { name: 'ABC00012' }, program: 'x' });
    expect(both.needs).toEqual([expect.stringContaining('only the package was taken over')]);
  });
});

describe('M24 Install Application', () => {
  const type = 'InstallApplication';

  it('takes applications by name in their order, and the retries', () => {
    const { actions, references, needs, unread } = mapGiven({
      type,
      action: `smsappinstall.exe /app:${ID},${ID}2 /basevar: /continueOnError:False`,
      attributes: { retryCount: '2', successCodeList: '0' },
      properties: {
        ApplicationName: `${ID}2, ${ID}`,
        'OSDAppCount <- NumApps': '2',
        'OSDApp <- AppInfo': '2',
        'OSDApp0Name <- AppInfo0Name': `${ID}2`,
        'OSDApp0DisplayName <- AppInfo0DisplayName': 'Reader',
        'OSDApp0Description <- AppInfo0Description': 'Valid',
        'OSDAppClearCache <- ClearCache': 'true',
        ContinueOnInstallError: 'false',
        RetryCount: '2',
        BaseVariableName: '',
      },
      names: { [ID]: 'Mail', [`${ID}2`]: 'Reader' },
    });
    expect(actions).toEqual([
      {
        type: 'install-application',
        params: { applications: [{ name: 'Reader' }, { name: 'Mail' }], clearCache: true },
        retryIfInterrupted: 2,
      },
    ]);
    expect(references.map(({ sourceId }) => sourceId)).toEqual([`${ID}2`, ID]);
    expect([needs, unread]).toEqual([[], ['successCodeList']]);
  });

  it('makes two steps of a list and a base variable', () => {
    const { actions } = mapGiven({
      type,
      properties: { ApplicationName: ID, BaseVariableName: 'Apps' },
    });
    expect(actions.map(({ params }) => params)).toEqual([
      { applications: [{ name: ID }] },
      { baseVariable: 'Apps' },
    ]);
  });

  it.each([
    ['0', false, 0],
    ['5', 5, 0],
    ['9', 5, 1],
  ])('with RetryCount %s', (RetryCount, retryIfInterrupted, told) => {
    const { actions, needs } = mapGiven({
      type,
      properties: { BaseVariableName: 'Apps', RetryCount },
    });
    expect(actions[0].retryIfInterrupted).toBe(retryIfInterrupted);
    expect(needs).toHaveLength(told);
  });

  it('asks for an application where there is none', () => {
    const { params, needs } = mapGiven({
      type,
      action: 'smsappinstall.exe /app: /basevar: /continueOnError:False',
      properties: { NumApps: '0', ContinueOnInstallError: 'false' },
    });
    expect(params).toEqual({ applications: [{ name: '(none chosen)' }] });
    expect(needs).toEqual(['reference: The application to install is not chosen in the file']);
  });
});

describe('M24 Install Software Updates', () => {
  it.each<[Record<string, string>, object]>([
    [{ 'SMSInstallUpdateTarget <- Target': 'All', RetryCount: '2' }, { target: 'all' }],
    [
      { Target: 'Mandatory', 'SMSTSSoftwareUpdateScanUseCache <- UseCache': 'false' },
      { useCachedScan: false },
    ],
    [{ Target: '%Which%' }, { target: '%Which%' }],
  ])('%j', (properties, expected) => {
    const { params, needs, unread } = mapGiven({ type: 'InstallUpdate', properties });
    expect([params, needs, unread]).toEqual([expected, [], []]);
  });
});

describe('M24 Download Package Content', () => {
  const type = 'DownloadPackageContent';

  it('takes each package by its kind, in the order of the list', () => {
    const { params, references, unread } = mapGiven({
      type,
      properties: {
        'OSDDownloadDownloadPackages <- DownloadPackages': 'ABC00002,ABC00001,ABC00003',
        'OSDDownloadDestinationLocationType <- DestinationLocationType': 'Custom',
        'OSDDownloadDestinationPath <- DestinationCustomPath': '%_SMSTSMDataPath%\\Drivers',
        'OSDDownloadDestinationVariable <- DestinationVariable': 'DRIVERS',
        'OSDDownloadContinueDownloadOnError <- ContinueDownloadOnError': 'false',
        'OSDPackageCount <- NumPackages': '2',
        'OSDPackage <- PackageInfo': '2',
        'OSDPackage0Name <- PackageInfo0Name': 'Tools',
        'OSDPackage0PackageId <- PackageInfo0PackageId': 'ABC00001',
        'OSDPackage0PkgType <- PackageInfo0PkgType': '0',
        'OSDPackage0Size <- PackageInfo0Size': '5',
        'OSDPackage1Name <- PackageInfo1Name': 'WinPE',
        'OSDPackage1PackageId <- PackageInfo1PackageId': 'ABC00002',
        'OSDPackage1PkgType <- PackageInfo1PkgType': '258',
      },
      names: { ABC00001: 'Tools of the site' },
    });
    expect(params).toEqual({
      packages: [
        { bootImage: { name: 'WinPE' } },
        { package: { name: 'Tools of the site' } },
        { package: { name: 'ABC00003' } },
      ],
      location: 'custom',
      path: '%_SMSTSMDataPath%\\Drivers',
      baseVariable: 'DRIVERS',
      continueOnDownloadError: false,
    });
    expect(references).toMatchObject([
      { sourceId: 'ABC00002', kind: 'boot-image', isNamed: true },
      { sourceId: 'ABC00001', kind: 'package', isNamed: true },
      { sourceId: 'ABC00003', kind: 'package', isNamed: false },
    ]);
    expect(unread).toEqual([]);
  });

  it.each<[Record<string, string>, object, string[]]>([
    [{ DestinationLocationType: 'TSCache' }, {}, []],
    [{ DestinationLocationType: 'CCMCache' }, { location: 'client-cache' }, []],
    [{ DestinationLocationType: 'Custom' }, {}, ['custom path']],
    [{ DestinationLocationType: 'Elsewhere' }, {}, ['Not taken over: location Elsewhere']],
    [{ DestinationVariable: '_X' }, {}, ['Not taken over: baseVariable _X']],
  ])('%j', (properties, expected, needs) => {
    const mapped = mapGiven({ type, properties: { DownloadPackages: 'ABC00001', ...properties } });
    expect(mapped.params).toEqual({ packages: [{ package: { name: 'ABC00001' } }], ...expected });
    expect(mapped.needs).toEqual(needs.map((need) => expect.stringContaining(need)));
  });

  it('asks for packages where there are none', () => {
    const { params, needs } = mapGiven({ type });
    expect(params).toEqual({ packages: [{ package: { name: '(none chosen)' } }] });
    expect(needs).toHaveLength(1);
  });
});

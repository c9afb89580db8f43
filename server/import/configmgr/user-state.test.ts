import { describe, expect, it } from 'vitest';
import { mapGiven } from '../testing/map-source.ts';

type Properties = Readonly<Record<string, string>>;
const map =
  (type: string) =>
  (properties: Properties, action = '') =>
    mapGiven({ type, properties, action, names: { CHQ00001: 'USMT' } });
const request = map('RequestStateStore');
const capture = map('CaptureUserState');
const restore = map('RestoreUserState');
const usmt = { '_OSDMigrateUsmtPackageID <- UsmtPackageID': 'CHQ00001' };
const usmtRestore = { '_OSDMigrateUsmtRestorePackageID <- UsmtRestorePackageID': 'CHQ00001' };

describe('M24 steps of user state', () => {
  it('Request State Store', () => {
    const { params, needs, unread } = request({
      RequestType: 'Capture',
      'OSDStateSMPRetryCount <- SMPRetryCount': '3',
      'OSDStateSMPRetryTime <- SMPRetryTime': '30',
      'OSDStateFallbackToNAA <- FallbackToNAA': 'true',
    });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({
      request: 'capture',
      retries: 3,
      retryDelaySeconds: 30,
      useNetworkAccount: true,
    });
    expect(request({}, 'osdsmpclient.exe /restore').params).toEqual({ request: 'restore' });
    expect(request({}).needs).toEqual([expect.stringContaining('not clear')]);
    expect(request({ RequestType: 'restore', SMPRetryCount: '601' }).needs).toEqual([
      expect.stringContaining('Not taken over: retries 601'),
    ]);
  });

  it('Capture User State', () => {
    const { params, needs, unread } = capture({
      ...usmt,
      'OSDMigrateContinueOnLockedFiles <- ContinueOnLockedFiles': 'true',
      'OSDMigrateEnableVerboseLogging <- EnableVerboseLogging': 'false',
      'OSDMigrateFileAccess <- FileAccess': 'Normal',
      'OSDMigrateMode <- Mode': 'Advanced',
      'OSDMigrateConfigFiles <- ConfigFiles': 'MigUser.xml,MigApp.xml',
      '_OSDMigrateOfflineUserState <- OfflineUserState': 'true',
      'OSDMigrateSkipEncryptedFiles <- SkipEncryptedFiles': 'true',
      '_OSDMigrateUseHardlinks <- UseHardlinks': 'true',
    });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({
      package: { name: 'USMT' },
      mode: 'advanced',
      configFiles: ['MigUser.xml', 'MigApp.xml'],
      verboseLogging: false,
      skipEncryptedFiles: true,
      continueOnLockedFiles: true,
      hardLinks: true,
      offline: true,
    });
  });

  it.each([
    [{}, 'reference: The package of the user state migration tool is not chosen'],
    [{ ...usmt, ConfigFiles: 'MigUser.xml' }, 'configuration files were not used: MigUser.xml'],
    [{ ...usmt, FileAccess: 'Magic' }, 'not clear: Magic'],
    [{ ...usmt, FileAccess: 'VSS', UseHardlinks: 'true' }, 'do not go with a shadow copy'],
    [{ ...usmt, Mode: 'Custom' }, 'Not taken over: mode custom'],
  ])('Capture User State of %j tells what a person must know', (properties, told) => {
    const { how, needs } = capture(properties);
    expect(how).toBe('typed');
    expect(needs).toEqual([expect.stringContaining(told)]);
  });

  it('Restore User State, its password a secret', () => {
    const { params, needs, unread } = restore({
      ...usmtRestore,
      'OSDMigrateConfigFiles <- ConfigFiles': 'MigUser.xml,MigApp.xml',
      'OSDMigrateContinueOnRestore <- ContinueOnRestore': 'false',
      'OSDMigrateLocalAccounts <- LocalAccounts': 'true',
      'OSDMigrateLocalAccountPassword <- LocalAccountPassword': '',
      'OSDMigrateMode <- Mode': 'Advanced',
    });
    expect(unread).toEqual([]);
    expect(needs).toEqual(['secret: The password of local accounts is not in the file']);
    expect(params).toEqual({
      package: { name: 'USMT' },
      mode: 'advanced',
      configFiles: ['MigUser.xml', 'MigApp.xml'],
      continueOnRestore: false,
      localAccounts: true,
      localAccountPassword: '%ImportedSecret1%',
    });
    const without = restore({ ...usmtRestore, LocalAccounts: 'false', LocalAccountPassword: 'x' });
    expect(without).toMatchObject({ params: { localAccounts: false }, needs: [], unread: [] });
  });

  it('Release State Store', () => {
    expect(map('ReleaseStateStore')({})).toMatchObject({ how: 'typed', params: {}, needs: [] });
  });
});

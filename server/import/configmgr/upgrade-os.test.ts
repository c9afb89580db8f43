import { describe, expect, it } from 'vitest';
import { mapGiven } from '../testing/map-source.ts';

const upgrade = (
  properties: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, string>> = {},
) => mapGiven({ type: 'UpgradeOperatingSystem', properties, attributes });
const media = { InstallPackageID: 'OPC0024C' };

describe('M24 Upgrade Operating System', () => {
  it('is read with all that the editor writes', () => {
    const { params, needs, unread } = upgrade({
      'OSDUpgradeDynamicUpdateSettings <- DynamicUpdateSettings': 'Disable',
      'OSDUpgradeIgnoreMessages <- IgnoreMessages': 'true',
      'OSDUpgradeInstallEditionIndex <- InstallEditionIndex': '3',
      'OSDUpgradeOsProductKey <- OsProductKey': '',
      'OSDUpgradePreserveSettings <- PreserveSettings': 'Upgrade',
      'OSDUpgradeScanOnly <- ScanOnly': 'false',
      'OSDUpgradeInstallPath <- InstallPath': '',
      'OSDUpgradeStagedContent <- StagedContent': '',
      'OSDUpgradeInstallPackageID <- InstallPackageID': 'OPC0024C',
      'OSDUpgradeDriverPackageID <- DriverPackageID': '00000000',
      'OSDFeatureUpdateAssignmentID <- FeatureUpdateAssignmentId': '',
    });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({
      package: { name: 'OPC0024C' },
      edition: 3,
      scanOnly: false,
      ignoreMessages: true,
    });
  });

  it.each([
    [{ InstallPath: '%Media01%' }, { path: '%Media01%' }],
    [{ ...media, OsProductKey: '%Key%' }, { productKey: '%Key%' }],
    [{ ...media, DriverPackageID: 'CHQ0000B' }, { driverPackage: { name: 'CHQ0000B' } }],
    [{ ...media, StagedContent: '%Drivers01%' }, { stagedContent: '%Drivers01%' }],
    [{ ...media, SetupTimeout: '240' }, { timeoutMinutes: 240 }],
    [{ ...media, DynamicUpdateSettings: 'UsePolicy' }, { dynamicUpdate: true }],
    [
      { ...media, DynamicUpdateSettings: 'OverridePolicy' },
      { dynamicUpdate: true, overridePolicy: true },
    ],
  ])('takes %j', (properties, params) => {
    const found = upgrade(properties);
    expect(found.params).toMatchObject(params);
    expect(found.needs).toEqual([]);
  });

  it('has its time-out from the attribute, in seconds', () => {
    const { params, unread } = upgrade({ ...media, SetupTimeout: '5' }, { timeout: '21601' });
    expect(params).toMatchObject({ timeoutMinutes: 361 });
    expect(unread).toEqual([]);
  });

  it.each([
    [{ InstallPackageID: '00000000' }, 'reference: The upgrade package is not chosen'],
    [{ ...media, InstallPath: 'C:\\' }, 'the package is taken'],
    [{ ...media, OsProductKey: 'AAAAA-BBBBB' }, 'secret: The product key stands in the file'],
    [{ ...media, DriverPackageID: 'CHQ0000B', StagedContent: 'C:\\D' }, 'the package is taken'],
    [{ ...media, DynamicUpdateSettings: 'Sometimes' }, 'not clear: Sometimes'],
    [{ ...media, PreserveSettings: 'Nothing' }, 'keeps of the old system: Nothing'],
    [
      { FeatureUpdateName: 'Feature update to Windows 11, version 24H2; Other' },
      'reference: It installs feature updates',
    ],
    [{ ...media, InstallEditionIndex: '0' }, 'Not taken over: edition 0'],
  ])('of %j tells what a person must know', (properties, told) => {
    const { how, needs } = upgrade(properties);
    expect(how).toBe('typed');
    expect(needs).toEqual([expect.stringContaining(told)]);
  });

  it('keeps commas in the names of feature updates', () => {
    const found = upgrade({ FeatureUpdateName: 'Windows 11, version 24H2; Other' });
    expect(found.params).toEqual({ featureUpdates: ['Windows 11, version 24H2', 'Other'] });
  });
});

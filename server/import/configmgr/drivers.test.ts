import { describe, expect, it } from 'vitest';
import { mapGiven } from '../testing/map-source.ts';

describe('M24 Auto Apply Drivers', () => {
  it('is read', () => {
    const { params, needs, unread } = mapGiven({
      type: 'AutoApply',
      properties: {
        'OSDAutoApplyDriverBestMatch <- BestMatch': 'false',
        'OSDAllowUnsignedDriver <- UnsignedDriver': 'true',
        'OSDAutoApplyDriverCategoryList <- CategoryList': '',
      },
    });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({ bestMatch: false, allowUnsigned: true });
  });

  it('tells of categories, which are ids of the other site', () => {
    const properties = { CategoryList: 'DriverCategories:1,DriverCategories:2' };
    const { params, needs } = mapGiven({ type: 'AutoApply', properties });
    expect(params).toEqual({ categories: ['DriverCategories:1', 'DriverCategories:2'] });
    expect(needs).toEqual([expect.stringContaining('2 categories of the other site')]);
  });
});

describe('M24 Apply Driver Package', () => {
  const apply = (properties: Readonly<Record<string, string>>, action = '') =>
    mapGiven({ type: 'ApplyDriverPackage', properties, action });
  const chosen = { 'OSDApplyDriverDriverPackageID <- DriverPackageID': 'CHQ0000B' };

  it('is read', () => {
    const { params, needs, unread } = apply({
      ...chosen,
      'OSDAllowUnsignedDriver <- UnsignedDriver': 'true',
      'OSDRecurse <- Recurse': 'true',
    });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({ package: { name: 'CHQ0000B' }, recurse: true, allowUnsigned: true });
  });

  it.each([
    [{ DriverPackageID: '00000000' }, ''],
    [{ DriverPackageID: '' }, 'osddriverclient.exe /install:  /unsigned:true'],
    [{}, 'osddriverclient.exe /install:00000000  /unsigned:true'],
  ])('of %j needs a package', (properties, action) => {
    const { params, needs } = apply(properties, action);
    expect(params).toEqual({ package: { name: '(none chosen)' } });
    expect(needs).toEqual(['reference: The driver package is not chosen in the file']);
  });

  it('takes the package of its command line where the property is missing', () => {
    const { params } = apply({}, 'osddriverclient.exe /install:CHQ0000B /unsigned:true');
    expect(params).toEqual({ package: { name: 'CHQ0000B' } });
  });

  it('takes the driver of a disk controller, wholly or not', () => {
    const whole = {
      BootCriticalDriverID: '1',
      BootCriticalContentUniqueID: '{1}',
      BootCriticalID: 'ahci',
      BootCriticalINFFile: 'iastor.inf',
      BootCriticalHardwareComponent: 'SCSI',
    };
    const { params, needs, unread } = apply({ ...chosen, ...whole });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toMatchObject({
      bootCritical: {
        contentId: '{1}',
        id: 'ahci',
        infFile: 'iastor.inf',
        hardwareComponent: 'scsi',
      },
    });
    const part = apply({ ...chosen, ...whole, BootCriticalID: '' });
    expect(part.params).toEqual({ package: { name: 'CHQ0000B' } });
    expect(part.needs).toEqual([expect.stringContaining('not wholly named: {1}, iastor.inf')]);
  });
});

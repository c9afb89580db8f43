import { describe, expect, it } from 'vitest';
import { mapGiven } from '../testing/map-source.ts';

type Properties = Readonly<Record<string, string>>;
const NONE = { name: '(none chosen)' };

describe('M24 Apply Operating System Image', () => {
  const apply = (properties: Properties, action = '') =>
    mapGiven({
      type: 'ApplyOperatingSystem',
      properties,
      action,
      names: { OPC00465: 'Windows 11', CHQ00019: 'Windows 11 media' },
    });

  it('is read with image, answer file and destination', () => {
    const { how, params, needs, unread, references } = apply({
      ImagePackageID: 'OPC00465',
      'OSDImageIndex <- ImageIndex': '3',
      'OSDConfigFileName <- ConfigFileName': 'unattend.xml',
      ConfigFilePackage: 'CHQ00011',
      DestinationVariable: 'OSDisk',
      RunFromNet: 'false',
    });
    expect({ how, needs, unread }).toEqual({ how: 'typed', needs: [], unread: [] });
    expect(params).toEqual({
      image: { name: 'Windows 11' },
      index: 3,
      destination: { variable: 'OSDisk' },
      answerFile: { package: { name: 'CHQ00011' }, file: 'unattend.xml' },
    });
    expect(references.map(({ sourceId, kind }) => [sourceId, kind])).toEqual([
      ['OPC00465', 'os-image'],
      ['CHQ00011', 'package'],
    ]);
  });

  it('is read with an original installation source', () => {
    const { params } = apply({
      InstallPackageID: 'CHQ00019',
      'OSDInstallEditionIndex <- InstallEditionIndex': '1',
      RunFromNet: 'true',
      OsdLayeredDriver: '6',
    });
    expect(params).toEqual({
      upgradePackage: { name: 'Windows 11 media' },
      index: 1,
      layeredDriver: 6,
      directAccess: true,
    });
  });

  it.each([
    [{ DestinationLogicalDrive: 'c' }, { drive: 'C:' }],
    [{ DestinationLogicalDrive: '%OSDisk%' }, { variable: 'OSDisk' }],
    [
      { DestinationDisk: '1', DestinationPartition: '2' },
      { disk: 1, partition: 2 },
    ],
    [
      { DestinationDisk: '%Disk%', DestinationPartition: '2' },
      { disk: '%Disk%', partition: 2 },
    ],
    [{ DestinationDisk: '', DestinationVariable: '%OSDisk%' }, { variable: 'OSDisk' }],
  ])('goes where %j says', (properties, destination) => {
    const { params, needs } = apply({ ImagePackageID: 'OPC00465', ...properties });
    expect(params).toEqual({ image: { name: 'Windows 11' }, destination });
    expect(needs).toEqual([]);
  });

  it.each([
    [
      'OSDApplyOS.exe /install:CHQ00019,%OSDInstallEditionIndex% "/config:CHQ00011,%OSDConfigFileName%" /target:%OSDisk% /runfromnet:False',
      { upgradePackage: { name: 'Windows 11 media' }, destination: { variable: 'OSDisk' } },
    ],
    [
      'OSDApplyOS.exe /image:OPC00465,%OSDImageIndex% /target:0,2',
      { image: { name: 'Windows 11' }, destination: { disk: 0, partition: 2 } },
    ],
  ])('is read from its command line where properties are missing: %s', (action, params) => {
    expect(apply({}, action).params).toMatchObject(params);
  });

  it.each([
    [{}, { image: NONE }, 'reference: The image is not chosen'],
    [{ ImagePackageID: '00000000' }, { image: NONE }, 'reference: The image is not chosen'],
    [
      { InstallPackageID: '00000000' },
      { upgradePackage: NONE },
      'reference: The original installation source is not chosen',
    ],
    [
      { ImagePackageID: 'OPC00465', InstallPackageID: 'CHQ00019' },
      { image: { name: 'Windows 11' } },
      'the image is taken',
    ],
    [
      { ImagePackageID: 'OPC00465', ConfigFileName: 'unattend.xml' },
      {},
      'answer file unattend.xml is in no package',
    ],
    [
      { ImagePackageID: 'OPC00465', ConfigFilePackage: 'CHQ00011' },
      { answerFile: { package: { name: 'CHQ00011' }, file: 'unattend.xml' } },
      'answer file has no name',
    ],
    [
      { ImagePackageID: 'OPC00465', DestinationVariable: 'Local Disk' },
      { image: { name: 'Windows 11' } },
      'in Local Disk, which is no name',
    ],
    [{ ImagePackageID: 'OPC00465', ImageIndex: 'last' }, {}, 'Not taken over: index last'],
  ])('of %j tells what a person must know', (properties, params, told) => {
    const found = apply(properties);
    expect(found.params).toMatchObject(params);
    expect(found.needs).toEqual([expect.stringContaining(told)]);
  });

  it('is not applied elsewhere where its destination is none', () => {
    expect(() => apply({ ImagePackageID: 'X', DestinationLogicalDrive: 'Windows' })).toThrow();
  });
});

describe('M24 steps of images', () => {
  it('Apply Data Image', () => {
    const properties = {
      ImagePackageID: 'CHQ00030',
      'OSDDataImageIndex <- ImageIndex': '2',
      'OSDWipeDestinationPartition <- WipeDestinationPartition': 'false',
      DestinationDisk: '0',
      DestinationPartition: '3',
    };
    const { params, needs, unread } = mapGiven({ type: 'ApplyDataImage', properties });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({
      image: { name: 'CHQ00030' },
      index: 2,
      wipe: false,
      destination: { disk: 0, partition: 3 },
    });
  });

  it('Capture Operating System Image', () => {
    const { params, needs, unread } = mapGiven({
      type: 'CaptureSystemImage',
      properties: {
        'OSDCaptureDestination <- CaptureDestination': '\\\\server\\share\\a.wim',
        'OSDCaptureAccountPassword <- CapturePassword': '',
        'OSDCaptureAccount <- CaptureUsername': 'CORP\\capture',
        'OSDImageCreator <- ImageCreator': 'Build',
        'OSDImageDescription <- ImageDescription': 'Reference',
        'OSDImageVersion <- ImageVersion': '',
      },
    });
    expect(unread).toEqual([]);
    expect(needs).toEqual([expect.stringMatching(/^secret: The password of the account that cap/)]);
    expect(params).toEqual({
      destination: '\\\\server\\share\\a.wim',
      account: { user: 'CORP\\capture', password: '%ImportedSecret1%' },
      createdBy: 'Build',
      description: 'Reference',
    });
  });

  it.each([{}, { CaptureDestination: 'x'.repeat(256) }])(
    'an image is captured to what a variable says, for %j',
    (properties: Properties) => {
      const { params, needs } = mapGiven({ type: 'CaptureSystemImage', properties });
      expect(params).toEqual({ destination: '%OSDCaptureDestination%' });
      expect(needs).toHaveLength(1);
    },
  );

  it('Prepare Windows for Capture, Prepare ConfigMgr Client for Capture', () => {
    const { params, unread } = mapGiven({
      type: 'PrepareOS',
      properties: {
        OSDBuildStorageDriverList: 'false',
        OSDKeepActivation: 'true',
        OSDShutdownPreparedOs: 'true',
      },
    });
    expect(unread).toEqual([]);
    expect(params).toEqual({ buildStorageDrivers: false, keepActivation: true, shutdown: true });
    expect(mapGiven({ type: 'PrepareSMSClient' })).toMatchObject({ how: 'typed', params: {} });
  });

  it('Setup Windows and ConfigMgr', () => {
    const { params, needs, unread } = mapGiven({
      type: 'SetupWindowsAndSMS',
      properties: {
        '_SMSClientPackageID <- ClientPackageID': 'CHQ00002',
        'SMSClientInstallProperties <- ClientInstallProperties': 'SMSMP=server DNSSUFFIX=a;b',
      },
      names: { CHQ00002: 'Client' },
    });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({
      clientPackage: { name: 'Client' },
      installProperties: 'SMSMP=server DNSSUFFIX=a;b',
    });
    expect(mapGiven({ type: 'SetupWindowsAndSMS' }).params).toEqual({ clientPackage: NONE });
  });

  it('deployment tools are kept disabled, with a reason', () => {
    const properties = { SysprepPackageID: 'CHQ00003' };
    const found = mapGiven({ type: 'InstallDeployTools', properties });
    expect(found).toMatchObject({
      how: 'unsupported',
      params: { commandLine: expect.any(String) },
    });
    expect(found.reason).toContain('Windows XP');
  });
});

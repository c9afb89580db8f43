import { describe, expect, it } from 'vitest';
import { mapGiven } from '../testing/map-source.ts';

const block = (index: number, fields: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      `OSDPartitions${index}${field} <- Partitions${index}${field}`,
      value,
    ]),
  );
const efi = block(0, {
  Type: 'EFI',
  FileSystem: 'FAT32',
  Bootable: 'True',
  QuickFormat: 'True',
  VolumeName: 'Boot',
  Size: '499',
  SizeUnits: 'MB',
  VolumeLetterVariable: '',
});
const msr = block(1, { Type: 'MSR', FileSystem: 'NTFS', Size: '128', SizeUnits: 'MB' });
const windows = block(2, {
  Type: 'PRIMARY',
  FileSystem: 'NTFS',
  QuickFormat: 'false',
  VolumeName: 'Windows',
  Size: '99',
  SizeUnits: 'PERCENT',
  VolumeLetterVariable: 'OSDisk',
  AssignVolumeLetter: 'true',
});
const recovery = block(3, {
  Type: 'Recovery',
  FileSystem: 'NTFS',
  Size: '100',
  SizeUnits: '%',
  AssignVolumeLetter: 'false',
});
const partition = (properties: Readonly<Record<string, string>>, format = 'configmgr' as const) =>
  mapGiven({ type: 'PartitionDisk', properties, format });

describe('M24 Format and Partition Disk', () => {
  it('is read with all of its partitions', () => {
    const { how, params, needs, unread } = partition({
      'OSDDiskIndex <- DiskIndex': '1',
      'OSDPartitionStyle <- PartitionStyle': 'GPT',
      'OSDPartitions <- Partitions': '4',
      'OSDGPTBootDisk <- GPTBootDisk': 'true',
      'OSDDiskType <- DiskType': 'BASIC',
      'OSDDiskpartBiosCompatibilityMode <- DiskpartBiosCompatibilityMode': 'false',
      ...efi,
      ...msr,
      ...windows,
      ...recovery,
    });
    expect({ how, needs, unread }).toEqual({ how: 'typed', needs: [], unread: [] });
    expect(params).toEqual({
      disk: 1,
      style: 'gpt',
      partitions: [
        { name: 'Boot', type: 'efi', size: { mb: 499 } },
        { type: 'msr', size: { mb: 128 } },
        {
          name: 'Windows',
          type: 'primary',
          size: { percent: 99 },
          quick: false,
          variable: 'OSDisk',
        },
        { type: 'recovery', size: 'rest', assignLetter: false },
      ],
    });
  });

  it('of MDT says what MDT would add', () => {
    const one = {
      'OSDPartitions <- Partitions': '1',
      OSDDiskPartitions1Type: 'Recovery',
      ...block(0, { Type: 'Primary', FileSystem: 'NTFS', Size: '100', SizeUnits: '%' }),
    };
    const mdt = (properties: Readonly<Record<string, string>>) =>
      mapGiven({ type: 'PartitionDisk', properties, format: 'mdt' });
    const added = mdt({ ...one, DONotCreateExtraPartition: '' });
    expect(added.needs).toEqual([expect.stringContaining('MDT makes a partition for the boot')]);
    expect(added.unread).toEqual([]);
    expect(mdt({ ...one, DONotCreateExtraPartition: 'YES' }).needs).toEqual([]);
    const gpt = mdt({ ...one, OSDPartitionStyle: 'GPT' });
    expect(gpt).toMatchObject({ params: { gptBootDisk: true }, needs: [] });
    const kept = mdt({ ...one, OSDDiskPartDoNotRemoveOEMPartitions: 'True' });
    expect(kept.needs.join()).toContain('keeps the partitions of the manufacturer');
  });

  it.each([
    [{ DiskIndexVariable: 'Disk' }, { disk: { variable: 'Disk' } }],
    [{ DiskIndex: '%Disk%' }, { disk: '%Disk%' }],
    [{}, { disk: 0, style: 'mbr' }],
    [
      { PartitionStyle: 'gpt', GPTBootDisk: 'true' },
      { style: 'gpt', gptBootDisk: true },
    ],
  ])('takes %j', (properties, params) => {
    const found = partition({ ...windows, ...properties });
    expect(found.params).toMatchObject(params);
    expect(found.needs).toEqual([]);
  });

  it.each([
    [{ DiskIndex: '10001' }, { disk: { variable: 'OSDDiskIndex' } }, 'no disk 10001'],
    [{ PartitionStyle: 'APM' }, { style: 'mbr' }, 'no disk type APM'],
    [{ DiskType: 'Dynamic' }, {}, 'not Dynamic'],
    [{ OSDPartitions: '2' }, {}, '2 partitions and has 1'],
  ])('of %j tells what is changed', (properties, params, told) => {
    const found = partition({ ...windows, ...properties });
    expect(found.params).toMatchObject(params);
    expect(found.needs).toEqual([expect.stringContaining(told)]);
  });

  it.each([
    [{ Type: 'Swap' }, { type: 'primary' }, 'no type Swap'],
    [{ Type: '' }, { type: 'primary' }, 'has no type'],
    [{ FileSystem: 'ReFS' }, { type: 'primary' }, 'no file system ReFS'],
    [{ VolumeLetterVariable: 'Local Disk' }, { type: 'primary' }, 'no variable receives'],
    [{ VolumeName: 'x'.repeat(40) }, { name: 'x'.repeat(36) }, 'cut to 36'],
    [{ Size: '1.5', SizeUnits: 'GB' }, { size: { mb: 1536 } }, '1536 MB, for 1.5 GB'],
    [{ Size: 'all' }, { size: 'rest' }, 'all is no size'],
    [{ Size: '0' }, { size: 'rest' }, '0 is no size'],
    [{ Size: '200', SizeUnits: '%' }, { size: 'rest' }, '100 percent, not 200'],
    [{ Size: '5', SizeUnits: 'TB' }, { size: { mb: 5 } }, 'no unit TB'],
    [{ Bootable: 'maybe' }, { type: 'primary' }, 'boot partition is not clear'],
  ])('of a partition with %j tells what is changed', (fields, wanted, told) => {
    const found = partition(block(0, { Type: 'Primary', FileSystem: 'NTFS', ...fields }));
    expect(found.params).toMatchObject({ partitions: [wanted] });
    expect(found.needs).toEqual([expect.stringContaining(told)]);
  });

  it.each([
    [{ FileSystem: '' }, { fileSystem: 'none' }],
    [{ FileSystem: 'fat32' }, { fileSystem: 'fat32' }],
    [{ Size: '60', SizeUnits: 'GB' }, { size: { gb: 60 } }],
    [{ Size: '500' }, { size: { mb: 500 } }],
    [{ Size: '%Size%', SizeUnits: 'Percent' }, { size: { percent: '%Size%' } }],
    [{ Bootable: 'True' }, { bootable: true }],
    [{ VolumeName: '%Label%' }, { name: '%Label%' }],
  ])('of a partition with %j is as it stands', (fields, wanted) => {
    const found = partition(block(0, { Type: 'Primary', FileSystem: 'NTFS', ...fields }));
    expect(found.params).toMatchObject({ partitions: [wanted] });
    expect(found.needs).toEqual([]);
  });

  it('without partitions has one of the whole disk', () => {
    const { params, needs } = partition({ DiskIndex: '0' });
    expect(params).toMatchObject({ partitions: [{ type: 'primary', size: 'rest' }] });
    expect(needs).toEqual([expect.stringContaining('has no partitions')]);
  });
});

describe('M24 BitLocker', () => {
  const enable = (properties: Readonly<Record<string, string>>, action = '') =>
    mapGiven({ type: 'EnableBitLocker', properties, action });

  it('is enabled as Configuration Manager says', () => {
    const { params, needs, unread } = enable({
      'OSDBitLockerCreateRecoveryPassword <- CreateRecoveryPassword': 'AD',
      'OSDBitLockerMode <- Mode': 'TPM',
      'OSDBitLockerWaitForEncryption <- WaitForEncryption': 'true',
      'OSDBitLockerEncryptFullDisk <- EncryptFullDisk': 'true',
      'OSDBitLockerEncryptMethod <- EncryptMethod': '7',
      'OSDBitLockerSkipWhenNoValidTPM <- SkipWhenNoValidTPM': 'true',
    });
    expect({ needs, unread }).toEqual({ needs: [], unread: [] });
    expect(params).toEqual({
      keyManagement: 'tpm',
      encryptionMode: 'xts-aes-256',
      fullDisk: true,
      recoveryKey: 'active-directory',
      waitForEncryption: true,
      skipWithoutTpm: true,
    });
  });

  it('is enabled as MDT says', () => {
    const { params, unread } = mapGiven({
      type: 'EnableBitLocker',
      format: 'mdt',
      properties: {
        'OSDBitLockerTargetDrive <- BdeTargetDriveLetter': 'D',
        'OSDBitLockerMode <- BdeInstall': 'TPMKey',
        'OSDBitLockerStartupKeyDrive <- BdeKeyLocation': 'E:\\',
        'OSDBitLockerCreateRecoveryPassword <- BdeRecoveryPassword': 'none',
        'OSDBitLockerWaitForEncryption <- WaitForEncryption': 'false',
      },
    });
    expect(unread).toEqual([]);
    expect(params).toEqual({
      drive: 'D:',
      keyManagement: 'tpm-and-key',
      startupKeyDrive: 'E:',
      recoveryKey: 'none',
      waitForEncryption: false,
    });
  });

  it('is enabled as its command line says, where properties are missing', () => {
    const action =
      'OSDBitLocker.exe /enable  /wait:True /mode:TPM /pwd:AD /full:False /crypt:3 /ignoretpm:True';
    expect(enable({}, action).params).toEqual({
      keyManagement: 'tpm',
      encryptionMode: 'aes-128',
      fullDisk: false,
      recoveryKey: 'active-directory',
      waitForEncryption: true,
      skipWithoutTpm: true,
    });
  });

  it('has its PIN as a secret', () => {
    const { params, needs } = enable({ Mode: 'TPMAndPIN', PIN: '246810' });
    expect(params).toEqual({ keyManagement: 'tpm-and-pin', pin: '%ImportedSecret1%' });
    expect(needs).toEqual([expect.stringMatching(/^secret: The BitLocker PIN stands/)]);
    expect(enable({ Mode: 'TPMAndPIN', PIN: '%PIN%' })).toMatchObject({
      params: { pin: '%PIN%' },
      needs: [],
    });
    expect(enable({ Mode: 'TPMAndPIN' }).needs).toEqual([
      expect.stringMatching(/^secret: The BitLocker PIN is not/),
    ]);
    expect(enable({ Mode: 'TPM', PIN: '' }).params).toEqual({ keyManagement: 'tpm' });
  });

  it.each([
    [{ Mode: 'Fingerprint' }, 'no key management Fingerprint'],
    [{ EncryptMethod: '2' }, 'no encryption mode 2'],
    [{ CreateRecoveryPassword: 'secret' }, 'Where its recovery key is kept is not clear'],
    [{ Mode: 'TPM', StartupKeyDrive: 'E:' }, 'start-up key drive E: was not used'],
  ])('of %j tells what is changed', (properties, told) => {
    const { how, needs } = enable(properties);
    expect(how).toBe('typed');
    expect(needs).toEqual([expect.stringContaining(told)]);
  });

  it.each([
    [{ DestinationLogicalDrive: 'C:' }, { destination: { drive: 'C:' } }],
    [{ DestinationVariable: 'OSDisk' }, { destination: { variable: 'OSDisk' } }],
    [
      { DestinationDisk: '0', DestinationPartition: '2', SkipWhenTPMInvalid: 'false' },
      { destination: { disk: 0, partition: 2 }, skipWithoutTpm: false },
    ],
  ])('is provided before: %j', (properties, params) => {
    const found = mapGiven({ type: 'OfflineEnableBitLocker', properties });
    expect(found.params).toEqual(params);
    expect(found.needs).toEqual([]);
  });

  it('is provided on OSDisk where no drive is named', () => {
    const { params, needs } = mapGiven({ type: 'OfflineEnableBitLocker' });
    expect(params).toEqual({ destination: { variable: 'OSDisk' } });
    expect(needs).toHaveLength(1);
  });

  it('is suspended for some restarts', () => {
    const properties = { 'OSDBitLockerRebootCount <- RebootCount': '10' };
    expect(mapGiven({ type: 'DisableBitLocker', properties }).params).toEqual({ restarts: 10 });
    const many = mapGiven({ type: 'DisableBitLocker', properties: { RebootCount: '99' } });
    expect(many.params).toEqual({});
    expect(many.needs).toEqual([expect.stringContaining('Not taken over: restarts 99')]);
  });
});

it('M24 a step that makes a disk dynamic is kept disabled, with its reason', () => {
  const action = 'osddiskpart.exe convert %OSDConvertDiskIndex%';
  const { how, reason, params } = mapGiven({ type: 'ConvertDisk', action });
  expect({ how, params }).toEqual({ how: 'unsupported', params: { commandLine: action } });
  expect(reason).toContain('Dynamic disks');
});

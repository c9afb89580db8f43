import { describe, expect, it } from 'vitest';
import {
  applyDebian,
  checkSteps,
  GB,
  imagePackage,
  linuxDisk,
  runSteps,
} from './testing/run-step.ts';

const apply = (params: object) => ({
  type: 'apply-image',
  params: { ...applyDebian.params, ...params },
});
const windows = { kind: 'windows', name: 'Windows 11' };
const windowsDisk = {
  type: 'format-disk',
  params: {
    style: 'mbr',
    partitions: [
      { name: 'System Reserved', size: { mb: 500 }, bootable: true },
      { name: 'Windows' },
    ],
  },
};

describe('M55 apply-image', () => {
  it.each([
    ['the next available volume', {}],
    ['the volume of a variable', { destination: { variable: 'OSVolume' } }],
    ['a disk and partition', { destination: { disk: 0, partition: 2 } }],
    ['a disk and partition in a variable', { destination: { variable: 'Where' } }],
  ])('applies to %s, makes it boot, and tells where', async (_name, params) => {
    const { machine, state, value } = await runSteps({
      steps: [linuxDisk, apply(params)],
      variables: { Where: '0, 2' },
    });
    expect(state.result).toEqual({ succeeded: true, error: undefined });
    const [disk] = machine.storage.list();
    const [efi, root] = disk?.partitions.map(({ volume }) => volume) ?? [];
    expect(value('OSDTargetSystemDrive')).toBe(root);
    machine.storage.dropUnflushed();
    expect(machine.storage.read(root ?? '')).toMatchObject({
      image: { name: 'MWL00001/os.wim#1', complete: true },
    });
    expect(machine.bootEntries).toEqual([{ system: efi, title: 'Debian' }]);
    expect(machine.bootable).toBe(true);
  });

  it('passes over the System Reserved partition, which boots, on BIOS', async () => {
    const { machine, state, value } = await runSteps({
      steps: [windowsDisk, applyDebian],
      content: [imagePackage(windows)],
      machine: { firmware: 'bios', pe: 'winpe' },
    });
    expect(state.result?.error).toBeUndefined();
    const [disk] = machine.storage.list();
    expect(value('OSDTargetSystemDrive')).toBe(disk?.partitions[1]?.volume);
    expect(machine.bootEntries).toMatchObject([{ system: disk?.partitions[0]?.volume }]);
  });

  it('passes over volumes that were applied to before', async () => {
    const disk = {
      type: 'format-disk',
      params: {
        partitions: [
          { type: 'efi', size: { mb: 512 } },
          { size: { gb: 4 }, fileSystem: 'ext4' },
          { fileSystem: 'ext4' },
        ],
      },
    };
    const { machine, value, state } = await runSteps({ steps: [disk, applyDebian, applyDebian] });
    expect(state.result?.succeeded).toBe(true);
    expect(value('OSDTargetSystemDrive')).toBe(machine.storage.list()[0]?.partitions[2]?.volume);
  });
});

describe('M43 architecture is enforced before anything is written', () => {
  it.each([
    ['x64', 'uefi', 'x64', undefined],
    ['arm64', 'uefi', 'arm64', undefined],
    ['x64', 'bios', 'x64', undefined],
    ['x64', 'bios', 'x86', undefined],
    ['x86', 'bios', 'x86', undefined],
    ['x64', 'uefi', 'x86', 'image.architecture'],
    ['x64', 'uefi', 'arm64', 'image.architecture'],
    ['x64', 'bios', 'arm64', 'image.architecture'],
    ['arm64', 'uefi', 'x64', 'image.architecture'],
    ['arm64', 'uefi', 'x86', 'image.architecture'],
    ['x86', 'bios', 'x64', 'image.architecture'],
    ['x86', 'bios', 'arm64', 'image.architecture'],
    ['x86', 'uefi', 'x86', 'machine.firmware'],
    ['x86', 'uefi', 'x64', 'machine.firmware'],
    ['x64', 'uefi', null, 'image.architecture-unknown'],
  ] as const)('machine %s with %s, image %s: %s', async (machine, firmware, image, code) => {
    const { findings, untouched } = await checkSteps({
      steps: [linuxDisk, applyDebian],
      machine: { architecture: machine, firmware },
      content: [imagePackage({ architecture: image })],
    });
    expect(findings.map(({ error }) => error.code)).toEqual(code === undefined ? [] : [code]);
    expect(untouched).toBe(true);
  });

  it('names both', async () => {
    const { findings } = await checkSteps({
      steps: [applyDebian],
      content: [imagePackage({ architecture: 'arm64' })],
    });
    expect(findings[0]).toMatchObject({
      fatal: true,
      error: {
        message:
          'image 1 of Debian 12 (MWL00001, version 3) "Debian" is for arm64; this machine is x64 with UEFI',
      },
    });
  });

  it('also when the step runs', async () => {
    const { state, machine } = await runSteps({
      steps: [linuxDisk, applyDebian],
      content: [imagePackage({ architecture: 'arm64' })],
    });
    expect(state.result?.error?.code).toBe('image.architecture');
    const volumes = machine.storage.list().flatMap(({ partitions }) => partitions);
    for (const { volume } of volumes) expect(machine.storage.read(volume).image).toBeNull();
  });
});

describe('M26 checks before the start', () => {
  const small = {
    type: 'format-disk',
    params: {
      partitions: [
        { type: 'efi', size: { mb: 512 } },
        { fileSystem: 'ext4', variable: 'V' },
      ],
    },
  };
  const one = { machine: { disks: [{ sizeBytes: 1.5 * GB }] } };
  const toVariable = apply({ destination: { variable: 'V' } });

  it.each([
    [
      'an image larger than the planned volume',
      { steps: [small, toVariable], ...one },
      'image.too-large',
    ],
    [
      'no planned volume that is large enough',
      { steps: [small, applyDebian], ...one },
      'image.no-destination',
    ],
    ['no volume at all', { steps: [applyDebian] }, 'image.no-destination'],
    ['an index that is not there', { steps: [linuxDisk, apply({ index: 2 })] }, 'image.index'],
    [
      'an image of no operating system',
      { steps: [linuxDisk, applyDebian], content: [imagePackage({ kind: 'data' })] },
      'image.kind',
    ],
    [
      'a Windows image on ext4',
      {
        steps: [linuxDisk, apply({ destination: { variable: 'OSVolume' } })],
        content: [imagePackage(windows)],
      },
      'image.file-system',
    ],
    ['M06 a package that is nowhere', { steps: [applyDebian], content: [] }, 'content.missing'],
  ])('find %s', async (_name, run, code) => {
    const { findings, untouched } = await checkSteps(run);
    expect(findings).toMatchObject([{ error: { code }, fatal: true }]);
    expect(untouched).toBe(true);
  });

  it('M06 are not fatal for a step that continues on error; it fails when it is reached', async () => {
    const run = { steps: [{ ...applyDebian, continueOnError: true }], content: [] };
    const { findings } = await checkSteps(run);
    expect(findings).toMatchObject([{ error: { code: 'content.missing' }, fatal: false }]);
    const { state, value } = await runSteps(run);
    expect(state.result?.succeeded).toBe(true);
    expect(value('_SMSTSLastActionSucceeded')).toBe('false');
  });

  it.each([
    ['exists', false],
    ['notExists', true],
  ])('follow conditions on what never changes: _SMSTSBootUEFI %s', async (operator, found) => {
    const condition = { kind: 'variable', variable: '_SMSTSBootUEFI', operator };
    const { findings } = await checkSteps({ steps: [{ ...applyDebian, condition }], content: [] });
    expect(findings.map(({ fatal }) => fatal)).toEqual(found ? [true] : []);
  });

  it('are not fatal for a step that may yet be skipped, and pass over disabled ones', async () => {
    const condition = { kind: 'variable', variable: 'Later', operator: 'exists' };
    const { findings } = await checkSteps({
      steps: [
        { ...applyDebian, condition },
        { ...applyDebian, disabled: true },
      ],
      content: [],
    });
    expect(findings).toMatchObject([{ stepId: '0', fatal: false }]);
  });
});

describe('M55 apply-image fails when it runs', () => {
  it('without an EFI partition on a UEFI machine, before it writes', async () => {
    const disk = { type: 'format-disk', params: { partitions: [{ fileSystem: 'ext4' }] } };
    const { state, machine } = await runSteps({ steps: [disk, applyDebian] });
    expect(state.result?.error?.code).toBe('boot.no-efi-partition');
    const [volume] = machine.storage.list()[0]?.partitions ?? [];
    expect(machine.storage.read(volume?.volume ?? '').image).toBeNull();
  });

  it.each([
    ['image.destination-variable', { destination: { variable: 'Nothing' } }],
    ['image.no-destination', { destination: { variable: 'Elsewhere' } }],
    ['image.no-destination', { destination: { disk: 0, partition: 9 } }],
    ['image.file-system', { destination: { disk: 0, partition: 1 } }],
  ])('%s: %j', async (code, params) => {
    const { state } = await runSteps({
      steps: [linuxDisk, apply(params)],
      variables: { Elsewhere: 'gpt:00000000-0000-0000-0000-000000000000' },
    });
    expect(state.result?.error?.code).toBe(code);
  });
});

describe('M11 apply-image takes what was set beforehand', () => {
  const twoImages = imagePackage();
  const content = [
    {
      ...twoImages,
      images: twoImages.images.flatMap((image) => [image, { ...image, index: 2, name: 'Second' }]),
    },
  ];
  it('the image of OSDImageIndex, and the volume that DestinationVariable names', async () => {
    const { state, log, value } = await runSteps({
      steps: [linuxDisk, apply({ index: 1, destination: { disk: 0, partition: 1 } })],
      variables: { OSDImageIndex: '2', DestinationVariable: 'OSVolume' },
      content,
    });
    expect(state.result?.error).toBeUndefined();
    expect(log.join()).toContain('Applying "Second"');
    expect(value('OSDTargetSystemDrive')).toBe(value('OSVolume'));
    expect(value('OSDImageIndex')).toBe('2');
  });

  it.each(['0', 'first', '99999999999'])(
    'no index %j, before anything is written',
    async (text) => {
      const { findings, untouched } = await checkSteps({
        steps: [linuxDisk, applyDebian],
        variables: { OSDImageIndex: text },
      });
      expect(findings).toMatchObject([{ error: { code: 'step.params' }, fatal: true }]);
      expect(findings[0]?.error.message).toContain('The variable OSDImageIndex');
      expect(untouched).toBe(true);
    },
  );
});

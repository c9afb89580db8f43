import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presetSettings } from '#agent/sequence/action-variables.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { formatDisk } from './format-disk.ts';
import { GB, runSteps } from './testing/run-step.ts';

const MIB = 1024 ** 2;
const windowsLayout = {
  style: 'gpt',
  partitions: [
    { name: 'EFI', type: 'efi', size: { mb: 500 } },
    { type: 'msr', size: { mb: 16 } },
    { name: 'Windows', size: { percent: 99 }, variable: 'OSDisk' },
    { type: 'recovery', quick: false },
  ],
};
const windowsVariables = {
  OSDDiskIndex: '0',
  OSDPartitionStyle: 'GPT',
  OSDGPTBootDisk: 'true',
  OSDPartitions: '4',
  OSDPartitions0Type: 'EFI',
  OSDPartitions0FileSystem: 'FAT32',
  OSDPartitions0Bootable: 'false',
  OSDPartitions0QuickFormat: 'true',
  OSDPartitions0VolumeName: 'EFI',
  OSDPartitions0Size: '500',
  OSDPartitions0SizeUnits: 'MB',
  OSDPartitions1Type: 'MSR',
  OSDPartitions1Bootable: 'false',
  OSDPartitions1QuickFormat: 'true',
  OSDPartitions1Size: '16',
  OSDPartitions1SizeUnits: 'MB',
  OSDPartitions2Type: 'Primary',
  OSDPartitions2FileSystem: 'NTFS',
  OSDPartitions2Bootable: 'false',
  OSDPartitions2QuickFormat: 'true',
  OSDPartitions2VolumeName: 'Windows',
  OSDPartitions2Size: '99',
  OSDPartitions2SizeUnits: 'Percent',
  OSDPartitions2VolumeLetterVariable: 'OSDisk',
  OSDPartitions3Type: 'Recovery',
  OSDPartitions3FileSystem: 'NTFS',
  OSDPartitions3Bootable: 'false',
  OSDPartitions3QuickFormat: 'false',
};

function settingsOf(params: object, preset: Readonly<Record<string, string>> = {}) {
  const changes = Object.entries(preset).map(([name, value]) => ({ name, value, secret: false }));
  return presetSettings(formatDisk, params, Variables.none.setAll(changes));
}

describe('M11 settings of Format and Partition Disk as variables', () => {
  it('are all there while the step runs', () => {
    expect(settingsOf(windowsLayout).action).toEqual(windowsVariables);
    expect(settingsOf({ disk: { choose: 'largest' } }).action).toEqual({});
  });

  it('give the same layout when they are set beforehand, whatever the step says', () => {
    const other = { style: 'mbr', partitions: [{ name: 'Data', bootable: true }], disk: 3 };
    const { params, action } = settingsOf(other, windowsVariables);
    expect(action).toEqual(windowsVariables);
    const parsed = formatDisk.params.parse({ ...windowsLayout, disk: 0 });
    // The names of file systems that a type has anyway are said in variables.
    const fileSystems = ['fat32', undefined, 'ntfs', 'ntfs'];
    expect(formatDisk.params.parse(params)).toEqual({
      ...parsed,
      partitions: parsed.partitions.map((partition, index) => {
        const fileSystem = fileSystems[index];
        return fileSystem === undefined ? partition : { ...partition, fileSystem };
      }),
    });
  });

  it('take the place of the whole list, and count themselves where no count is set', async () => {
    const { machine, state, value } = await runSteps({
      steps: [{ type: 'format-disk', params: { partitions: [{ size: { gb: 3 } }, {}] } }],
      variables: {
        OSDPartitionStyle: 'mbr',
        osdpartitions0type: 'PRIMARY',
        OSDPartitions0FileSystem: 'ntfs',
        OSDPartitions0Bootable: 'TRUE',
        OSDPartitions0Size: '1',
        OSDPartitions0SizeUnits: 'gb',
        OSDPartitions1Type: 'Primary',
        OSDPartitions1VolumeLetterVariable: 'Rest',
        OSDPartitions1SizeUnits: '%',
        OSDPartitions1Size: '50',
        OSDPartitions3Type: 'Primary',
      },
    });
    expect(state.result?.error).toBeUndefined();
    const [disk] = machine.storage.list();
    expect(disk?.partitions).toMatchObject([
      { type: 'primary', fileSystem: 'ntfs', active: true, sizeBytes: GB },
      { type: 'primary', fileSystem: '', sizeBytes: expect.any(Number) },
    ]);
    expect(disk?.partitions[1]?.sizeBytes).toBeGreaterThan(9 * GB);
    expect(value('Rest')).toBe(disk?.partitions[1]?.volume);
    // Set beforehand: they stay. The step's own are gone.
    expect(value('OSDPartitions0Size')).toBe('1');
    expect(value('OSDPartitions0QuickFormat')).toBeUndefined();
    expect(value('OSDDiskIndex')).toBeUndefined();
  });

  it('add one too where the step itself says so; OSDGPTBootDisk overrides that', async () => {
    const params = { gptBootDisk: true, partitions: [{ size: { gb: 1 } }] };
    const run = async (variables: Readonly<Record<string, string>>) => {
      const steps = [{ type: 'format-disk', params }];
      const { machine, state } = await runSteps({ steps, variables });
      expect(state.result?.error).toBeUndefined();
      return machine.storage.list()[0]?.partitions.map(({ type }) => type);
    };
    expect(await run({})).toEqual(['efi', 'primary']);
    expect(await run({ OSDGPTBootDisk: 'false' })).toEqual(['primary']);
  });

  it('say where a volume gets no drive letter', () => {
    const partitions = [{ assignLetter: false }];
    const variables = formatDisk.actionVariables?.toVariables({ partitions }) ?? {};
    expect(variables['OSDPartitions0AssignVolumeLetter']).toBe('false');
    const preset = (name: string) =>
      ({ OSDPartitions0Type: 'Primary', OSDPartitions0AssignVolumeLetter: 'False' })[name];
    expect(formatDisk.actionVariables?.override({}, preset)).toMatchObject({
      partitions: [{ type: 'primary', assignLetter: false }],
    });
  });

  it('add an EFI partition to a GPT disk that has none, where OSDGPTBootDisk says so', async () => {
    const withBoot = async (params: object) => {
      const { machine, state } = await runSteps({
        steps: [{ type: 'format-disk', params }],
        variables: { OSDGPTBootDisk: 'True' },
      });
      expect(state.result?.error).toBeUndefined();
      return machine.storage.list()[0]?.partitions.map(({ type, sizeBytes }) => [type, sizeBytes]);
    };
    expect(await withBoot({ partitions: [{ size: { gb: 1 } }] })).toEqual([
      ['efi', 512 * MIB],
      ['primary', GB],
    ]);
    expect(await withBoot({ style: 'mbr', partitions: [{ size: { gb: 1 } }] })).toEqual([
      ['primary', GB],
    ]);
    const own = { partitions: [{ size: { gb: 1 } }, { type: 'efi', size: { mb: 100 } }] };
    expect(await withBoot(own)).toHaveLength(2);
  });

  it('leave a disk that is chosen by a variable or a rule: OSDDiskIndex is for all such steps', () => {
    const disk = { variable: 'Second' };
    expect(settingsOf({ disk }, { OSDDiskIndex: '7' }).params).toMatchObject({ disk });
    expect(settingsOf({ disk: '1' }, { OSDDiskIndex: '7' }).params).toMatchObject({ disk: 7 });
  });

  it.each([
    ['OSDDiskIndex', { OSDDiskIndex: 'C:' }],
    ['OSDDiskIndex', { OSDDiskIndex: '10001' }],
    ['OSDPartitionStyle', { OSDPartitionStyle: 'apm' }],
    ['OSDGPTBootDisk', { OSDGPTBootDisk: '1' }],
    ['OSDPartitions', { OSDPartitions: '0' }],
    ['OSDPartitions', { OSDPartitions: '1e3' }],
    ['OSDPartitions1Type', { OSDPartitions: '2', OSDPartitions0Type: 'Primary' }],
    ['OSDPartitions0Type', { OSDPartitions0Size: '5' }],
    ['OSDPartitions0Type', { OSDPartitions0Type: 'Swap' }],
    [
      'OSDPartitions0FileSystem',
      { OSDPartitions0Type: 'Primary', OSDPartitions0FileSystem: 'zfs' },
    ],
    ['OSDPartitions0Bootable', { OSDPartitions0Type: 'Primary', OSDPartitions0Bootable: 'yes' }],
    ['OSDPartitions0Size', { OSDPartitions0Type: 'Primary', OSDPartitions0Size: '1.5' }],
    [
      'OSDPartitions0 ',
      { OSDPartitions0Type: 'Primary', OSDPartitions0VolumeName: 'x'.repeat(37) },
    ],
    ['OSDPartitions0 ', { OSDPartitions0Type: 'Logical' }],
    ['OSDPartitions0 ', { OSDPartitions0Type: 'EFI', OSDPartitions0FileSystem: 'NTFS' }],
    ['OSDPartitions1 ', { OSDPartitions0Type: 'Primary', OSDPartitions1Type: 'Primary' }],
    [
      'OSDPartitions0 ',
      { OSDPartitions0Type: 'Primary', OSDPartitions0VolumeLetterVariable: '_SMSTSX' },
    ],
  ])(
    'name %s, which holds what no disk could have, before anything is written: %j',
    async (name, variables) => {
      const { state, machine } = await runSteps({
        steps: [{ type: 'format-disk', params: { partitions: [{}] } }],
        variables,
      });
      expect(state.result?.error).toMatchObject({ code: 'step.params' });
      expect(`${state.result?.error?.message} `).toContain(`The variable ${name.trim()} overrides`);
      expect(machine.storage.list().every(({ partitions }) => partitions.length === 0)).toBe(true);
    },
  );

  it('are refused or make a layout that the step takes, whatever text they hold', () => {
    const text = fc.oneof(
      fc.constantFrom('Primary', 'EFI', 'MSR', 'Extended', 'Logical', 'NTFS', 'true', 'GB', 'MBR'),
      fc.nat(200).map(String),
      fc.string({ maxLength: 5 }),
    );
    const names = Object.keys(windowsVariables);
    const preset = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 12 });
    fc.assert(
      fc.property(preset, (variables) => {
        let params: unknown;
        try {
          ({ params } = settingsOf({ partitions: [{}] }, variables));
        } catch (error) {
          expect(error).toMatchObject({ code: 'step.params' });
          return;
        }
        expect(formatDisk.params.safeParse(params).error?.issues).toBeUndefined();
      }),
    );
  });
});

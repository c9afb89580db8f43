import { describe, expect, it } from 'vitest';
import { checkSteps, imagePackage, runSteps } from './testing/run-step.ts';
import { faultsOf, simulateSteps, windowsDisk } from './testing/simulate-run.ts';

const apply = (params: object = {}) => ({
  type: 'apply-data-image',
  params: { image: { name: 'Files' }, ...params },
});
const applied = { type: 'apply-image', params: { image: { name: 'Windows 11' } } };

const files = imagePackage({ name: 'Files', kind: 'data', architecture: null });
const dataDisk = (fileSystem: string) => ({
  type: 'format-disk',
  params: { partitions: [{ name: 'Data', fileSystem, variable: 'DataVolume' }] },
});
const applyFiles = (params: object = {}) => ({
  type: 'apply-data-image',
  params: { image: { id: 'MWL00001' }, ...params },
});

describe('M55 apply-data-image on a machine', () => {
  it('lays the files of an image onto a volume, and sets nothing up to boot', async () => {
    const { machine, state, value, log } = await runSteps({
      steps: [dataDisk('ntfs'), applyFiles()],
      content: [files],
    });
    expect(state.result?.error).toBeUndefined();
    const volume = value('DataVolume') ?? '';
    expect(machine.storage.read(volume).image).toEqual({
      name: 'MWL00001/os.wim#1',
      complete: true,
    });
    expect(machine.bootEntries).toEqual([]);
    expect(value('OSDTargetSystemDrive')).toBeUndefined();
    expect(value('_OSDAppliedVolumes')).toBe(volume);
    expect(log).toContainEqual(expect.stringContaining('Applying "Files"'));
  });

  it('leaves a volume as it is where its files are added', async () => {
    const machine = { pe: 'winpe' as const };
    const {
      machine: after,
      state,
      value,
    } = await runSteps({
      steps: [
        dataDisk('ntfs'),
        applyFiles({ destination: { variable: 'DataVolume' }, wipe: false }),
      ],
      content: [files],
      machine,
    });
    expect(state.result?.error).toBeUndefined();
    expect(after.storage.read(value('DataVolume') ?? '').image).toBeNull();
  });

  it.each([
    [{ index: 2 }, 'image.index'],
    [{ wipe: false }, 'image.beside'],
    [{ destination: { drive: 'D:' } }, 'image.no-destination'],
    [{ destination: { disk: 0, partition: 9 } }, 'image.no-destination'],
  ])('%j is refused before the first step with %s', async (params, code) => {
    const { findings, untouched } = await checkSteps({
      steps: [dataDisk('ntfs'), applyFiles(params)],
      content: [files],
    });
    expect(findings).toMatchObject([{ error: { code } }]);
    expect(untouched).toBe(true);
  });
});

describe('M02 apply-data-image', () => {
  it('goes to the next volume after the one that Windows went to, and takes it', async () => {
    const { result, nodes } = await simulateSteps([windowsDisk, applied, apply()]);
    expect(result.error).toBeNull();
    const [, system, data] = nodes;
    const volumes = (node: typeof data) =>
      node?.variables.find(({ name }) => name === '_OSDAppliedVolumes')?.value.split(' ');
    expect(volumes(data)).toHaveLength(2);
    expect(volumes(data)?.[0]).toBe(volumes(system)?.[0]);
  });

  it('finds no place where there is none left', async () => {
    const { result } = await simulateSteps([windowsDisk, applied, apply(), apply()]);
    expect(result.error?.code).toBe('image.no-destination');
  });

  it.each([{ disk: 0, partition: 4 }, { variable: 'OSDisk' }, { drive: 'D:' }])(
    'goes to %j',
    async (destination) => {
      const { result } = await simulateSteps([windowsDisk, apply({ destination, wipe: false })]);
      expect(result.error).toBeNull();
    },
  );

  it('takes its image and what to wipe from variables that were set before', async () => {
    const variables = { OSDWipeDestinationPartition: 'maybe' };
    const { result } = await simulateSteps([windowsDisk, apply()], { variables });
    expect(result.error?.message).toContain('OSDWipeDestinationPartition');
    const index = { OSDDataImageIndex: '7' };
    const seventh = await simulateSteps([windowsDisk, apply()], { variables: index });
    expect(seventh.result.error).toMatchObject({ code: 'image.index' });
  });

  it.each([
    [{ image: undefined }, 'params.image'],
    [{ index: 0 }, 'params.index'],
    [{ destination: { drive: 'OSDisk' } }, 'no drive letter'],
    [{ wipe: 'perhaps' }, 'params.wipe'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('apply-data-image', apply(params).params)).toEqual([
      expect.stringContaining(fault),
    ]);
  });
});

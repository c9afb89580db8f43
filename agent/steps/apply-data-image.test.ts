import { describe, expect, it } from 'vitest';
import { faultsOf, simulateSteps, windowsDisk } from './testing/simulate-run.ts';

const apply = (params: object = {}) => ({
  type: 'apply-data-image',
  params: { image: { name: 'Files' }, ...params },
});
const applied = { type: 'apply-image', params: { image: { name: 'Windows 11' } } };

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

import { describe, expect, it } from 'vitest';
import { autoApplyDrivers } from './auto-apply-drivers.ts';
import { faultsOf, simulateSteps } from './testing/simulate-run.ts';

describe('M02 auto-apply-drivers', () => {
  it('succeeds in Windows PE', async () => {
    const step = { type: 'auto-apply-drivers', params: { categories: 'Dell, HP' } };
    expect((await simulateSteps([step])).result.error).toBeNull();
  });

  it('has its categories as one variable, with commas', () => {
    const { actionVariables } = autoApplyDrivers;
    expect(actionVariables?.toVariables({ bestMatch: false, categories: ['a', 'b'] })).toEqual({
      OSDAutoApplyDriverBestMatch: 'false',
      OSDAutoApplyDriverCategoryList: 'a,b',
    });
    const preset = (name: string) =>
      name === 'OSDAutoApplyDriverCategoryList' ? 'c , d,' : undefined;
    expect(actionVariables?.override({ categories: ['a'] }, preset)).toEqual({
      categories: ['c', 'd'],
    });
  });

  it.each([{ bestMatch: 'best' }, { categories: ['x'.repeat(256)] }])('refuses %j', (params) => {
    expect(faultsOf('auto-apply-drivers', params)).toHaveLength(1);
  });
});

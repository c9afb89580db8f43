import { describe, expect, it } from 'vitest';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

const request = (params: object = {}) => ({ type: 'request-state-store', params });

describe('M02 request-state-store', () => {
  it('says where the state is kept, unless that was said before', async () => {
    const { result, set } = await simulateSteps([request()], { device: inWindows });
    expect(result.error).toBeNull();
    expect(set).toEqual({ OSDStateStorePath: '\\\\state-store\\PC1' });
    const variables = { OSDStateStorePath: 'D:\\State' };
    const own = await simulateSteps([request({ request: 'Restore' })], { variables });
    expect(own.set).toEqual(variables);
  });

  it.each([
    { request: 'keep' },
    { retries: 601 },
    { retryDelaySeconds: 601 },
    { useNetworkAccount: 'x' },
  ])('refuses %j', (params) => {
    expect(faultsOf('request-state-store', params)).toHaveLength(1);
  });
});

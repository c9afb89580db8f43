import { describe, expect, it } from 'vitest';
import { faultsOf, simulateSteps, windowsDisk } from './testing/simulate-run.ts';

describe('M02 pre-provision-bitlocker', () => {
  it('succeeds in Windows PE alone', async () => {
    const params = { destination: { variable: 'OSDisk' }, encryptionMode: 'XTS-AES-256' };
    const steps = [windowsDisk, { type: 'pre-provision-bitlocker', params }];
    expect((await simulateSteps(steps)).result.error).toBeNull();
    const { result } = await simulateSteps(steps, { device: { pe: 'linux-pe' } });
    expect(result.error?.code).toBe('step.environment');
  });

  it.each([
    [{}, 'params.destination'],
    [{ destination: 'next-available' }, 'params.destination'],
    [{ destination: { drive: '1:' } }, 'no drive letter'],
    [{ destination: { drive: 'C:' }, encryptionMode: 'des' }, 'params.encryptionMode'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('pre-provision-bitlocker', params)).toEqual([expect.stringContaining(fault)]);
  });
});

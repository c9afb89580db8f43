import { describe, expect, it } from 'vitest';
import { inWindows, simulateSteps } from './testing/simulate-run.ts';

const prepare = (params: object = {}) => ({ type: 'prepare-windows', params });

describe('M02 prepare-windows', () => {
  it('says where Windows is, and restarts to the boot image', async () => {
    const { result, last, set } = await simulateSteps([prepare()], { device: inWindows });
    expect(result.error).toBeNull();
    expect(set).toEqual({ OSDTargetSystemRoot: 'C:\\Windows' });
    expect(last?.restart).toMatchObject({ next: 'pe', environment: 'winpe' });
  });

  it('does not restart where the computer is shut down', async () => {
    const steps = [prepare({ shutdown: true })];
    const { result, last } = await simulateSteps(steps, { device: inWindows });
    expect(result.error).toBeNull();
    expect(last?.restart).toBeNull();
  });

  it('is for the installed Windows alone', async () => {
    const { result } = await simulateSteps([prepare()]);
    expect(result.error?.code).toBe('step.environment');
  });

  it('takes OSDKeepActivation for its setting', async () => {
    const { result } = await simulateSteps([prepare()], {
      device: inWindows,
      variables: { OSDKeepActivation: 'yes' },
    });
    expect(result.error?.message).toContain('OSDKeepActivation');
  });
});

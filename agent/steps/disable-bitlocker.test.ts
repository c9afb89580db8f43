import { describe, expect, it } from 'vitest';
import { disableBitLocker } from './disable-bitlocker.ts';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

const restarts = (variables: Readonly<Record<string, string>>) =>
  disableBitLocker.actionVariables?.override({ restarts: 2 }, (name) => variables[name]);

describe('M02 disable-bitlocker', () => {
  it('succeeds in the installed Windows alone', async () => {
    const step = { type: 'disable-bitlocker', params: {} };
    expect((await simulateSteps([step], { device: inWindows })).result.error).toBeNull();
    expect((await simulateSteps([step])).result.error?.code).toBe('step.environment');
  });

  it('counts restarts by the override, else by the count, else by its setting', () => {
    const count = { OSDBitLockerRebootCount: '5' };
    expect(restarts({})).toEqual({ restarts: 2 });
    expect(restarts(count)).toEqual({ restarts: 5 });
    expect(restarts({ ...count, OSDBitLockerRebootCountOverride: '0' })).toEqual({ restarts: 0 });
    expect(() => restarts({ OSDBitLockerRebootCount: '0' })).toThrow('OSDBitLockerRebootCount');
    expect(disableBitLocker.actionVariables?.toVariables({ restarts: 3 })).toEqual({
      OSDBitLockerRebootCount: '3',
    });
  });

  it.each([{ restarts: 16 }, { restarts: -1 }, { drive: 'C' }])('refuses %j', (params) => {
    expect(faultsOf('disable-bitlocker', params)).toHaveLength(1);
  });
});

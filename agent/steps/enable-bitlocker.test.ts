import { describe, expect, it } from 'vitest';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

const enable = (params: object = {}) => ({ type: 'enable-bitlocker', params });

describe('M02 enable-bitlocker', () => {
  it('succeeds in the installed Windows alone', async () => {
    expect((await simulateSteps([enable()], { device: inWindows })).result.error).toBeNull();
    expect((await simulateSteps([enable()])).result.error?.code).toBe('step.environment');
  });

  it('heeds OSDBitLockerPIN and OSDBitLockerStartupKey where they are asked for alone', async () => {
    const wrong = { OSDBitLockerPIN: '1'.repeat(21), OSDBitLockerStartupKey: 'x'.repeat(65) };
    const errorWith = async (keyManagement: string) => {
      const steps = [enable({ keyManagement })];
      const { result } = await simulateSteps(steps, { device: inWindows, variables: wrong });
      return result.error?.message;
    };
    expect(await errorWith('TPM')).toBeUndefined();
    expect(await errorWith('tpm-and-pin')).toContain('OSDBitLockerPIN');
    expect(await errorWith('key')).toContain('OSDBitLockerStartupKey');
  });

  it.each([
    [{ pin: '%PIN%' }, 'a PIN goes with tpm-and-pin, not with tpm'],
    [{ keyManagement: 'tpm-and-key', pin: '12345678' }, 'a PIN goes with tpm-and-pin'],
    [{ keyManagement: 'tpm-and-pin', startupKeyDrive: 'E:' }, 'a start-up key goes with'],
    [{ startupKey: '%Key%' }, 'a start-up key goes with'],
    [{ keyManagement: 'pin' }, 'params.keyManagement'],
    [{ drive: 'system' }, 'no drive letter'],
    [{ keyPollingSeconds: 14 }, 'params.keyPollingSeconds'],
    [{ keyTimeoutSeconds: 29 }, 'params.keyTimeoutSeconds'],
    [{ recoveryKey: 'printer' }, 'params.recoveryKey'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('enable-bitlocker', params)).toEqual([expect.stringContaining(fault)]);
  });

  it('takes settings that variables will say', () => {
    const params = { keyManagement: 'tpm-and-pin', pin: '%PIN%', waitForEncryption: '%Wait%' };
    expect(faultsOf('enable-bitlocker', params)).toEqual([]);
  });
});

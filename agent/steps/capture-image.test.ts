import { describe, expect, it } from 'vitest';
import { captureImage } from './capture-image.ts';
import { faultsOf, simulateSteps } from './testing/simulate-run.ts';

const destination = '\\\\server\\share\\reference.wim';
const settings = {
  destination,
  account: { user: 'CORP\\capture', password: '%CapturePassword%' },
  description: 'Reference',
  version: '12',
  createdBy: 'Build',
};

describe('M02 capture-image', () => {
  it('succeeds in a simulation, in Windows PE', async () => {
    const step = { type: 'capture-image', params: settings };
    expect((await simulateSteps([step])).result.error).toBeNull();
    const { result } = await simulateSteps([step], { device: { pe: 'linux-pe' } });
    expect(result.error?.code).toBe('step.environment');
  });

  it('has its settings as variables', () => {
    expect(captureImage.actionVariables?.toVariables(settings)).toEqual({
      OSDCaptureDestination: destination,
      OSDCaptureAccount: 'CORP\\capture',
      OSDCaptureAccountPassword: '%CapturePassword%',
      OSDImageDescription: 'Reference',
      OSDImageVersion: '12',
      OSDImageCreator: 'Build',
    });
  });

  it.each([
    [{ destination: '' }, 'params.destination'],
    [{ destination: 'x'.repeat(256) }, 'params.destination'],
    [{ description: 'x'.repeat(256) }, 'params.description'],
    [{ version: 'x'.repeat(33) }, 'params.version'],
    [{ createdBy: 'x'.repeat(256) }, 'params.createdBy'],
    [{ account: { user: '' } }, 'params.account.user'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('capture-image', { ...settings, ...params })).toEqual([
      expect.stringContaining(fault),
    ]);
  });
});

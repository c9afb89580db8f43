import { describe, expect, it } from 'vitest';
import { setupWindows } from './setup-windows.ts';
import { applyWindows, faultsOf, simulateSteps, windowsDisk } from './testing/simulate-run.ts';

const setup = { type: 'setup-windows', params: { clientPackage: { name: 'Client' } } };

describe('M02 setup-windows', () => {
  it('restarts to the Windows that was applied', async () => {
    const { result, last } = await simulateSteps([windowsDisk, applyWindows, setup]);
    expect(result.error).toBeNull();
    expect(last?.restart).toMatchObject({ next: 'disk', environment: 'full-os' });
  });

  it('is refused its restart where nothing was applied', async () => {
    const { result } = await simulateSteps([windowsDisk, setup]);
    expect(result.error?.code).toBe('restart.not-bootable');
  });

  it('needs no client, and takes properties from a variable', () => {
    expect(faultsOf('setup-windows', {})).toEqual([]);
    const preset = (name: string) =>
      name === 'SMSClientInstallProperties' ? 'SMSMP=server' : undefined;
    expect(setupWindows.actionVariables?.override({}, preset)).toEqual({
      installProperties: 'SMSMP=server',
    });
    expect(faultsOf('setup-windows', { clientPackage: {} })).toHaveLength(1);
  });
});

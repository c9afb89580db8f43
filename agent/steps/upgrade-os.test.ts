import { describe, expect, it } from 'vitest';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

const media = { package: { name: 'Windows 11 media' } };
const upgrade = (params: object) => ({ type: 'upgrade-os', params });

describe('M02 upgrade-os', () => {
  it('upgrades and comes back in the new Windows', async () => {
    const { result, last, set } = await simulateSteps([upgrade(media)], { device: inWindows });
    expect(result.error).toBeNull();
    expect(set).toEqual({ _SMSTSOSUpgradeActionReturnCode: '0', _SMSTSSetupRollback: 'false' });
    expect(last?.restart).toMatchObject({ next: 'disk', environment: 'full-os' });
  });

  it('scans without a restart, and finds nothing in the way: 0xC1900210', async () => {
    const steps = [upgrade({ ...media, scanOnly: true })];
    const { result, last, set } = await simulateSteps(steps, { device: inWindows });
    expect(result.error).toBeNull();
    expect(set).toEqual({ _SMSTSOSUpgradeActionReturnCode: '3247440400' });
    expect(last?.restart).toBeNull();
  });

  it('is for the installed Windows', async () => {
    expect((await simulateSteps([upgrade(media)])).result.error?.code).toBe('step.environment');
  });

  it.each([
    [{}, 'needs an upgrade package, a source path, or feature updates'],
    [{ ...media, path: 'D:\\' }, 'one of upgrade package'],
    [{ path: 'D:\\', featureUpdates: ['KB1'] }, 'one of upgrade package'],
    [{ ...media, driverPackage: { name: 'Drivers' }, stagedContent: '%D%' }, 'not both'],
    [
      { featureUpdates: ['Windows 11, version 24H2'], stagedContent: 'C:\\Drivers' },
      'take no staged content',
    ],
    [{ ...media, overridePolicy: true }, 'only where Windows Setup is updated'],
    [{ ...media, edition: 0 }, 'params.edition'],
    [{ ...media, timeoutMinutes: 0 }, 'params.timeoutMinutes'],
    [{ path: '' }, 'params.path'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf('upgrade-os', params)).toEqual([expect.stringContaining(fault)]);
  });

  it('takes its source from a variable', () => {
    expect(faultsOf('upgrade-os', { path: '%Source%', edition: '%Edition%' })).toEqual([]);
  });
});

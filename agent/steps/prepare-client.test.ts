import { expect, it } from 'vitest';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

it('M02 prepare-client has no settings and is for the installed Windows', async () => {
  const step = { type: 'prepare-client', params: {} };
  expect((await simulateSteps([step], { device: inWindows })).result.error).toBeNull();
  expect((await simulateSteps([step])).result.error?.code).toBe('step.environment');
  expect(faultsOf('prepare-client', { uninstall: true })).toHaveLength(1);
});

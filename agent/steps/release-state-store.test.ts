import { expect, it } from 'vitest';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

it('M02 release-state-store has no settings and is for the installed Windows', async () => {
  const step = { type: 'release-state-store', params: {} };
  expect((await simulateSteps([step], { device: inWindows })).result.error).toBeNull();
  expect((await simulateSteps([step])).result.error?.code).toBe('step.environment');
  expect(faultsOf('release-state-store', { now: true })).toHaveLength(1);
});

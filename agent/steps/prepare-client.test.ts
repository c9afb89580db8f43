import { expect, it } from 'vitest';
import { GB, runSteps } from './testing/run-step.ts';
import { faultsOf, inWindows, simulateSteps } from './testing/simulate-run.ts';

const step = { type: 'prepare-client', params: {} };
const disks = [{ sizeBytes: 20 * GB, partitions: [{ sizeBytes: 9 * GB, fileSystem: 'ntfs' }] }];

it('M02 prepare-client has no settings and is for the installed system', async () => {
  expect((await simulateSteps([step], { device: inWindows })).result.error).toBeNull();
  expect((await simulateSteps([step])).result.error?.code).toBe('step.environment');
  expect(faultsOf('prepare-client', { uninstall: true })).toHaveLength(1);
});

it.each([
  ['', 'client forgotten'],
  ['False', 'client forgotten'],
  [' TRUE', 'client uninstalled'],
])('M02 prepare-client with SMSTSUninstallCCMClient %j', async (value, prepared) => {
  const { machine, state, log } = await runSteps({
    steps: [step],
    machine: { installed: true, disks },
    variables: value === '' ? {} : { SMSTSUninstallCCMClient: value },
  });
  expect(state.result).toMatchObject({ succeeded: true });
  expect(machine.prepared).toEqual([prepared]);
  expect(log).toContain('The client is forgotten');
});

import { describe, expect, it } from 'vitest';
import { GB, runSteps } from './testing/run-step.ts';
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

  it.each([
    [{}, {}, 'generalized'],
    [{ keepActivation: true }, {}, 'generalized, activation kept'],
    [{}, { OSDKeepActivation: 'TRUE' }, 'generalized, activation kept'],
  ])('prepares the system that runs, with %j and %j', async (params, variables, done) => {
    const { machine, state, value, facts } = await runSteps({
      steps: [prepare(params)],
      machine: {
        installed: true,
        os: {
          family: 'windows',
          version: '10.0',
          productType: 'client',
          language: null,
        },
        disks: [{ sizeBytes: 20 * GB, partitions: [{ sizeBytes: 9 * GB, fileSystem: 'ntfs' }] }],
      },
      variables,
    });
    expect(state.result).toMatchObject({ succeeded: true });
    expect(machine.prepared).toEqual([done]);
    expect(value('OSDTargetSystemRoot')).toBe('C:\\Windows');
    expect(facts).toContainEqual(expect.objectContaining({ kind: 'step-finished', restart: 'pe' }));
  });

  it('is refused where it is to shut the computer down: not in this version', async () => {
    const { state, machine } = await runSteps({
      steps: [prepare({ shutdown: true })],
      machine: {
        installed: true,
        disks: [{ sizeBytes: 20 * GB, partitions: [{ sizeBytes: 9 * GB, fileSystem: 'ntfs' }] }],
      },
    });
    expect(state.result?.error?.code).toBe('step.later');
    expect(machine.prepared).toEqual([]);
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

import { describe, expect, it } from 'vitest';
import { contentOf } from '#agent/simulated-machine/content.ts';
import { SimulatedMachine } from '#agent/simulated-machine/machine.ts';
import { setVariable } from './set-variable.ts';
import { runSteps } from './testing/run-step.ts';

const set = (name: string, value: string, secret = false) => ({
  type: 'set-variable',
  params: { name, value, secret },
});

describe('M11 set-variable', () => {
  it('sets, expands others, and deletes by an empty value', async () => {
    const { value } = await runSteps({
      steps: [set('A', '1'), set('B', '%a%-%Undefined%2'), set('C', '3'), set('c', '')],
    });
    expect([value('A'), value('B'), value('C')]).toEqual(['1', '1-2', undefined]);
  });

  it('hides a secret in its log, and says that it is one', async () => {
    const log: string[] = [];
    const running = setVariable.run(
      { name: 'P', value: 'hunter2', secret: true },
      {
        platform: new SimulatedMachine({ disks: [] }).start('pe'),
        content: contentOf([]),
        variable: () => undefined,
        environment: {},
        log: (message) => log.push(message),
        signal: new AbortController().signal,
      },
    );
    await running.next();
    await expect(running.next()).resolves.toMatchObject({
      done: true,
      value: { variables: { P: 'hunter2' }, secrets: ['P'] },
    });
    expect(log.join()).not.toContain('hunter2');
  });

  it.each([
    ['a read-only name', set('_SMSTSInWinPE', 'false')],
    ['no name', set('a b', '1')],
    ['a value that grew too long', set('A', '%Long%%Long%')],
  ])('fails with %s', async (_name, step) => {
    const { state, value } = await runSteps({
      steps: [step],
      variables: { Long: 'x'.repeat(3000) },
    });
    expect(state.result?.succeeded).toBe(false);
    expect(value('_SMSTSInWinPE')).toBe('true');
    expect(value('A')).toBeUndefined();
  });
});

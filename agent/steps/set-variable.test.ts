import { describe, expect, it } from 'vitest';
import { checkSteps, runSteps } from './testing/run-step.ts';

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
    const { state, log } = await runSteps({ steps: [set('P', 'hunter2', true)] });
    expect(state.variables.get('P')).toEqual({ name: 'P', value: 'hunter2', secret: true });
    expect(log.join()).toContain('P = ****');
    expect(log.join()).not.toContain('hunter2');
  });

  it('stops one that doubles itself at the longest value there is, before the run and in it', async () => {
    const steps = [set('X', 'xx'), ...Array.from({ length: 60 }, () => set('X', '%X%%X%'))];
    expect((await checkSteps({ steps })).findings).toEqual([]);
    const { state, value } = await runSteps({ steps });
    expect(state.result?.succeeded).toBe(false);
    expect(value('X')).toHaveLength(2048);
  });

  it('keeps what is a password by its name from being seen, marked or not', async () => {
    const { state, log } = await runSteps({ steps: [set('OSDJoinPassword', 'hunter2')] });
    expect(state.variables.get('OSDJoinPassword')?.secret).toBe(true);
    expect(log.join()).not.toContain('hunter2');
  });

  it('makes a secret of what a secret was put into', async () => {
    const { state, log } = await runSteps({
      steps: [set('Line', '/p:%Given%'), set('Copy', '%line%!')],
      variables: { Given: 'hunter2' },
      secrets: ['Given'],
    });
    expect(state.variables.get('Copy')).toEqual({
      name: 'Copy',
      value: '/p:hunter2!',
      secret: true,
    });
    expect(log.join()).not.toContain('hunter2');
  });

  it('takes names of lists, blanks around a name, and 4,000 characters with variables put in', async () => {
    const { value } = await runSteps({
      steps: [
        set('Apps01', 'Mail'),
        set('OSDPartitions0Size', '5'),
        set('  Padded ', '1'),
        set('Long', `${'y'.repeat(1000)}%Given%`),
      ],
      variables: { Given: 'x'.repeat(3000) },
    });
    expect(['apps01', 'OSDPartitions0Size', 'Padded'].map(value)).toEqual(['Mail', '5', '1']);
    expect(value('Long')).toHaveLength(4000);
  });

  it.each([
    ['a read-only name', set('%ReadOnly%', 'false')],
    ['no name', set('%Blank%', '1')],
    ['a value that grew too long', set('A', '%Long%%Long%')],
  ])('fails with %s', async (_name, step) => {
    const { state, value } = await runSteps({
      steps: [step],
      variables: { Long: 'x'.repeat(3000), ReadOnly: '_SMSTSInWinPE', Blank: 'a b' },
    });
    expect(state.result?.succeeded).toBe(false);
    expect(value('_SMSTSInWinPE')).toBe('true');
    expect(value('A')).toBeUndefined();
  });
});

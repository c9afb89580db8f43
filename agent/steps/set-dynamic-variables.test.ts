import { describe, expect, it } from 'vitest';
import { runSteps } from './testing/run-step.ts';

const dynamic = (...rules: readonly object[]) => ({
  type: 'set-dynamic-variables',
  params: { rules },
});
const set = (variables: Record<string, unknown>, condition?: object) => ({
  variables: Object.entries(variables).map(([name, value]) => ({ name, value })),
  ...(condition === undefined ? {} : { condition }),
});
const machine = {
  inventory: {
    Win32_ComputerSystem: [{ Manufacturer: 'LENOVO', Model: '20XW' }],
    Win32_BIOS: [{ SerialNumber: 'PF1' }],
  },
};
const lenovo = { kind: 'make-model', make: 'lenovo', model: '20X?' };
const hp = { kind: 'make-model', make: 'HP*', model: '*' };

describe('M02 M11 set-dynamic-variables', () => {
  it('gathers first, also without a rule; what is not known keeps its value', async () => {
    const { value, state, log } = await runSteps({
      steps: [dynamic()],
      machine,
      variables: { _SMSTSMake: 'before', _SMSTSAssetTag: 'before' },
    });
    expect(state.result?.succeeded).toBe(true);
    expect(
      ['_SMSTSMake', '_SMSTSModel', '_SMSTSSerialNumber', '_SMSTSAssetTag'].map(value),
    ).toEqual(['LENOVO', '20XW', 'PF1', 'before']);
    expect(log).toContain('_SMSTSSerialNumber = PF1');
  });

  it('applies the rules that hold, in order: the later assignment wins', async () => {
    const { value, log } = await runSteps({
      steps: [
        dynamic(
          set({ Drivers: 'none', Kept: true, Count: 7 }),
          set({ Drivers: 'Lenovo' }, lenovo),
          set({ Drivers: 'HP', Wrong: '1' }, hp),
          set({ Old: '' }),
        ),
      ],
      machine,
      variables: { Old: 'x' },
    });
    expect(['Drivers', 'Kept', 'Count', 'Wrong', 'Old'].map(value)).toEqual([
      'Lenovo',
      'true',
      '7',
      undefined,
      undefined,
    ]);
    expect(log.join('\n')).toMatch(/Rule 2: true: .*\nDrivers = Lenovo\nRule 3: false: /);
    expect(log).toContain('Old deleted');
  });

  it('puts variables in when it comes to a rule: what an earlier one set is seen', async () => {
    const { value, log } = await runSteps({
      steps: [
        dynamic(
          set({ Site: 'HQ', Name: '%Site%-%_SMSTSSerialNumber%' }),
          set(
            { Group: '%Name%-%Undefined%x', '%Site%List01': 'App' },
            { kind: 'variable', variable: 'Name', operator: 'equals', value: '%Site%-pf1' },
          ),
          set({ Loop: '%Loop%%Loop%' }),
        ),
      ],
      machine,
      variables: { Site: 'old', Loop: 'a' },
    });
    expect(['Name', 'Group', 'HQList01', 'Loop'].map(value)).toEqual([
      'HQ-PF1',
      'HQ-PF1-x',
      'App',
      'aa',
    ]);
    expect(log).toContain('Rule 2: %Undefined% has no value');
  });

  it('hides what is marked, what is a password by name, and what a secret was put into', async () => {
    const { state, log } = await runSteps({
      steps: [
        dynamic({
          variables: [
            { name: 'Pin', value: 'secret-1', secret: true },
            { name: 'OSDJoinPassword', value: 'secret-2' },
            { name: 'Line', value: '/p:%Given%' },
            { name: 'Copy', value: '%Line%' },
          ],
        }),
      ],
      variables: { Given: 'secret-3' },
      secrets: ['Given'],
    });
    const values = ['Pin', 'OSDJoinPassword', 'Line', 'Copy'].map((name) =>
      state.variables.get(name),
    );
    expect(values).toMatchObject([
      { value: 'secret-1', secret: true },
      { value: 'secret-2', secret: true },
      { value: '/p:secret-3', secret: true },
      { value: '/p:secret-3', secret: true },
    ]);
    expect(log.join('\n')).not.toContain('secret-');
  });

  it.each([
    ['a read-only name', { '%ReadOnly%': '1' }],
    ['no name', { '%Blank%': '1' }],
    ['a value that grew too long', { A: '%Long%%Long%' }],
  ])('M07 fails with %s, and keeps what was set before it', async (_name, variables) => {
    const { state, value } = await runSteps({
      steps: [dynamic(set({ First: '1' }), set(variables), set({ Last: '1' }))],
      machine,
      variables: { Long: 'x'.repeat(3000), ReadOnly: '_SMSTSMake', Blank: 'a b' },
    });
    expect(state.result).toMatchObject({ succeeded: false, error: { code: 'variable.invalid' } });
    expect(['First', 'Last', '_SMSTSMake', 'A'].map(value)).toEqual([
      '1',
      undefined,
      'LENOVO',
      undefined,
    ]);
  });

  it('decides on variables that only the engine sets', async () => {
    const inPe = { kind: 'variable', variable: '_SMSTSInWinPE', operator: 'equals', value: true };
    const { value } = await runSteps({
      steps: [dynamic(set({ A: '1' }, { all: [inPe, lenovo] }), set({ B: '1' }, { none: [inPe] }))],
      machine,
    });
    expect([value('A'), value('B')]).toEqual(['1', undefined]);
  });

  it.each([
    [{ variables: [] }, 'rules[0].variables: a rule sets at least one variable'],
    [{ variables: [{ name: 'A' }], condition: { kind: 'file', path: 'x' } }, 'rules[0].condition'],
    [{ variables: [{ name: 'A', secrt: true }] }, 'rules[0].variables[0]'],
  ])('a document with %j is refused', async (rule, message) => {
    await expect(runSteps({ steps: [dynamic(rule)] })).rejects.toThrow(message);
  });
});

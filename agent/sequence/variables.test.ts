import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HIDDEN,
  hideSecrets,
  substitute,
  Variables,
  variableNameProblem,
  variableValueProblem,
} from './variables.ts';

const plain = (name: string, value: string) => ({ name, value, secret: false });
const secret = (name: string, value: string) => ({ name, value, secret: true });
const of = (...changes: ReturnType<typeof plain>[]) => Variables.none.setAll(changes);

describe('M11 variables', () => {
  it('have names without case, blanks at the ends ignored', () => {
    const variables = of(plain(' OSDComputerName ', 'PC1'));
    expect(variables.value('osdcomputername')).toBe('PC1');
    expect(variables.get('OSDCOMPUTERNAME ')?.name).toBe('OSDComputerName');
    expect([...variables.set(plain('osdComputerName', 'PC2'))]).toEqual([
      { name: 'osdComputerName', value: 'PC2', secret: false },
    ]);
  });

  it('are deleted by an empty value', () => {
    expect(of(plain('A', '1'), plain('a', '')).get('A')).toBeUndefined();
  });

  it('M03 read _SMSTSLastActionRetCode without its _ too', () => {
    const variables = of(plain('_SMSTSLastActionRetCode', '3010'));
    expect(variables.value('SMSTSLastActionRetCode')).toBe('3010');
    expect(
      variables.set(plain('smstslastactionretcode', '7')).value('SMSTSLastActionRetCode'),
    ).toBe('7');
  });

  it('are changed in a copy', () => {
    const before = of(plain('A', '1'));
    before.set(plain('A', '2'));
    expect(before.value('A')).toBe('1');
  });

  it('stay secret when set again, until deleted', () => {
    const variables = of(secret('P', 'one'), plain('P', 'two'));
    expect(variables.get('P')).toMatchObject({ value: 'two', secret: true });
    const again = variables.set(plain('P', '')).set(plain('P', 'three'));
    expect(again.get('P')?.secret).toBe(false);
  });

  it('behave like a map of lower-case names, whatever is set', () => {
    const name = fc.string({
      minLength: 1,
      maxLength: 3,
      unit: fc.constantFrom('a', 'A', 'b', '_'),
    });
    const change = fc.record({
      name,
      value: fc.constantFrom('', '1', '2'),
      secret: fc.constant(false),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const model = new Map<string, string>();
        for (const { name, value } of changes) {
          if (value === '') model.delete(name.toLowerCase());
          else model.set(name.toLowerCase(), value);
        }
        const variables = Variables.none.setAll(changes);
        const entries = [...variables].map(
          ({ name, value }) => [name.toLowerCase(), value] as const,
        );
        expect(new Map(entries)).toEqual(model);
      }),
    );
  });
});

describe('M11 %Name%', () => {
  const variables = of(plain('A', 'one'), plain('B-2', '%A%'), secret('P', 'hunter2'));
  it.each([
    ['%A% and %a%', 'one and one', []],
    ['%Undefined%', '', ['Undefined']],
    ['x%No1%y%No2%z', 'xyz', ['No1', 'No2']],
    ['%B-2%', '%A%', []],
    ['100% of 50%', '100% of 50%', []],
    ['%%A%%', '%one%', []],
    ['%1%', '%1%', []],
    ['%_P%', '', ['_P']],
    ['%P%', 'hunter2', []],
    ['cmd /c dir %ProgramData%\\%A%', 'cmd /c dir %ProgramData%\\one', []],
    ['', '', []],
  ])('in %j gives %j', (text, expected, unknown) => {
    expect(substitute(text, variables)).toEqual({ text: expected, unknown });
  });
});

describe('M11 secrets', () => {
  const variables = of(secret('P', 'hunter2'), secret('Q', 'hunter2-long'), plain('U', 'admin'));
  it('are hidden wherever their value stands, the longest first', () => {
    expect(hideSecrets('net use /user:admin hunter2-long hunter2', variables)).toBe(
      `net use /user:admin ${HIDDEN} ${HIDDEN}`,
    );
  });
});

describe('M11 what a person or a script may set', () => {
  it.each(['OSDComputerName', ' A ', 'a_b-c1', 'X'.repeat(256)])('%j is a name', (name) => {
    expect(variableNameProblem(name)).toBeUndefined();
  });
  it.each(['_SMSTSInWinPE', ' _X', '', '  ', '1A', 'a b', 'ä', 'A%', 'X'.repeat(257)])(
    '%j is none',
    (name) => {
      expect(variableNameProblem(name)).toEqual(expect.any(String));
    },
  );
  it('a value has 4,000 characters at most', () => {
    expect(variableValueProblem('x'.repeat(4000))).toBeUndefined();
    expect(variableValueProblem('x'.repeat(4001))).toContain('4001');
  });
  it('a value has no NUL: no environment could hold it', () => {
    expect(variableValueProblem('a\0b')).toContain('NUL');
  });
});

import { describe, expect, it } from 'vitest';
import { faultsOf, simulateStep } from './testing/simulate-step.ts';

const type = 'install-package';
const content = { name: 'Office' };

describe('M02 install-package', () => {
  it('installs one package, or a list in variables up to its first gap', async () => {
    const one = await simulateStep(type, { package: content, program: 'Silent' });
    expect(one.log).toEqual(['Would install Office: Silent']);
    const variables = { Pkg001: 'ABC00001:Setup', Pkg002: 'ABC00002:Setup', Pkg004: 'x' };
    const list = await simulateStep(type, { baseVariable: 'Pkg' }, { variables });
    expect(list.log).toEqual(['Would install ABC00001:Setup', 'Would install ABC00002:Setup']);
    const none = await simulateStep(type, { baseVariable: 'Other' }, { variables });
    expect(none.log).toEqual(['Other001 has no value: nothing to install']);
    expect(none.result).toEqual({});
  });

  it.each([
    [{}, 'package: needs a package'],
    [{ package: content }, 'program: needs the name'],
    [{ package: content, program: 'x', baseVariable: 'Pkg' }, 'baseVariable: is instead'],
    [{ baseVariable: 'Pkg', program: 'x' }, 'program: is that of a package'],
    [{ baseVariable: '_Pkg' }, 'baseVariable: no name'],
  ])('refuses %j', (params, fault) => {
    expect(faultsOf(type, params)).toEqual([expect.stringContaining(fault)]);
  });
});

import { describe, expect, it } from 'vitest';
import { substituteParams } from './step-params.ts';
import { Variables } from './variables.ts';

const variables = Variables.none.set({ name: 'A', value: '1%A%', secret: false });

describe('M11 params of a step', () => {
  it('get each %Name% put in once, at any depth; what has no value is empty and told', () => {
    const params = { text: '%a%', list: [{ deep: 'x%Gone%' }], number: 5, '%A%': null };
    expect(substituteParams(params, variables)).toEqual({
      params: { text: '1%A%', list: [{ deep: 'x' }], number: 5, '%A%': null },
      unknown: ['Gone'],
    });
  });

  it('stay as they are in the document where the step says so', () => {
    const params = { script: '1..3 | %{ $_ %Gone% }', text: '%A%', inner: { script: '%A%' } };
    expect(substituteParams(params, variables, ['script'])).toEqual({
      params: { ...params, text: '1%A%', inner: { script: '1%A%' } },
      unknown: [],
    });
  });

  it('may be anything', () => {
    expect(substituteParams(null, variables, ['x'])).toEqual({ params: null, unknown: [] });
    expect(substituteParams('%A%', variables, ['x']).params).toBe('1%A%');
  });
});

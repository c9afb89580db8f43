import { expect, it } from 'vitest';
import { childEnvironment, valueOf } from './child-environment.ts';

it('M11 variables of a sequence are over those of the system, whatever their case', () => {
  const own = { Path: 'X:\\Windows', METALWRIGHT_SERVER: '10.0.0.1:7443', TEMP: undefined };
  const { environment, leftOut } = childEnvironment(own, { PATH: 'C:\\T', OSDComputerName: 'PC1' });
  expect(environment).toEqual({ Path: 'C:\\T', OSDComputerName: 'PC1' });
  expect(leftOut).toEqual([]);
  expect(valueOf(environment, 'pATH')).toBe('C:\\T');
});

it('names what no environment of Windows takes', () => {
  const given = { 'a=b': '1', long: 'x'.repeat(32_763), zero: 'a\0b', '=C:': 'C:\\', ok: 'y' };
  const { environment, leftOut } = childEnvironment({}, given);
  expect(environment).toEqual({ '=C:': 'C:\\', ok: 'y' });
  expect(leftOut).toEqual(['a=b', 'long', 'zero']);
});

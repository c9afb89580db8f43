import { describe, expect, it } from 'vitest';
import { assertSystem, formatFailure } from './system-support.ts';

describe('M43 the system that the agent starts on', () => {
  it('M53 is Linux or Windows; another one is refused with a code and no stack', () => {
    expect(() => assertSystem('linux', 'x64')).not.toThrow();
    for (const architecture of ['x64', 'arm64'])
      expect(() => assertSystem('win32', architecture)).not.toThrow();
    expect(failureOf(() => assertSystem('win32', 'ia32'))).toMatch(/win32 \(ia32\)/);
    const refused = failureOf(() => assertSystem('darwin', 'arm64'));
    expect(refused).toMatch(/^agent\.platform: .*darwin \(arm64\)/);
    expect(refused).toMatch(/\nBoot the machine into Windows PE.*\n$/);
    expect(refused).not.toMatch(/\n\s+at /);
  });

  it('keeps the stack of an error without a name', () => {
    expect(formatFailure(new TypeError('x is not a function'))).toMatch(/^TypeError: x.*\n\s+at /);
    expect(formatFailure('text')).toBe('text\n');
  });
});

function failureOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return formatFailure(error);
  }
  return '';
}

import { describe, expect, it } from 'vitest';
import { assertSystem, formatFailure } from './system-support.ts';

describe('M43 the system that the agent starts on', () => {
  it('is Linux so far; another one is refused with a code and no stack', () => {
    expect(() => assertSystem('linux', 'x64')).not.toThrow();
    const refused = failureOf(() => assertSystem('win32', 'arm64'));
    expect(refused).toMatch(/^agent\.platform: .*win32 \(arm64\)/);
    expect(refused).toMatch(/\nBoot the machine into Linux PE.*\n$/);
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

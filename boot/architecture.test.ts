import { describe, expect, it } from 'vitest';
import { architectureOfCode } from './architecture.ts';

describe('M50 client architecture (option 93)', () => {
  it.each([
    { code: 0, name: 'bios', firmware: 'bios', transport: 'tftp' },
    { code: 6, name: 'uefi-x86', firmware: 'uefi', transport: 'tftp' },
    { code: 7, name: 'uefi-x64', firmware: 'uefi', transport: 'tftp' },
    { code: 9, name: 'uefi-x64', firmware: 'uefi', transport: 'tftp' },
    { code: 11, name: 'uefi-arm64', firmware: 'uefi', transport: 'tftp' },
    { code: 15, name: 'http-x86', firmware: 'uefi', transport: 'http' },
    { code: 16, name: 'http-x64', firmware: 'uefi', transport: 'http' },
    { code: 18, name: 'http-arm32', firmware: 'uefi', transport: 'http' },
    { code: 19, name: 'http-arm64', firmware: 'uefi', transport: 'http' },
  ])('reads $code as $name', ({ code, ...expected }) => {
    expect(architectureOfCode(code)).toMatchObject(expected);
  });

  it('does not guess a value that the registry does not have', () => {
    expect(architectureOfCode(0xffff)).toBeUndefined();
    expect(architectureOfCode(0x11)?.machine).not.toBe('x64');
  });
});

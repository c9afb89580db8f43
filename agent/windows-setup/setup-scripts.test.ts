import { describe, expect, it } from 'vitest';
import { errorHandlerText, setupCompleteText } from './setup-scripts.ts';

describe.each([
  ['SetupComplete.cmd', setupCompleteText()],
  ['ErrorHandler.cmd', errorHandlerText()],
])('M53 %s', (_name, text) => {
  it('is ASCII, and each line ends as cmd wants it', () => {
    expect(text).toMatch(/^[\x20-\x7e\r\n]+$/);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(text.endsWith('\r\n')).toBe(true);
  });

  it('has every path in quotation marks, and only names of Windows between percent signs', () => {
    const marks = [...text.matchAll(/%~dp0|%[^%\s]*%/g)].map(([mark]) => mark);
    expect(new Set(marks)).toEqual(new Set(['%SystemRoot%', '%~dp0']));
    for (const line of text.split('\r\n').filter((each) => each.includes('%')))
      for (const part of line.split('"').filter((_, index) => index % 2 === 0))
        expect(part).not.toContain('%');
    expect(text.split('"').length % 2).toBe(1);
  });

  it('does all in one block, and nothing behind it: the script may be gone by then', () => {
    const lines = text.split('\r\n');
    const open = lines.indexOf('(');
    const close = lines.indexOf(')');
    expect(lines.slice(0, open).every((line) => /^(@echo off|rem )/.test(line))).toBe(true);
    expect(lines.slice(close)).toEqual([')', '']);
    expect(lines[close - 1]).toBe('  exit /b 0');
    expect(lines.slice(open + 1, close).join('')).not.toMatch(/[()]/);
  });
});

describe('M53 scripts of Windows Setup', () => {
  it('tells a failure before it starts the agent, and an end of Setup without one', () => {
    const [failed, over] = [errorHandlerText(), setupCompleteText()];
    expect(over).not.toContain('setup-failed');
    expect(failed.indexOf('\\setup-failed"')).toBeLessThan(failed.indexOf('\\setup-complete"'));
    for (const text of [failed, over])
      expect(text.indexOf('\\setup-complete"')).toBeLessThan(
        text.indexOf('start MetalwrightAgent'),
      );
  });
});

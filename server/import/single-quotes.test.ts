import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '#agent/steps/command-line.ts';
import { keepSingleQuotes } from './single-quotes.ts';

describe('M24 single quotation marks in command lines of Windows', () => {
  it.each([
    ["tool.exe -Group 'Users' /q", ['tool.exe', '-Group', "'Users'", '/q']],
    ["ps.exe -Command $A='On';.\\x.ps1", ['ps.exe', '-Command', "$A='On';.\\x.ps1"]],
    ["cmd /c dir 'C:\\a b\\'", ['cmd', '/c', 'dir', "'C:\\a", "b\\'"]],
    ["cmd /c type 'C:\\", ['cmd', '/c', 'type', "'C:\\"]],
    [`x.exe a='b'"c d"`, ['x.exe', "a='b'c d"]],
    [`x.exe "it's 'so'" don't`, ['x.exe', "it's 'so'", "don't"]],
  ])('are characters in %s', (line, words) => {
    expect(parseCommandLine(keepSingleQuotes(line))).toEqual(words);
  });

  it('change nothing where there are none that group', () => {
    for (const line of ['setup.exe /x="a b"', `echo don't "'x'"`])
      expect(keepSingleQuotes(line)).toBe(line);
  });

  it('never group, whatever the words are', () => {
    const word = fc
      .array(fc.constantFrom("'", '=', 'a', '%A%', '/', ';'), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        expect(parseCommandLine(keepSingleQuotes(words.join(' ')))).toEqual(words);
      }),
    );
  });

  it('stay what they are between double ones, whatever stands beside them', () => {
    const word = fc
      .array(fc.constantFrom("'", '=', 'a', '"', '\\', ' '), { minLength: 1, maxLength: 8 })
      .map((parts) => parts.join(''));
    const quoted = (text: string): string =>
      `"${text.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`;
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const line = `x.exe ${words.map(quoted).join(' ')}`;
        expect(keepSingleQuotes(line)).toBe(line);
      }),
    );
  });
});

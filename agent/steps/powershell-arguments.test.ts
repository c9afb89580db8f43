import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepError } from '#agent/sequence/step.ts';
import { parsePowerShellArguments } from './powershell-arguments.ts';

describe('M02 parameters of a PowerShell script', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['  \t\n', []],
    ["-Name 'two words' -Force", ['-Name', 'two words', '-Force']],
    ["-Name 'it''s'", ['-Name', "it's"]],
    ["-Name ''", ['-Name', '']],
    ["-Path 'C:\\a b\\' -X C:\\c\\", ['-Path', 'C:\\a b\\', '-X', 'C:\\c\\']],
    ["-Path:'a b' -Other:x'y z'", ['-Path:a b', '-Other:xy z']],
    ["'a'b", ['a', 'b']],
    [`"a"'b'`, ['a', 'b']],
    ['"say ""hi"" `"there`""', ['say "hi" "there"']],
    ['"a`tb`nc`$d" `$x a` b', ['a\tb\nc$d', '$x', 'a b']],
    ["'no `n here' $true @(1,2) ; x|y", ['no `n here', '$true', '@(1,2)', ';', 'x|y']],
    ['\u2018two words\u2019 \u201ctwo more\u201d', ['two words', 'two more']],
    [`"it's" 'a "b"'`, ["it's", 'a "b"']],
    ['a`', ['a`']],
  ])('%s', (text, words) => {
    expect(parsePowerShellArguments(text)).toEqual(words);
  });

  it.each(["-a 'b", '-a "b', "-a b'c ", '"`"'])('%j is refused', (text) => {
    expect(() => parsePowerShellArguments(text)).toThrow(
      expect.objectContaining({ code: 'command.quote' }),
    );
  });

  it('between single quotes are themselves, whatever they are', () => {
    const unit = fc.constantFrom('a', ' ', '\n', '`', "'", '\u2019', '"', '\\', '$', '\u{1f600}');
    fc.assert(
      fc.property(fc.array(fc.string({ unit })), (words) => {
        const double = (word: string) => word.replaceAll(/['\u2018\u2019\u201a\u201b]/g, '$&$&');
        const text = words.map((word) => `'${double(word)}'`).join(' ');
        expect(parsePowerShellArguments(text)).toEqual(words);
      }),
    );
  });

  it('of any text are arguments or a StepError', () => {
    const unit = fc.constantFrom('a', ' ', '`', "'", '"', '\u201d', '-', '$');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        try {
          for (const word of parsePowerShellArguments(text)) expect(typeof word).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(StepError);
        }
      }),
    );
  });
});

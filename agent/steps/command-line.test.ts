import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepError } from '#agent/sequence/step.ts';
import { anyCharacter } from '../sequence/testing/any-character.ts';
import { parseCommandLine } from './command-line.ts';

describe('M02 a command line', () => {
  it.each<[string, string[]]>([
    ['ls', ['ls']],
    ['  a\tb \n c ', ['a', 'b', 'c']],
    ['cmd /c "echo a | find b"', ['cmd', '/c', 'echo a | find b']],
    [`sh -c 'echo "$HOME"'`, ['sh', '-c', 'echo "$HOME"']],
    ['"C:\\Program Files\\x.exe" C:\\a\\b', ['C:\\Program Files\\x.exe', 'C:\\a\\b']],
    ['\\\\server\\share\\x.exe', ['\\\\server\\share\\x.exe']],
    ['x "a\\"b"', ['x', 'a"b']],
    ['x "a\\\\" b', ['x', 'a\\', 'b']],
    ['x "a\\\\\\"b"', ['x', 'a\\"b']],
    ['x ""', ['x', '']],
    ['x a""b', ['x', 'ab']],
    ["x C:\\O'Brien it's", ['x', "C:\\O'Brien", "it's"]],
    ["x --name='a b' c", ['x', '--name=a b', 'c']],
    ["x 'C:\\a\\'", ['x', 'C:\\a\\']],
    ['x $(rm -rf /) ; y && z', ['x', '$(rm', '-rf', '/)', ';', 'y', '&&', 'z']],
  ])('%s', (text, argv) => {
    expect(parseCommandLine(text)).toEqual(argv);
  });

  it.each([
    ['', 'command.empty'],
    ['   ', 'command.empty'],
    ['"" x', 'command.empty'],
    ['x "a', 'command.quote'],
    ["x 'a", 'command.quote'],
  ])('%j is refused with %s', (text, code) => {
    expect(() => parseCommandLine(text)).toThrow(expect.objectContaining({ code }));
  });

  it('gives back quoted arguments, whatever they hold', () => {
    const quote = (argument: string) =>
      `"${argument.replaceAll(/(\\*)("|$)/g, (_, slashes: string, end: string) => `${slashes}${slashes}${end === '"' ? '\\"' : ''}`)}"`;
    const argument = fc.string({ unit: fc.constantFrom('a', ' ', '\\', '"', "'", '=', '\t') });
    fc.assert(
      fc.property(fc.array(argument), (rest) => {
        const argv = ['x', ...rest];
        expect(parseCommandLine(argv.map(quote).join(' '))).toEqual(argv);
      }),
    );
  });

  it('of any text is arguments or a StepError', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        try {
          expect(parseCommandLine(text).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(StepError);
        }
      }),
    );
  });
});

import { expect, it } from 'vitest';
import { splitCommandLine } from './command-line.ts';

it.each([
  [
    'dism.exe /Apply-Image "/ImageFile:C:\\a b\\x.wim" /Index:1',
    ['dism.exe', '/Apply-Image', '/ImageFile:C:\\a b\\x.wim', '/Index:1'],
  ],
  ['a "C:\\folder\\\\" b', ['a', 'C:\\folder\\', 'b']],
  ['a \\\\server\\share \\"x\\" ""', ['a', '\\\\server\\share', '"x"', '']],
])('reads %s as Windows does', (line, words) => {
  expect(splitCommandLine(line)).toEqual(words);
});

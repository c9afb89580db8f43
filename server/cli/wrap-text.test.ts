import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrapText } from './wrap-text.ts';

describe('a text in lines', () => {
  it('breaks at blanks and indents all lines but the first', () => {
    expect(wrapText('one two three four', 12, '- ', '    ')).toEqual([
      '- one two',
      '    three',
      '    four',
    ]);
    expect(wrapText('', 10, 'Name ')).toEqual(['Name']);
  });

  it('cuts a word that is too long, and shows no control characters', () => {
    expect(wrapText('ab\u001b[31mcdefghij', 6)).toEqual(['ab', '[31mcd', 'efghij']);
  });

  it('of any kind has no line too long, and nothing is lost', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 5, max: 30 }), (text, columns) => {
        const lines = wrapText(text, columns, '  ', '   ');
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
        const kept = lines.join('').replaceAll(' ', '');
        // oxlint-disable-next-line no-control-regex
        expect(kept).toBe(text.replaceAll(/[\u0000-\u001f\u007f-\u009f ]+/g, ''));
      }),
    );
  });
});

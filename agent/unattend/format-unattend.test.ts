import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../sequence/testing/any-character.ts';
import { formatUnattend } from './format-unattend.ts';
import { parseUnattend } from './parse-unattend.ts';
import { component, element, type UnattendElement, unattendOf } from './unattend.ts';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,8}$/);
const text = fc.string({ unit: anyCharacter, maxLength: 12 }).filter(isXmlText);
const attributes = fc.dictionary(name, text, { maxKeys: 3 });
const elements = fc.letrec<{ leaf: UnattendElement; node: UnattendElement }>((tie) => ({
  leaf: fc.tuple(name, text, attributes).map((parts) => element(...parts)),
  node: fc
    .tuple(
      name,
      fc.array(fc.oneof(tie('leaf'), tie('node')), { minLength: 1, maxLength: 3 }),
      attributes,
    )
    .map((parts) => element(...parts)),
}));

/** Whether XML can hold it; what is not, is refused in a test below. */
function isXmlText(value: string): boolean {
  return value.isWellFormed() && !/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/u.test(value);
}

describe('M53 formatUnattend', () => {
  it('is read again as it was, whatever the values are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(elements.leaf, elements.node), { minLength: 1, maxLength: 4 }),
        (parts) => {
          const unattend = unattendOf({ oobeSystem: [component('X', 'arm64', parts)] });
          expect(parseUnattend(formatUnattend(unattend))).toEqual(unattend);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each(['a\u0000', '\u001b[31m', '\ud800', '\uffff'])(
    'refuses %j, which no XML holds',
    (value) => {
      const unattend = unattendOf({
        oobeSystem: [component('X', 'x86', [element('Value', value)])],
      });
      expect(() => formatUnattend(unattend)).toThrow(
        expect.objectContaining({
          code: 'unattend.character',
          message: expect.stringContaining('Value'),
        }),
      );
    },
  );
});

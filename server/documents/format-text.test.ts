import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { readDocumentText } from '../document-text.ts';
import { formatDocumentText } from './format-text.ts';

/** Parts of texts that mean something to some reader of YAML. */
const awkward = [
  ['\n', '\r', '\r\n', '\t', ' ', '#', ': ', ':', '- ', '---', '...', '%', '"', "'", '\\'],
  ['\0', '\x7f', '\x85', '\u2028', '\ufeff', '\u00a0', 'a', 'é', '😀', '&', '*', '!', '|'],
  ['>', '{', '}', '[', ']', ',', '?', '~', 'null', 'yes', '0x1', '1e3', '12:30', '<<', '='],
].flat();

const yaml = (document: unknown, comments?: ReadonlyMap<string, readonly string[]>) =>
  formatDocumentText(document, { format: 'yaml', ...(comments === undefined ? {} : { comments }) });

describe('M14 a document as text', () => {
  it('has its keys in order, scripts as they are, a blank line around groups, and its comments', () => {
    const document = {
      steps: [
        { group: 'One', steps: [{ params: { script: 'a\n  b\n' }, type: 'run-x', step: 'A' }] },
        {
          step: 'B',
          type: 'x',
          disabled: true,
          params: { codes: [0, 3010], text: 'yes', n: '07' },
        },
        { step: 'C', type: 'x', params: { to: '%A%', path: 'C:\\a b', of: ['a', 'b'], empty: {} } },
        { steps: [], continueOnError: true, group: 'Two: #2' },
      ],
      description: 'x'.repeat(200),
      name: 'A name',
    };
    const comments = new Map([
      ['', ['Made by hand', '\tx']],
      ['steps[0].steps[0]', ['of A']],
      ['steps[1].params', ['of its\r\nparams\u0000\r\n\r\n  deep']],
      ['steps[3]', ['of Two']],
      ['steps[9]', ['of nothing that is there']],
    ]);
    expect(yaml(document, comments)).toBe(`# Made by hand
#\tx
# of nothing that is there

name: A name
description: ${'x'.repeat(200)}
steps:
  - group: One
    steps:
      # of A
      - step: A
        type: run-x
        params:
          script: |
            a
              b

  - step: B
    type: x
    disabled: true
    # of its
    # params
    #
    #  deep
    params:
      codes: [0, 3010]
      text: "yes"
      "n": "07"
  - step: C
    type: x
    params:
      to: "%A%"
      path: C:\\a b
      of:
        - a
        - b
      empty: {}

  # of Two
  - group: "Two: #2"
    continueOnError: true
    steps: []
`);
  });

  const text = fc.oneof(
    fc.string({ unit: anyCharacter }),
    fc.array(fc.constantFrom(...awkward), { maxLength: 12 }).map((parts) => parts.join('')),
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
      fc.record({ name: text, steps: fc.array(tie('value'), { maxLength: 3 }) }),
      fc.record({ group: text, steps: fc.array(tie('value'), { maxLength: 3 }) }),
    ),
  })).value;

  it.each(['yaml', 'json'] as const)('reads as it was written, any texts in it: %s', (format) => {
    const comments = fc.dictionary(
      fc.constantFrom('', 'name', 'steps', 'steps[0]', 'steps[0].steps[0]', 'steps[1].name'),
      fc.array(text, { maxLength: 3 }),
    );
    fc.assert(
      fc.property(value, comments, (document, said) => {
        const plain: unknown = JSON.parse(JSON.stringify(document));
        const written = formatDocumentText(plain, {
          format,
          comments: new Map(Object.entries(said)),
        });
        expect(format === 'json' ? JSON.parse(written) : parse(written)).toEqual(plain);
        expect(written.endsWith('\n')).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['yaml', 'json'] as const)(
    'is read by the server whatever characters are in it: %s',
    (format) => {
      const hidden = ['\x7f', '\ufffe', '\uffff', '\ufeff', '\x9f', '\0', '\u2028'];
      const document = {
        name: hidden.join(''),
        steps: hidden.map((one) => ({ [one]: `a ${one}\nb` })),
      };
      const written = formatDocumentText(document, { format, comments: new Map([['', hidden]]) });
      expect(readDocumentText(written).value).toEqual(document);
      expect(written).not.toMatch(/[\x7f\ufffe\uffff]/);
    },
  );

  it('refuses half a character, with its place', () => {
    const document = { name: 'x', steps: [{ step: 'a', params: { '\ud800': 1 } }] };
    expect(() => yaml(document)).toThrow(
      expect.objectContaining({ code: 'document.surrogate', path: 'steps[0].params.\ud800' }),
    );
  });
});

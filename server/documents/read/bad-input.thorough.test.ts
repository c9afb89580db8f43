import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../../document-text.ts';
import { readSequenceText } from '../../sequence-text.ts';
import { TextFault } from './text-fault.ts';

const SIZE = 100_000;
const filled = (part: string) => part.repeat(Math.ceil(SIZE / part.length)).slice(0, SIZE);
const many = (part: (index: number) => string, count: number) =>
  Array.from({ length: count }, (_, index) => part(index)).join('');
/** Anchors of which each doubles what the one before stands for. */
const laughs = many((i) => `a${i}: &a${i} [${i === 0 ? 'x, x' : `*a${i - 1}, *a${i - 1}`}]\n`, 30);

describe('M15 a text that is no document', () => {
  it.each<[string, string, string, number, number]>([
    ['100,000 levels of lists', '['.repeat(100_000), 'nest deeper', 1, 251],
    ['100,000 levels of dashes', '- '.repeat(100_000), 'nest deeper', 1, 500],
    ['100,000 levels of keys', '? '.repeat(100_000), 'nest deeper', 1, 500],
    [
      '300 levels of indentation',
      many((i) => `${' '.repeat(i)}a:\n`, 300),
      'nest deeper',
      250,
      251,
    ],
    ['JSON that is as deep', `${'[\n'.repeat(1e5)}${']'.repeat(1e5)}`, 'nest deeper', 251, 1],
    ['a billion laughs', laughs, 'Excessive alias count', 1, 5],
    ['thousands of aliases', `a: &a 1\nb: [${'*a, '.repeat(2000)}]`, 'more than 1000', 2, 4005],
    ['a key that is there twice', 'a: 1\nb: 2\na: 3\n', 'must be unique', 3, 1],
    ['the same in JSON', '{\n "a": 1,\n "b": {},\n "\\u0061": 2\n}', 'must be unique', 4, 2],
    ['keys of the same text', '1: a\n"1": b\n', 'must be unique', 2, 1],
    ['a key that is a list', '[a]: b\n', 'must be texts', 1, 1],
    ['a tag of a programming language', "a: !!js/function 'x'\n", 'Unresolved tag', 1, 4],
    ['a tag of one’s own', 'a: 1\nb: !mine 5\n', 'Unresolved tag', 2, 4],
    ['binary data', 'a: !!binary aGVsbG8=\n', 'Unresolved tag', 1, 4],
    ['two documents', 'a: 1\n---\nb: 2\n', 'second document', 2, 1],
    ['an unknown alias', 'a: *b\n', 'Unresolved alias', 1, 4],
    ['no end of a text', 'a: 1\nb: "c\n', 'Missing closing', 3, 1],
    ['tabs for indentation', 'a:\n\tb: 1\n', 'Tabs', 2, 1],
    ['a NUL', 'a: 1\nb: x\0y\n', 'U+0000', 2, 5],
    ['an escape character', 'a: \u001b[31m\n', 'U+001B', 1, 4],
    ['half a character', 'a: \ud800\n', 'U+D800', 1, 4],
    ['half a character as an escape', 'a: 1\nb: "\\udc00"\n', 'Half a character', 2, 4],
    ['the same in JSON', '{\n"a": ["\\ud800"]\n}', 'Half a character', 2, 7],
    ['more than is read', 'a: |\n'.concat(' x\n'.repeat(2_000_000)), 'more than the', 1_747_627, 1],
  ])('is refused with its place: %s', (_what, text, message, line, column) => {
    let fault: unknown;
    try {
      readDocumentText(text);
    } catch (error) {
      fault = error;
    }
    expect(fault).toBeInstanceOf(TextFault);
    expect(fault).toMatchObject({ line, column, message: expect.stringContaining(message) });
    expect(String(fault).length).toBeLessThan(500);
  });

  it.each<[string, unknown]>([
    ['a: 1e999', { a: Infinity }],
    ['a: 123456789012345678901234567890', { a: Number('123456789012345678901234567890') }],
    ['{"a": 1e400, "b": -0}', { a: Infinity, b: -0 }],
    ['<<: &x { a: 1 }\nb: *x', { '<<': { a: 1 }, b: { a: 1 } }],
    ['%YAML 1.1\n---\na: yes\nb: 012\nc: 2001-01-01', { a: 'yes', b: 12, c: '2001-01-01' }],
    ['\ufeff{"a": 1}', { a: 1 }],
    ['\ufeffa: 1', { a: 1 }],
    ['', null],
    ['{"__proto__": {"a": 1}}', JSON.parse('{"__proto__": {"a": 1}}')],
    ['"\\ud83d\\ude00"', '😀'],
    ['["\\ud83d\\ude00"]', ['😀']],
  ])('reads %j as YAML 1.2 says', (text, value) => {
    expect(readDocumentText(text).value).toEqual(value);
  });

  it.each([
    ['[', 'a, '],
    ['{', 'a: b, '],
    ['"', 'a\n'],
    ['', '"'],
    ['', ':\n'],
    ['', '-\n'],
    ['', '\n'],
    ['', '#\n'],
    ['', '%x\n'],
    ['', '&a '],
    ['', '! '],
    ['', ']'],
    ['[', ','],
    ['a: |\n', '\n'],
    ['', 'a: 1\n'],
    ['', 'a: b: c\n'],
    ['', '@\n'],
    ['', '- [[[[a]]]]\n'],
    ['"', '\\\n'],
    ['[', '\n'],
    ['{', '"a":1,'],
  ])('is read or refused in time: %j, then %j over and over', (begin, part) => {
    const start = process.threadCpuUsage();
    try {
      readDocumentText(begin + filled(part));
    } catch (error) {
      expect(error).toBeInstanceOf(TextFault);
    }
    const { user, system } = process.threadCpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(4);
  });

  it.each(['yaml', 'json'])('compares no key with all others: %s', (format) => {
    const entry = (i: number) => (format === 'json' ? `"k${i}": ${i},\n` : `k${i}: ${i}\n`);
    const body = many(entry, 30_000);
    const text = format === 'json' ? `{${body}"z": 1}` : body;
    const start = process.threadCpuUsage();
    expect(readDocumentText(text).value).toHaveProperty('k29999', 29_999);
    const { user, system } = process.threadCpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(4);
  });
});

const document = `# c
name: "x"
steps:
  - group: A
    condition: { any: [{ kind: variable, variable: B, operator: exists }] }
    steps:
      - { step: B, type: restart, params: { target: pe, message: &m 'it''s' } }
      - step: C
        type: set-variable
        params:
          name: D
          value: |
            one
             two
`;
const parts = [
  ['[', ']', '{', '}', ':', ': ', '-', '- ', '?', ',', '#', '&a', '*a', '*m', '!', '!!str ', '|'],
  ['>', "'", '"', '%', '@', '`', '\n', '\r\n', ' ', '  ', '\t', '\0', '\\', '---\n', '...\n'],
  ['\ufeff', '\u2028', '\ud800', '😀', 'null', '1e999', '<<: *m', '"\\ud800"', '"\\u0000"'],
].flat();

describe('M15 any text', () => {
  const insertion = fc.record({ at: fc.nat(), part: fc.constantFrom(...parts), cut: fc.nat(6) });
  const changed = fc
    .tuple(
      fc.constantFrom(document, JSON.stringify(parseDocument(document).toJS(), null, 1)),
      fc.array(insertion, { minLength: 1, maxLength: 4 }),
    )
    .map(([text, insertions]) => {
      let result = text;
      for (const { at, part, cut } of insertions) {
        const offset = at % result.length;
        result = result.slice(0, offset) + part + result.slice(offset + cut);
      }
      return result;
    });
  const anyText = fc.oneof(
    changed,
    fc.string({ unit: anyCharacter }),
    fc.array(fc.constantFrom(...parts, 'a', 'b: c'), { maxLength: 40 }).map((all) => all.join('')),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );

  it('is a sequence, or an error with its code', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          readSequenceText(text, steps);
        } catch (error) {
          expect(error).toBeInstanceOf(SequenceError);
          expect(error).toMatchObject({
            code: expect.stringMatching(/^sequence\.(text|invalid)$/),
          });
          if (error instanceof SequenceError && error.code === 'sequence.text')
            expect(error.message).toMatch(/at line \d+, column \d+/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is told from its beginning also where that is a line feed', () => {
    expect(() => readSequenceText('\n"\\ud800"', steps)).toThrow(/at line 1, column 1/);
  });

  it('that JSON.parse reads is read as the YAML library reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', ' '), (value, indent) => {
        const text = JSON.stringify([value], null, indent);
        const read = readDocumentText(text).value;
        expect(read).toEqual(JSON.parse(text));
        const library = parseDocument(text, { logLevel: 'silent' });
        if (library.errors.length === 0) expect(read).toEqual(library.toJS());
      }),
      { numRuns: 500 },
    );
  });

  it('of JSON tells the line of each of its parts', () => {
    const text = JSON.stringify(
      { a: [1, { 'b c': null, d: ['x', true] }], e: { f: '{"' } },
      null,
      1,
    );
    const { lineOf } = readDocumentText(text);
    const lines = text.split('\n');
    for (const [path, part] of [
      ['a', '"a": ['],
      ['a[0]', '1,'],
      ['a[1].d[1]', 'true'],
      ['a[1].d.x', '"d": ['],
      ['e.f', '"f"'],
    ] as const)
      expect(lineOf(path)).toBe(` (line ${lines.findIndex((line) => line.includes(part)) + 1})`);
    expect(lineOf('x')).toBe('');
  });
});

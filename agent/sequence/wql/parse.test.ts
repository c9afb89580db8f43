import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../testing/any-character.ts';
import { parseWql } from './parse.ts';
import { MAX_QUERY } from './tokens.ts';
import { WqlError } from './wql-error.ts';

const where = (test: string) => parseWql(`SELECT * FROM C WHERE ${test}`).where;
const compare = (property: string, operator: string, value: unknown) => ({
  kind: 'compare',
  property,
  operator,
  value,
});

describe('M03 WQL', () => {
  it('has class and properties, keywords without case', () => {
    expect(parseWql('select __relpath, Name\n\tFROM win32_Process')).toEqual({
      properties: ['__relpath', 'Name'],
      className: 'win32_Process',
      where: undefined,
    });
    expect(parseWql(' Select*From X ')).toMatchObject({ properties: [], className: 'X' });
  });

  it.each<[string, unknown]>([
    ['A = 1', compare('A', '=', 1)],
    ['A<>-2.5', compare('A', '!=', -2.5)],
    ['A != 0x1F', compare('A', '!=', 31)],
    ['A >= 1e3', compare('A', '>=', 1000)],
    ['"x" = A', compare('A', '=', 'x')],
    ['5 < A', compare('A', '>', 5)],
    ['A = TRUE', compare('A', '=', true)],
    ["A = 'it\\'s'", compare('A', '=', "it's")],
    ['A = "C:\\\\x"', compare('A', '=', 'C:\\x')],
    ['A = "D\\user"', compare('A', '=', 'D\\user')],
    ['A = \'say "x"\'', compare('A', '=', 'say "x"')],
    ['A IS NULL', { kind: 'null', property: 'A' }],
    ['A = null', { kind: 'null', property: 'A' }],
    ['A is not NULL', { kind: 'not', test: { kind: 'null', property: 'A' } }],
    ['A <> NULL', { kind: 'not', test: { kind: 'null', property: 'A' } }],
    ['NOT A = 1', { kind: 'not', test: compare('A', '=', 1) }],
    [
      'A=1 OR B=2 AND NOT C=3',
      {
        kind: 'or',
        tests: [
          compare('A', '=', 1),
          {
            kind: 'and',
            tests: [compare('B', '=', 2), { kind: 'not', test: compare('C', '=', 3) }],
          },
        ],
      },
    ],
    [
      '(A=1 or B=2) and (C=3)',
      {
        kind: 'and',
        tests: [
          { kind: 'or', tests: [compare('A', '=', 1), compare('B', '=', 2)] },
          compare('C', '=', 3),
        ],
      },
    ],
  ])('WHERE %s', (text, expected) => {
    expect(where(text)).toEqual(expected);
  });

  it.each<[string, string, number]>([
    ['', 'wql.syntax', 0],
    ['SELECT', 'wql.syntax', 6],
    ['SELECT * FROM', 'wql.syntax', 13],
    ['SELECT FROM X', 'wql.syntax', 7],
    ['SELECT A B FROM X', 'wql.syntax', 9],
    ['SELECT * FROM X Y', 'wql.syntax', 16],
    ['SELECT * FROM X WHERE', 'wql.syntax', 21],
    ['SELECT * FROM X WHERE A', 'wql.syntax', 23],
    ['SELECT * FROM X WHERE A = B', 'wql.syntax', 26],
    ['SELECT * FROM X WHERE (A = 1', 'wql.syntax', 28],
    ['SELECT * FROM X WHERE A = 1)', 'wql.syntax', 27],
    ['SELECT * FROM X WHERE A < NULL', 'wql.syntax', 30],
    ['SELECT * FROM X WHERE A IS 5', 'wql.syntax', 27],
    ['SELECT * FROM X WHERE A LIKE 5', 'wql.syntax', 29],
    ['SELECT * FROM X WHERE A NOT 5', 'wql.syntax', 28],
    ['SELECT * FROM X WHERE A = 1 B = 2', 'wql.syntax', 28],
    ['SELECT * FROM X WHERE A = "x', 'wql.string', 26],
    ["SELECT * FROM X WHERE A = 'x\\'", 'wql.string', 26],
    ['SELECT * FROM X WHERE A LIKE "[ab"', 'wql.pattern', 29],
    ['SELECT * FROM X WHERE A LIKE "[]"', 'wql.pattern', 29],
    ['SELECT * FROM %Class%', 'wql.character', 14],
    ['SELECT * FROM X WHERE A = \u201cx\u201d', 'wql.character', 26],
    ['SELECT * FROM X WHERE A = 12ab', 'wql.character', 26],
    ['SELECT * FROM X; DROP', 'wql.character', 15],
    ['ASSOCIATORS OF {X}', 'wql.unsupported', 0],
    ['  references of {X} WHERE ClassDefsOnly', 'wql.unsupported', 2],
    ['SELECT * FROM X WITHIN 5 WHERE A = 1', 'wql.unsupported', 16],
    ['SELECT COUNT(*) FROM X', 'wql.unsupported', 12],
    ['SELECT * FROM X WHERE T ISA "Y"', 'wql.unsupported', 24],
    ['SELECT * FROM X WHERE A[0] = 1', 'wql.unsupported', 23],
    ['SELECT * FROM X WHERE A.B = 1', 'wql.unsupported', 23],
    [`SELECT * FROM X${' '.repeat(MAX_QUERY)}`, 'wql.too-long', MAX_QUERY],
    [`SELECT * FROM X WHERE ${'('.repeat(65)}A = 1`, 'wql.too-deep', 22 + 64],
    [`SELECT * FROM X WHERE ${'NOT '.repeat(4000)}A = 1`, 'wql.too-deep', 22 + 64 * 4],
  ])('%s is refused: %s at %d', (text, code, position) => {
    const read = () => parseWql(text);
    expect(read).toThrow(WqlError);
    expect(read).toThrow(expect.objectContaining({ code, position }));
    expect(read).toThrow(`at character ${position + 1}`);
  });

  it('hints at quotation marks that a word processor made', () => {
    expect(() => parseWql('SELECT * FROM X WHERE A = \u2018x\u2019')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('straight') }),
    );
  });

  it('may have as many terms as there is room for', () => {
    const terms = Array.from({ length: 1000 }, (_, index) => `A=${index}`);
    expect(where(terms.join(' OR '))).toMatchObject({ kind: 'or', tests: { length: 1000 } });
  });

  const piece = fc.oneof(
    fc.constantFrom(...'SELECT * FROM X WHERE A = 1 AND OR NOT ( ) LIKE IS NULL'.split(' ')),
    fc.constantFrom("'", '"', '\\', '%', '[', ']', '.', ',', '0x', '1e', '-', '\n', '\u2028', '\0'),
    fc.string({ unit: anyCharacter, maxLength: 5 }),
  );
  const soup = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(' '));

  it('any text is a query or an error with its place', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          soup.map((text) => `SELECT * FROM X WHERE ${text}`),
        ),
        (text) => {
          try {
            parseWql(text);
          } catch (error) {
            expect(error).toBeInstanceOf(WqlError);
            if (!(error instanceof WqlError)) return;
            expect(error.code).toMatch(/^wql\./);
            expect(error.position).toBeGreaterThanOrEqual(0);
            expect(error.position).toBeLessThanOrEqual(text.length);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['zeros', '0'],
    ['digits and points', '1.'],
    ['blanks', ' '],
    ['backslashes', '\\'],
    ['quotation marks', '"\''],
    ['letters', 'aA_'],
    ['minus signs', '-'],
    ['brackets', '[('],
  ])('%s without end take no time to speak of', (_name, unit) => {
    const began = performance.now();
    for (const head of ['', 'SELECT * FROM X WHERE A = ', 'SELECT * FROM X WHERE A LIKE "'])
      for (const tail of ['', 'x', '"', '!'])
        try {
          parseWql(head + unit.repeat(16_000 / unit.length) + tail);
        } catch (error) {
          expect(error).toBeInstanceOf(WqlError);
        }
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

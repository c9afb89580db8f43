import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WmiRow, WmiValue } from '../query-capability.ts';
import { QueryError } from '../query-error.ts';
import { hasRow } from './evaluate.ts';
import { parseWql } from './parse.ts';

const holds = (test: string, ...rows: WmiRow[]) =>
  hasRow(parseWql(`SELECT * FROM C WHERE ${test}`), rows);

describe('M03 WQL on the inventory', () => {
  it('without WHERE holds as soon as there is a row', () => {
    expect(hasRow(parseWql('SELECT X FROM C'), [{ Y: 1 }])).toBe(true);
    expect(hasRow(parseWql('SELECT X FROM C'), [])).toBe(false);
    expect(holds('X = 1')).toBe(false);
  });

  it.each<[WmiValue, string, boolean]>([
    // The property's type decides what a value is taken for.
    [2, 'P = "2"', true],
    [2, 'P = 2', true],
    [10, 'P > "9"', true],
    [2, 'P = TRUE', false],
    [1, 'P = TRUE', true],
    [17_179_869_184, 'P > "3000000000"', true],
    [true, 'P=TRUE', true],
    [true, 'P = "1"', true],
    [false, 'P = "1"', false],
    [true, 'P = -1', true],
    [true, 'P = "False"', false],
    [false, 'P < TRUE', true],
    ['10', 'P < "9"', true],
    ['10', 'P > 9', true],
    ['A10', 'P > 9', true],
    ['True', 'P = TRUE', true],
    // Text has no case.
    ['Dell Inc.', 'P = "DELL INC."', true],
    ['Dell Inc.', 'p != "dell inc."', false],
    ['b', 'P > "A"', true],
    // NULL.
    [null, 'P IS NULL', true],
    [null, 'P IS NOT NULL', false],
    [null, 'P = NULL', true],
    [null, 'P = ""', false],
    [null, 'P != 2', true],
    [null, 'P < 2', false],
    [null, 'P >= 2', false],
    [null, 'P LIKE "%"', false],
    [null, 'NOT P LIKE "2.0"', true],
    ['', 'P IS NULL', false],
    [['a'], 'P IS NOT NULL', true],
    // A list fits when one of its members does.
    [['3', '10'], 'P = 10', true],
    [['3', '10'], 'P = "10"', true],
    [['3', '10'], 'P = 9', false],
    [['3', '10'], 'P != 10', false],
    [['3', '10'], 'P <> 9', true],
    [['3', '10'], 'P > 9', true],
    [['3', '10'], 'NOT P = 10', false],
    [['10.1.2.3', 'fe80::1'], 'P LIKE "10.%"', true],
    [[], 'P = 1', false],
    [[], 'P != 1', true],
    [[], 'P LIKE "%"', false],
    // LIKE.
    ['Latitude 7440', 'P LIKE "%latitude%"', true],
    ['Latitude 7440', 'P LIKE "latitude"', false],
    ['Latitude 7440', 'P LIKE "Latitude 7_40"', true],
    ['Latitude 7440', 'P LIKE "%[5-9]4[^1-3]0"', true],
    ['Latitude 7440', 'P LIKE "%[a-c]440"', false],
    ['CF31-4', 'P LIKE "CF31[=-]4"', true],
    ['x', 'P LIKE "[a=f]"', false],
    ['c', 'P LIKE "[a=f]"', true],
    ['C', 'P LIKE "[A-F]"', true],
    ['a_b', 'P LIKE "%[_]%"', true],
    ['a-b', 'P LIKE "%[_]%"', false],
    ['100%', 'P LIKE "100[%]"', true],
    ['[x', 'P LIKE "[[]x"', true],
    ['a^', 'P LIKE "a[^]"', true],
    ['64-bit', 'P NOT LIKE "%32%"', true],
    [7, 'P LIKE "7%"', true],
    ['', 'P LIKE "%"', true],
  ])('P=%j: %s is %j', (value, test, expected) => {
    expect(holds(test, { P: value })).toBe(expected);
  });

  it('takes a property that another row has for NULL', () => {
    expect(holds('Q IS NULL', { Q: 1 }, { P: 1 })).toBe(true);
  });

  it.each<[string, WmiRow, string]>([
    ['Nothing = 1', { P: 1 }, 'query.property'],
    ['P = 1 OR constructor = 2', { P: 1 }, 'query.property'],
    ['P = "two"', { P: 2 }, 'query.type'],
    ['P = "maybe"', { P: true }, 'query.type'],
  ])('%s on %j is an error: %s', (test, row, code) => {
    expect(() => holds(test, row)).toThrow(QueryError);
    expect(() => holds(test, row)).toThrow(expect.objectContaining({ code }));
  });

  /** A test as text, and what it is for a row. */
  interface Modelled {
    readonly text: string;
    readonly is: (row: WmiRow) => boolean;
  }
  const property = fc.constantFrom('A', 'b', 'C');
  const of = (row: WmiRow, name: string): WmiValue =>
    Object.entries(row).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null;
  const comparisons: Readonly<Record<string, (one: number, other: number) => boolean>> = {
    '=': (one, other) => one === other,
    '<>': (one, other) => one !== other,
    '<': (one, other) => one < other,
    '>=': (one, other) => one >= other,
  };
  const { test } = fc.letrec<{ test: Modelled; leaf: Modelled; list: Modelled[] }>((tie) => ({
    leaf: fc.oneof(
      fc
        .tuple(
          property,
          fc.constantFrom(...Object.keys(comparisons)),
          fc.integer({ min: 0, max: 3 }),
        )
        .map(([name, operator, wanted]) => ({
          text: `${name} ${operator} "${wanted}"`,
          is: (row: WmiRow) => {
            const value = of(row, name);
            if (value === null) return operator === '<>';
            return comparisons[operator]?.(Number(value), wanted) === true;
          },
        })),
      property.map((name) => ({
        text: `${name} is null`,
        is: (row: WmiRow) => of(row, name) === null,
      })),
      fc.tuple(property, fc.constantFrom('1', '2')).map(([name, character]) => ({
        text: `${name} Like '%${character}%'`,
        is: (row: WmiRow) => String(of(row, name) ?? '').includes(character),
      })),
    ),
    list: fc.array(tie('test'), { minLength: 1, maxLength: 3 }),
    test: fc.oneof(
      { depthSize: 'small' },
      tie('leaf'),
      tie('test').map(({ text, is }) => ({ text: `not (${text})`, is: (row: WmiRow) => !is(row) })),
      tie('list').map((tests) => ({
        text: `(${tests.map(({ text }) => text).join(' and ')})`,
        is: (row: WmiRow) => tests.every(({ is }) => is(row)),
      })),
      tie('list').map((tests) => ({
        text: `(${tests.map(({ text }) => text).join(' OR ')})`,
        is: (row: WmiRow) => tests.some(({ is }) => is(row)),
      })),
    ),
  }));
  const value = fc.constantFrom<WmiValue>(null, 0, 1, 2, 12, 33);
  const rows = fc.array(fc.record({ a: value, B: value, c: value }), { maxLength: 3 });

  it('agrees with a simple model', () => {
    fc.assert(
      fc.property(test, rows, ({ text, is }, given) => {
        expect(holds(text, ...given)).toBe(given.some(is));
      }),
      { numRuns: 500 },
    );
  });

  it('takes no time to speak of for any pattern', () => {
    const began = performance.now();
    const patterns = [
      `${'%a'.repeat(5000)}b`,
      `%${'a'.repeat(2000)}b%`,
      `${'%[a-z]_'.repeat(1900)}b`,
    ];
    for (const pattern of patterns)
      expect(holds(`P LIKE "${pattern}"`, { P: 'a'.repeat(4000) })).toBe(false);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});

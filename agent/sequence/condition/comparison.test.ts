import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareTexts } from './comparison.ts';

const sign = (difference: number | bigint) => (difference < 0 ? -1 : difference > 0 ? 1 : 0);

it.each<[string, string, number]>([
  ['3010', '3010.0', 0],
  ['-0', '0', 0],
  ['+5', '5', 0],
  ['007', '7', 0],
  ['0.5', '0.49', 1],
  ['-1.5', '-1.25', -1],
  ['9007199254740993', '9007199254740992', 1],
  ['18446744073709551615', '18446744073709551614', 1],
  ['10', '9', 1],
  ['10a', '9', -1],
  ['1.', '1', 1],
  ['.5', '0.5', -1],
  ['', '0', -1],
  ['Abc', 'aBC', 0],
  ['b', 'A', 1],
])('%j against %j', (one, other, expected) => {
  expect(sign(compareTexts(one, other))).toBe(expected);
  expect(sign(compareTexts(other, one))).toBe(expected === 0 ? 0 : -expected);
});

it('orders whole numbers of any length', () => {
  const big = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
  fc.assert(
    fc.property(big, big, (one, other) => {
      expect(sign(compareTexts(`${one}`, ` ${other}.00`))).toBe(sign(one - other));
    }),
  );
});

it('orders decimal fractions', () => {
  const thousandths = fc.integer({ min: -5000, max: 5000 });
  fc.assert(
    fc.property(thousandths, thousandths, (one, other) => {
      const text = (value: number) => (value / 1000).toFixed(3);
      expect(sign(compareTexts(text(one), text(other)))).toBe(sign(one - other));
    }),
  );
});

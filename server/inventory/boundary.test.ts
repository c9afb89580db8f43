import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isInBoundary, parseBoundary } from './boundary.ts';
import { parseAddress } from './ip-address.ts';

const isIn = (address: string, boundary: string): boolean => {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new Error(`${address} is no address`);
  return isInBoundary(parsed, parseBoundary(boundary));
};

describe('M52 a boundary', () => {
  it.each([
    ['10.1.2.3', '10.1.0.0/16', true],
    ['10.2.0.0', '10.1.0.0/16', false],
    ['10.1.0.10', '10.1.0.10-10.1.0.99', true],
    ['10.1.0.99', '10.1.0.10 - 10.1.0.99', true],
    ['10.1.0.100', '10.1.0.10-10.1.0.99', false],
    ['10.1.0.7', '10.1.0.7', true],
    ['255.255.255.255', '0.0.0.0/0', true],
    ['::ffff:10.1.2.3', '10.1.0.0/16', true],
    ['::ffff:a01:203', '10.1.0.0/16', true],
    ['2001:db8::5', '2001:db8::/32', true],
    ['2001:db9::5', '2001:db8::/32', false],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['2001:db8::1.2.3.4', '2001:db8::102:300-2001:db8::102:3ff', true],
    ['2001:db8::5', '0.0.0.0/0', false],
    ['10.0.0.1', '::/0', false],
  ])('%s in %s: %s', (address, boundary, inside) => {
    expect(isIn(address, boundary)).toBe(inside);
  });

  it.each([
    '',
    '10.1.0.0/33',
    '10.1.0.0/-1',
    '10.1.0.1/16',
    '10.1.0/24',
    '10.1.0.256',
    '10.1.0.9-10.1.0.1',
    '10.1.0.1-10.1.0.2-10.1.0.3',
    '10.1.0.1-2001:db8::1',
    '2001:db8::1::2',
    '2001:db8:1:2:3:4:5:6:7',
    '2001:db8::/129',
    '12345::',
    '1:2:3:4:5:6:7',
    ':1:2:3:4:5:6:7',
    'branch',
  ])('refuses %j', (text) => {
    expect(() => parseBoundary(text)).toThrow(
      expect.objectContaining({ code: 'boundary.invalid' }),
    );
  });

  it('reads every address that is written out, and no text makes it fail otherwise', () => {
    fc.assert(fc.property(fc.ipV6(), (text) => parseAddress(text) !== undefined));
    fc.assert(fc.property(fc.ipV4(), (text) => isIn(text, `${text}/32`)));
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0 1 2 3 : . a f / - %'.split(' '), ' ') }),
        (text) => {
          try {
            const { first, last } = parseBoundary(text);
            return first <= last;
          } catch (error) {
            return error instanceof Error && 'code' in error && error.code === 'boundary.invalid';
          }
        },
      ),
    );
  });
});

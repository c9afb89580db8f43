import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '#agent/sequence/testing/any-character.ts';
import { openValue, sealValue } from './variable-seal.ts';

const key = randomBytes(32);
const place = { owner: 'device:1', name: 'OSDJoinPassword' };

describe('M12 a sealed value', () => {
  it('opens as it was, whatever it holds, and never looks the same twice', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 4000, unit: anyCharacter }), (value) => {
        const text = Buffer.from(value, 'utf8').toString('utf8');
        const sealed = sealValue(key, place, text);
        expect(openValue(key, { ...place, name: 'osdjoinpassword' }, sealed)).toBe(text);
        expect(sealValue(key, place, text)).not.toBe(sealed);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    { what: 'another owner', change: { owner: 'device:2' } },
    { what: 'another name', change: { name: 'Other' } },
  ])('does not open for $what', ({ change }) => {
    const sealed = sealValue(key, place, 'secret');
    expect(() => openValue(key, { ...place, ...change }, sealed)).toThrow(/cannot be opened/);
  });

  it('does not open with another key, when it was changed or cut, or when it is no sealed value', () => {
    const sealed = sealValue(key, place, 'secret');
    const bytes = Buffer.from(sealed.slice('sealed:1:'.length), 'base64');
    bytes[14] = (bytes[14] ?? 0) ^ 1;
    const changed = `sealed:1:${bytes.toString('base64')}`;
    for (const bad of [changed, sealed.slice(0, 20), sealed.slice(0, 9), 'secret', ''])
      expect(() => openValue(key, place, bad), bad).toThrow(
        expect.objectContaining({ code: 'variable.sealed' }),
      );
    expect(() => openValue(randomBytes(32), place, sealed)).toThrow(/cannot be opened/);
  });
});

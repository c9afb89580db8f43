import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatGuid, guidOf, NO_GUID, parseGuid } from './guid.ts';

describe('GUIDs', () => {
  it('have their first three fields in little-endian, the rest as written', () => {
    const bytes = formatGuid('00112233-4455-6677-8899-aabbccddeeff');
    expect(Buffer.from(bytes).toString('hex')).toBe('33221100554477668899aabbccddeeff');
    expect(formatGuid(NO_GUID)).toEqual(new Uint8Array(16));
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(formatGuid(parseGuid(bytes))).toEqual(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.uuid(), (guid) => {
        expect(parseGuid(formatGuid(guid))).toBe(guid);
      }),
    );
  });

  it('are taken in any case, with and without braces', () => {
    expect(guidOf('{9DEA862C-5CDD-4E70-ACC1-F32B344D4795}')).toBe(
      '9dea862c-5cdd-4e70-acc1-f32b344d4795',
    );
  });

  it.each([
    '',
    '{bootmgr}',
    '9dea862c5cdd4e70acc1f32b344d4795',
    '9dea862c-5cdd-4e70-acc1-f32b344d479',
  ])('are not %j', (text) => {
    expect(() => guidOf(text)).toThrow(expect.objectContaining({ code: 'bcd.guid' }));
  });

  it('have 16 bytes', () => {
    expect(() => parseGuid(new Uint8Array(15))).toThrow(
      expect.objectContaining({ code: 'bcd.guid' }),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../document-error.ts';
import { decodeDocument, encodeDocument } from './decode-document.ts';

describe('M15 the bytes of a document', () => {
  it.each(['utf-8', 'utf-16le', 'utf-16be'] as const)('are read and written as %s', (encoding) => {
    const text = 'name: Größe € 😀\nsteps: []\n';
    for (const hasMark of [true, false]) {
      const decoded = { text, encoding, hasMark };
      expect(decodeDocument(encodeDocument(decoded))).toEqual(decoded);
    }
  });

  it.each<[string, readonly number[], number]>([
    ['Latin-1', [0x61, 0x3a, 0x20, 0xfc, 0x0a], 3],
    ['a character that is cut off', [0x61, 0x3a, 0x20, 0xe2, 0x82], 4],
    ['half a unit', [0xff, 0xfe, 0x61, 0x00, 0x62], 4],
    ['half a character', [0x61, 0x00, 0x00, 0xd8, 0x61, 0x00], 5],
  ])('are refused with the byte: %s', (_what, bytes, offset) => {
    expect(() => decodeDocument(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({
        code: 'document.encoding',
        message: expect.stringContaining(`from byte ${offset} on`),
      }),
    );
  });

  it('are refused where they are too many', () => {
    expect(() => decodeDocument(new Uint8Array(50 * 1024 * 1024))).toThrow(
      expect.objectContaining({ code: 'document.too-large' }),
    );
  });

  it('are a text or an error, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          const decoded = decodeDocument(bytes);
          expect(encodeDocument(decoded)).toEqual(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(DocumentError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

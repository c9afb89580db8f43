import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportError } from '../import-error.ts';
import { decodeText } from './decode-text.ts';

const text = '<a b="Größe">€ – 漢</a>';
const utf8 = (value: string): Uint8Array => new TextEncoder().encode(value);
const utf16le = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, 'utf16le'));
const utf16be = (value: string): Uint8Array =>
  Uint8Array.from(Buffer.from(value, 'utf16le').swap16());
const latin = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, 'latin1'));

describe('M24 decodeText', () => {
  it.each([
    ['UTF-8', utf8(text)],
    ['UTF-8 with a mark', utf8(`\ufeff${text}`)],
    ['UTF-16LE with a mark', utf16le(`\ufeff${text}`)],
    ['UTF-16BE with a mark', utf16be(`\ufeff${text}`)],
    ['UTF-16LE without', utf16le(text)],
    ['UTF-16BE without', utf16be(text)],
  ])('reads %s', (_, bytes) => {
    expect(decodeText(bytes, 'f')).toBe(text);
  });

  it.each(['utf-16', 'UTF-8', 'unicode'])(
    'believes the bytes rather than a declaration of %s',
    (encoding) => {
      const declared = `<?xml version="1.0" encoding="${encoding}"?>${text}`;
      expect(decodeText(utf8(declared), 'f')).toBe(declared);
      expect(decodeText(utf16le(declared), 'f')).toBe(declared);
      expect(decodeText(utf16le(`\ufeff${declared}`), 'f')).toBe(declared);
    },
  );

  it('reads Windows-1252 that is declared', () => {
    const bytes = latin(`<?xml version='1.0' encoding='windows-1252' ?><a>Gr\xf6\xdfe \x80</a>`);
    expect(decodeText(bytes, 'f')).toContain('Größe €');
  });

  it('falls back to Windows-1252 where that is asked for', () => {
    const bytes = latin('[Settings]\r\nOrgName=M\xfcller');
    expect(decodeText(bytes, 'f', { fallback: 'windows-1252' })).toContain('Müller');
    expect(decodeText(utf8('OrgName=Müller'), 'f', { fallback: 'windows-1252' })).toContain(
      'Müller',
    );
  });

  it('refuses an encoding that is not known', () => {
    const bytes = utf8('<?xml version="1.0" encoding="klingon"?><a/>');
    expect(() => decodeText(bytes, 'f.xml')).toThrow(
      expect.objectContaining({
        code: 'import.encoding',
        message: expect.stringContaining('f.xml: declares the encoding "klingon"'),
      }),
    );
  });

  it.each([0, 1, 4095, 65_535, 65_536, 65_537, 200_000])(
    'names byte %i where a text ends to be one',
    (offset) => {
      const bytes = new Uint8Array(offset + 10).fill(0x61);
      bytes[offset] = 0xff;
      expect(() => decodeText(bytes, 'f')).toThrow(
        expect.objectContaining({
          code: 'import.not-text',
          message: expect.stringContaining(`from byte ${offset} on`),
        }),
      );
    },
  );

  it('names the end of a character that is cut off', () => {
    const bytes = utf8('<a>€');
    expect(() => decodeText(bytes.subarray(0, -1), 'f')).toThrow('no text in utf-8 from byte 5 on');
    expect(() => decodeText(utf16le('<a>').subarray(0, -1), 'f')).toThrow('from byte 5 on');
  });

  it('gives a text or an error with a code for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          decodeText(bytes, 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(ImportError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

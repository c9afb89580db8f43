import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readScriptSource } from './script-source.ts';

/** As the console writes it: UTF-16, little-endian, with its mark. */
const encoded = (text: string): string =>
  Buffer.from(`\ufeff${text}`, 'utf16le').toString('base64');

describe('M24 the source of a PowerShell script', () => {
  it('comes back whole, whatever is in it, with line ends of this project', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        fc.pre(text.trim() !== '' && !text.includes('\0') && !text.startsWith('\ufeff'));
        const script = text.replaceAll(/\r\n?/g, '\n');
        expect(readScriptSource(encoded(text))).toEqual({ script });
      }),
    );
  });

  it('keeps the line ends that a signature covers', () => {
    const script = 'exit 0\r\n# SIG # Begin signature block\r\n# MII\r\n';
    expect(readScriptSource(encoded(script))).toEqual({ script });
  });

  it.each([
    ['UTF-16, big-endian', Buffer.from('\ufeffGet-Item', 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from('Get-Item', 'utf16le')],
    ['UTF-8 with a mark', Buffer.from('\ufeffGet-Item', 'utf8')],
    ['UTF-8', Buffer.from('Get-Item', 'utf8')],
  ])('is also read as %s', (_name, bytes) => {
    expect(readScriptSource(bytes.toString('base64'))).toEqual({ script: 'Get-Item' });
  });

  it.each([
    ['no base64', 'Get-Item C:\\', 'it is not base64'],
    [
      'half a character',
      Buffer.from([0xff, 0xfe, 0x41]).toString('base64'),
      'its bytes are no text',
    ],
    ['bytes', Buffer.from([0x80, 0x81, 0xc3]).toString('base64'), 'its bytes are no text'],
    ['zeros', encoded('a\0b'), 'there are NUL characters in it'],
    ['nothing', encoded(' \r\n'), 'it is empty'],
  ])('%s is refused with a reason', (_name, base64, reason) => {
    expect(readScriptSource(base64)).toEqual({ reason });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.base64String(), (text) => void readScriptSource(text)));
    fc.assert(fc.property(fc.string(), (text) => void readScriptSource(text)));
  });
});

import { describe, expect, it } from 'vitest';
import { decodeConsole } from './decode-console.ts';
import { oemUpperHalves } from './oem-code-pages.ts';

describe('M53 text of console tools', () => {
  it.each([
    [437, '9b', '¢'],
    [850, '8141', 'üA'],
    [852, '88a8', 'łĘ'],
    [858, 'd5', '€'],
    [862, '80', 'א'],
    [866, '80', 'А'],
    [874, 'a1', 'ก'],
    [932, '836683428358834e', 'ディスク'],
    [936, 'b4c5c5cc', '磁盘'],
    [949, 'b5f0bdbac5a9', '디스크'],
    [950, 'bacfbad0', '磁碟'],
    [1252, '80', '€'],
    [65001, 'c3a9', 'é'],
    [12345, '4181', 'A\ufffd'],
    [Number.NaN, '4181', 'A\ufffd'],
  ])('reads code page %i', (codePage, hex, text) => {
    expect(decodeConsole(Buffer.from(hex, 'hex'), codePage)).toBe(text);
  });

  it('follows a byte order mark, whatever the code page', () => {
    expect(decodeConsole(Uint8Array.of(0xff, 0xfe, 0x41, 0, 0xe9, 0), 437)).toBe('Aé');
    expect(decodeConsole(Uint8Array.of(0xef, 0xbb, 0xbf, 0xc3, 0xa9), 850)).toBe('é');
  });

  it('has all bytes of each code page', () => {
    for (const upper of Object.values(oemUpperHalves)) {
      expect(upper).toHaveLength(128);
      expect(upper.split('\ufffd').length - 1).toBeLessThan(9);
    }
  });
});

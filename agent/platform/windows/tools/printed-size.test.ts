import { describe, expect, it } from 'vitest';
import { looksLikeSize, parsePrintedSize } from './printed-size.ts';

const [KB, MB, GB, TB] = [1024, 1024 ** 2, 1024 ** 3, 1024 ** 4];

describe('M53 sizes in the words of a language', () => {
  it.each([
    ['0 B', 0, 1],
    ['0 octets', 0, 1],
    ['0 バイト', 0, 1],
    ['17 байт', 17, 1],
    ['0 t', 0, 1],
    ['1024 KB', MB, KB],
    ['1024 K octets', MB, KB],
    ['1024 Кбайт', MB, KB],
    ['99 M', 99 * MB, MB],
    ['500 Mo', 500 * MB, MB],
    ['465 Gbytes', 465 * GB, GB],
    ['465 ГБ', 465 * GB, GB],
    ['10 Gt', 10 * GB, GB],
    ['2 T', 2 * TB, TB],
    ['126,25 GB', 126.25 * GB, GB / 100],
    ['126.5 GB', 126.5 * GB, GB / 10],
    ['24,354,379,074 bytes', 24_354_379_074, 1],
    ['24 354 379 074 octets'.replaceAll(/(?<=\d) (?=\d)/g, '\u00a0'), 24_354_379_074, 1],
  ])('reads %s', (text, bytes, precisionBytes) => {
    expect(parsePrintedSize(text)).toEqual({ bytes, precisionBytes });
  });

  it.each(['', 'NTFS', '12', 'GB', '1 2 GB', '-1 GB', '1/2 GB'])('takes %j for no size', (text) => {
    expect(parsePrintedSize(text)).toBeUndefined();
    expect(looksLikeSize(text)).toBe(false);
  });
});

import { InfError } from './inf-error.ts';

/** The largest INFs of graphics drivers, in UTF-16, have some 3 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Code pages of the languages whose `[Strings.<LANGID>]` a file without a byte order mark may have: Windows
 * reads it in the code page of its installation, so that a maker's file is in the one of the maker's language.
 */
const CODE_PAGES: Readonly<Record<string, string>> = {
  '0404': 'big5',
  '0804': 'gbk',
  '0411': 'shift_jis',
  '0412': 'euc-kr',
  '0405': 'windows-1250',
  '040e': 'windows-1250',
  '0415': 'windows-1250',
  '0419': 'windows-1251',
  '0422': 'windows-1251',
  '0408': 'windows-1253',
  '041f': 'windows-1254',
  '040d': 'windows-1255',
  '0401': 'windows-1256',
  '041e': 'windows-874',
};

/**
 * The text of an INF file: UTF-16 or UTF-8 by its byte order mark, UTF-16 without one by its zero bytes, UTF-8
 * where all of it is that, else the 8-bit code page that its languages let guess. @throws {InfError} `inf.size`
 */
export function decodeInf(bytes: Uint8Array): string {
  if (bytes.length > MAX_BYTES)
    throw new InfError('inf.size', `An INF file of ${bytes.length} bytes, at most ${MAX_BYTES}`);
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return decode(bytes, 'utf-16le');
  if (first === 0xfe && second === 0xff) return decode(bytes, 'utf-16be');
  if (first === 0xef && second === 0xbb && third === 0xbf) return decode(bytes, 'utf-8');
  const zeros = zeroBytes(bytes.subarray(0, 512));
  if (zeros !== null) return decode(bytes, zeros);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decode(bytes, guessCodePage(bytes));
  }
}

function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}

/** Letters of the Latin alphabet have a zero byte in UTF-16, always on the same side. */
function zeroBytes(start: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const zerosAt = (odd: number): number =>
    start.filter((byte, at) => byte === 0 && at % 2 === odd).length;
  if (zerosAt(1) > start.length / 4) return 'utf-16le';
  return zerosAt(0) > start.length / 4 ? 'utf-16be' : null;
}

function guessCodePage(bytes: Uint8Array): string {
  const ascii = decode(bytes, 'windows-1252');
  for (const [, language = ''] of ascii.matchAll(/^[ \t]*\[Strings\.([0-9a-f]{4})\]/gim)) {
    const codePage = CODE_PAGES[language.toLowerCase()];
    if (codePage !== undefined) return codePage;
  }
  return 'windows-1252';
}

import { oemUpperHalves } from './oem-code-pages.ts';

/** Code pages that `TextDecoder` knows, by its own names for them. */
const KNOWN: Readonly<Record<number, string>> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  1200: 'utf-16le',
  54936: 'gb18030',
  65001: 'utf-8',
};

/**
 * What a console tool of Windows wrote, as text: in the console's code page, the OEM one of the installation
 * unless `chcp` changed it. A byte order mark wins, as of tools that write UTF-16. Of a code page not known
 * here, bytes above 0x7f become U+FFFD. Pure.
 */
export function decodeConsole(bytes: Uint8Array, codePage: number): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return new TextDecoder('utf-8').decode(bytes);
  const ansi = codePage >= 1250 && codePage <= 1258 ? `windows-${codePage}` : undefined;
  const known = KNOWN[codePage] ?? ansi;
  if (known !== undefined) return new TextDecoder(known).decode(bytes);
  const upper = oemUpperHalves[codePage] ?? '';
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[\x80-\xff]/g, (letter) => upper[letter.charCodeAt(0) - 0x80] ?? '\ufffd');
}

import { XmlFault } from './xml-fault.ts';

/** An encoding that a file may have though nothing in it says so: INI files of Windows are in its own. */
export interface DecodeOptions {
  /** What bytes are read in that are no UTF-8 and declare nothing. */
  readonly fallback?: 'windows-1252';
}

/** How many bytes are looked at for a declaration. */
const HEAD_BYTES = 256;
const CHUNK_BYTES = 65_536;

/**
 * Bytes to text: by the byte order mark, else by the zero bytes around the first character, else by the
 * declaration of XML, else UTF-8. What the bytes show counts for more than what they declare: texts that
 * a program held in UTF-16 are often saved in UTF-8 and still say UTF-16.
 * @throws {XmlFault} `not-text` with the offset of the byte, `encoding`
 */
export function decodeText(bytes: Uint8Array, { fallback }: DecodeOptions = {}): string {
  const seen = encodingSeen(bytes);
  const encoding = seen ?? declaredEncoding(bytes) ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (seen === undefined && encoding === 'utf-8' && fallback !== undefined)
      return new TextDecoder(fallback).decode(bytes);
    throw new XmlFault(
      'not-text',
      `is no text in ${encoding} from byte ${faultOffset(bytes, encoding)} on`,
      { hint: 'Save it as UTF-8, or look whether it is another kind of file.', cause },
    );
  }
}

/** What the first bytes leave no doubt of. */
function encodingSeen(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (isBegin(first) && second === 0 && third !== 0) return 'utf-16le';
  if (first === 0 && isBegin(second) && third === 0 && fourth !== 0) return 'utf-16be';
  return undefined;
}

/** What a text begins with: `<`, or a blank. */
function isBegin(byte: number | undefined): boolean {
  return byte === 0x3c || byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES));
  const [, label] = /^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/.exec(head) ?? [];
  if (label === undefined) return undefined;
  try {
    const { encoding } = new TextDecoder(label.trim());
    // It would have zero bytes.
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding;
  } catch (cause) {
    throw new XmlFault(
      'encoding',
      `declares the encoding ${JSON.stringify(label)}, which is not known`,
      { hint: 'Save it as UTF-8.', cause },
    );
  }
}

/** The byte at which a text can go on no longer; the length of all where it ends too early. */
function faultOffset(bytes: Uint8Array, encoding: string): number {
  let start = 0;
  const whole = new TextDecoder(encoding, { fatal: true });
  for (; start < bytes.length; start += CHUNK_BYTES)
    if (!decodes(whole, bytes.subarray(start, start + CHUNK_BYTES))) break;
  const decoder = new TextDecoder(encoding, { fatal: true });
  decoder.decode(bytes.subarray(0, start), { stream: true });
  for (let at = start; at < bytes.length; at++)
    if (!decodes(decoder, bytes.subarray(at, at + 1))) return at;
  return bytes.length;
}

function decodes(decoder: TextDecoder, bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

import { DocumentError } from '../document-error.ts';

/** Bytes of a file: more than twice what the server keeps, in UTF-16. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** A text, and how it is kept in its file. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: Encoding;
  /** Whether the file begins with a byte order mark, which is not in the text. */
  readonly hasMark: boolean;
}

/**
 * The text of a file of YAML or JSON, which is UTF-8 or UTF-16, with or without a byte order mark (YAML
 * 1.2, section 5.2: the first character is an ASCII one).
 * @throws {DocumentError} `document.encoding` with the byte, `document.too-large`
 */
export function decodeDocument(bytes: Uint8Array): DecodedText {
  if (bytes.length > MAX_FILE_BYTES) throw tooLarge(bytes.length);
  const { encoding, markBytes } = encodingOf(bytes);
  const body = bytes.subarray(markBytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(body);
    return { text, encoding, hasMark: markBytes > 0 };
  } catch {
    const offset = markBytes + faultIn(body, encoding);
    throw new DocumentError(
      'document.encoding',
      `This is no text in ${encoding.toUpperCase()} from byte ${offset} on`,
      {
        hint: 'Save it as UTF-8, or look whether it is another kind of file.',
      },
    );
  }
}

/** The bytes of a file with a text, in the encoding that it had. */
export function encodeDocument({ text, encoding, hasMark }: DecodedText): Uint8Array {
  const whole = hasMark ? `\ufeff${text}` : text;
  if (encoding === 'utf-8') return Buffer.from(whole, 'utf8');
  const bytes = Buffer.from(whole, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

/** That a file has more bytes than are read. */
export function tooLarge(bytes: number): DocumentError {
  return new DocumentError(
    'document.too-large',
    `The file has ${bytes} bytes; ${MAX_FILE_BYTES} are read`,
    {
      hint: 'A task sequence has at most 2 MB: child sequences split a large one.',
    },
  );
}

function encodingOf(bytes: Uint8Array): { encoding: Encoding; markBytes: number } {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf)
    return { encoding: 'utf-8', markBytes: 3 };
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', markBytes: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', markBytes: 2 };
  if (first === 0 && second !== 0) return { encoding: 'utf-16be', markBytes: 0 };
  if (first !== 0 && second === 0) return { encoding: 'utf-16le', markBytes: 0 };
  return { encoding: 'utf-8', markBytes: 0 };
}

/** How many bytes from the beginning are text: found by halves. */
function faultIn(bytes: Uint8Array, encoding: Encoding): number {
  const isText = (length: number): boolean => {
    try {
      // What is cut in the middle of a character is no fault yet.
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), {
        stream: true,
      });
      return true;
    } catch {
      return false;
    }
  };
  let [good, bad] = [0, bytes.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isText(middle)) good = middle;
    else bad = middle;
  }
  return Math.min(good, Math.max(bytes.length - 1, 0));
}

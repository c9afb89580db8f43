import { type DecodeOptions, decodeText as decode } from '#media/xml/decode-text.ts';
import { asImportError } from './as-import-error.ts';

/**
 * Bytes to text, in the encoding that the bytes show or declare.
 * @throws {ImportError} `import.not-text` with the offset of the byte, `import.encoding`
 */
export function decodeText(bytes: Uint8Array, from: string, options: DecodeOptions = {}): string {
  return asImportError(from, () => decode(bytes, options));
}

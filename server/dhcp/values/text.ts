import type { ValueCodec } from './codec.ts';

/**
 * Text, read as Latin 1 so that any bytes survive. Trailing zeros are dropped: Intel's and Microsoft's
 * boot ROMs end option 60 and 67 with one, though RFC 2132 (section 2) says it is not part of the value.
 */
export const text: ValueCodec<string> = {
  parse: (bytes) => {
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end -= 1;
    return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
  },
  format: (value) => latin1Bytes(value),
};

/** The bytes of a text, a plain array of them: a slice of a `Buffer` would be a view. */
export function latin1Bytes(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length);
  for (let index = 0; index < value.length; index += 1) bytes[index] = value.charCodeAt(index);
  return bytes;
}

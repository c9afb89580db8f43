import type { ValueCodec } from './codec.ts';

/**
 * Text, read as Latin 1 so that any bytes survive. Trailing zeros are dropped: Intel's and Microsoft's
 * boot ROMs end option 60 and 67 with one, though RFC 2132 (section 2) says it is not part of the value.
 */
export const text: ValueCodec<string> = {
  parse: (bytes) => String.fromCharCode(...bytes).replace(/\0+$/, ''),
  format: (value) => Uint8Array.from(value, (character) => character.charCodeAt(0)),
};

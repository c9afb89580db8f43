import { WireError } from '../../wire-error.ts';
import type { ValueCodec } from './codec.ts';

/** One or more unsigned integers of two bytes, big-endian (option 93, RFC 4578, 2.1). */
export const uint16List: ValueCodec<readonly number[]> = {
  parse: (bytes) => {
    if (bytes.length === 0 || bytes.length % 2 !== 0) {
      throw new WireError('dhcp.value', `${bytes.length} bytes are no list of 16-bit numbers`);
    }
    const values: number[] = [];
    for (let at = 0; at < bytes.length; at += 2)
      values.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    return values;
  },
  format: (values) => Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff])),
};

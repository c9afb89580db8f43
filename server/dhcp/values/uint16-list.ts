import { WireError } from '../../wire-error.ts';
import type { ValueCodec } from './codec.ts';

/** One or more unsigned integers of two bytes, big-endian (option 93, RFC 4578, 2.1). */
export const uint16List: ValueCodec<readonly number[]> = {
  parse: (bytes) => {
    if (bytes.length === 0 || bytes.length % 2 !== 0) {
      throw new WireError('dhcp.value', `${bytes.length} bytes are no list of 16-bit numbers`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2));
  },
  format: (values) => Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff])),
};

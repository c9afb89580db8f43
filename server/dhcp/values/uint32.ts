import { WireError } from '../../wire-error.ts';
import type { ValueCodec } from './codec.ts';

/** A number of four bytes, such as seconds of a lease. */
export const uint32: ValueCodec<number> = {
  parse: (bytes) => {
    if (bytes.length !== 4) throw new WireError('dhcp.value', `${bytes.length} bytes, need 4`);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  },
  format: (value) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    return bytes;
  },
};

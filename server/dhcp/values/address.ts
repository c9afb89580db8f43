import { WireError } from '../../wire-error.ts';
import type { ValueCodec } from './codec.ts';

/** One IPv4 address, dotted. */
export const ipv4: ValueCodec<string> = {
  parse: (bytes) => {
    if (bytes.length !== 4) throw new WireError('dhcp.value', `${bytes.length} bytes, need 4`);
    return bytes.join('.');
  },
  format: (address) => Uint8Array.from(address.split('.'), Number),
};

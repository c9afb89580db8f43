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

/** Addresses one after the other, at least one. */
export const ipv4List: ValueCodec<readonly string[]> = {
  parse: (bytes) => {
    if (bytes.length === 0 || bytes.length % 4 !== 0)
      throw new WireError('dhcp.value', `${bytes.length} bytes, need a multiple of 4`);
    return Array.from({ length: bytes.length / 4 }, (_, index) =>
      bytes.subarray(index * 4, index * 4 + 4).join('.'),
    );
  },
  format: (addresses) => Uint8Array.from(addresses.flatMap((one) => one.split('.').map(Number))),
};

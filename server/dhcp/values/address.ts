import { WireError } from '../../wire-error.ts';
import type { ValueCodec } from './codec.ts';

/** One IPv4 address, dotted. */
export const ipv4: ValueCodec<string> = {
  parse: (bytes) => {
    if (bytes.length !== 4) throw new WireError('dhcp.value', `${bytes.length} bytes, need 4`);
    return readAddress(bytes, 0);
  },
  format: (address) => {
    const bytes = new Uint8Array(4);
    writeAddress(bytes, 0, address);
    return bytes;
  },
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

/** The address at a place, dotted. */
export function readAddress(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

const DOT = 46;
const ZERO = 48;

/** Puts a dotted address there; without arrays between, as each answer has several. */
export function writeAddress(bytes: Uint8Array, at: number, address: string): void {
  let value = 0;
  let index = at;
  for (let place = 0; place < address.length; place += 1) {
    const code = address.charCodeAt(place);
    if (code === DOT) {
      bytes[index] = value;
      index += 1;
      value = 0;
    } else value = 10 * value + code - ZERO;
  }
  bytes[index] = value;
}

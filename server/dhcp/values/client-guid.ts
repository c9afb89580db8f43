import { type SmbiosGuid, smbiosGuidFromBytes } from '#agent/protocol/identity.ts';
import { WireError } from '../../wire-error.ts';
import type { ValueCodec } from './codec.ts';

/** Option 97 (RFC 4578, section 2.3): a type byte, 0, then the SMBIOS UUID with its first three fields little-endian. */
export const clientGuid: ValueCodec<SmbiosGuid> = {
  parse: (bytes) => {
    const guid = bytes[0] === 0 ? smbiosGuidFromBytes(bytes.subarray(1)) : undefined;
    if (guid === undefined) {
      throw new WireError(
        'dhcp.value',
        `${bytes.length} bytes of type ${bytes[0]}, need 17 of type 0`,
      );
    }
    return guid;
  },
  format: (guid) => {
    const hex = guid.replaceAll('-', '');
    const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    return Uint8Array.of(
      0,
      ...order.map((index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16)),
    );
  },
};

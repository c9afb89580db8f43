import { WireError } from '../../wire-error.ts';
import type { ValueCodec } from './codec.ts';

const names = [
  'discover',
  'offer',
  'request',
  'decline',
  'ack',
  'nak',
  'release',
  'inform',
] as const;
type MessageType = (typeof names)[number];

/** DHCP message type (RFC 2132, section 9.6), 1 to 8. */
export const messageType: ValueCodec<MessageType> = {
  parse: (bytes) => {
    const name = bytes.length === 1 ? names[(bytes[0] ?? 0) - 1] : undefined;
    if (name === undefined) throw new WireError('dhcp.value', `message type [${bytes.join(' ')}]`);
    return name;
  },
  format: (name) => Uint8Array.of(names.indexOf(name) + 1),
};

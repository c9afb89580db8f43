import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { SmbiosGuid } from '#agent/protocol/identity.ts';
import { WireError } from '../wire-error.ts';
import { option, options, readOption } from './options.ts';
import { formatPacket, parsePacket } from './packet.ts';

it.each(Object.entries(options))(
  '%s gives a value or a WireError for any bytes',
  (_, { codec }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          codec.parse(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          expect(error).toMatchObject({ code: 'dhcp.value' });
        }
      }),
    );
  },
);

it.each([
  { name: 'message type', made: option(options.messageType, 'ack'), bytes: [5] },
  { name: 'address', made: option(options.serverIdentifier, '10.0.0.255'), bytes: [10, 0, 0, 255] },
  {
    name: 'architectures',
    made: option(options.clientArchitecture, [7, 0x101]),
    bytes: [0, 7, 1, 1],
  },
  { name: 'text', made: option(options.vendorClass, 'PXE'), bytes: [80, 88, 69] },
])('writes $name', ({ made, bytes }) => {
  expect([...made.value]).toEqual(bytes);
});

it('M54 reads option 97 with its first three fields little-endian, and writes it back', () => {
  const guid = SmbiosGuid.parse('00112233-4455-6677-8899-aabbccddeeff');
  const made = option(options.clientGuid, guid);
  expect(Buffer.from(made.value).toString('hex')).toBe('0033221100554477668899aabbccddeeff');
  expect(options.clientGuid.codec.parse(made.value)).toBe(guid);
});

it('drops the zero that Intel ROMs put behind the vendor class', () => {
  const value = Buffer.from('PXEClient\0');
  expect(options.vendorClass.codec.parse(value)).toBe('PXEClient');
});

it('reads nothing where the option is missing', () => {
  const bytes = new Uint8Array(241);
  bytes.set([1, 1, 6]);
  bytes.set([0x63, 0x82, 0x53, 0x63, 0xff], 236);
  const packet = parsePacket(formatPacket(parsePacket(bytes)));
  expect(readOption(packet, options.clientGuid)).toBeUndefined();
});

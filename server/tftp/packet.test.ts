import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { WireError } from '../wire-error.ts';
import { formatPacket, parsePacket, type TftpPacket } from './packet.ts';

const request = (...texts: string[]) => Buffer.from(`\0\u0001${texts.join('\0')}\0`, 'latin1');

it.each([
  { name: 'the last, empty DATA', hex: '0003ffff', op: 'data', block: 65535 },
  { name: 'the ACK of an OACK', hex: '00040000', op: 'ack', block: 0 },
])('reads $name', ({ hex, op, block }) => {
  expect(parsePacket(Buffer.from(hex, 'hex'))).toMatchObject({ op, block });
});

it('M51 reads the first request of OVMF, option names without case', () => {
  const bytes = request('shimx64.efi', 'OCTET', 'TSize', '0', 'BLKSIZE', '1468', 'windowsize', '4');
  expect(parsePacket(bytes)).toEqual({
    op: 'rrq',
    file: 'shimx64.efi',
    mode: 'octet',
    options: new Map([
      ['tsize', '0'],
      ['blksize', '1468'],
      ['windowsize', '4'],
    ]),
  });
});

it('reads an ERROR whose text has no end', () => {
  const bytes = Buffer.from('\0\u0005\0\u0008User aborted', 'latin1');
  expect(parsePacket(bytes)).toEqual({ op: 'error', code: 8, message: 'User aborted' });
});

it.each([
  { name: 'one byte', bytes: Buffer.alloc(1), code: 'tftp.short' },
  { name: 'opcode 9', bytes: Buffer.from('00090000', 'hex'), code: 'tftp.opcode' },
  { name: 'a name without end', bytes: Buffer.from('\0\u0001abc', 'latin1'), code: 'tftp.text' },
  { name: 'no mode', bytes: request('abc'), code: 'tftp.text' },
  { name: 'an option without value', bytes: request('a', 'octet', 'tsize'), code: 'tftp.option' },
])('refuses $name with $code', ({ bytes, code }) => {
  expect(() => parsePacket(bytes)).toThrow(expect.objectContaining({ code }));
});

it('gives a value or a WireError for any bytes', () => {
  const opcoded = fc
    .tuple(fc.nat(8), fc.uint8Array({ maxLength: 60 }))
    .map(([opcode, rest]) => Uint8Array.of(0, opcode, ...rest));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), opcoded), (bytes) => {
      try {
        parsePacket(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
  );
});

it('reads back any packet that it writes', () => {
  const text = fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength: 20 })
    .map((codes) => String.fromCharCode(...codes));
  const lower = fc.stringMatching(/^[a-z]{1,12}$/);
  const options = fc
    .uniqueArray(fc.tuple(lower, text), { selector: ([name]) => name, maxLength: 4 })
    .map((entries) => new Map(entries));
  const block = fc.nat(0xffff);
  const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
    fc.record({ op: fc.constantFrom('rrq', 'wrq'), file: text, mode: lower, options }),
    fc.record({
      op: fc.constant('data' as const),
      block,
      payload: fc.uint8Array({ maxLength: 50 }),
    }),
    fc.record({ op: fc.constant('ack' as const), block }),
    fc.record({ op: fc.constant('error' as const), code: block, message: text }),
    fc
      .record({ op: fc.constant('oack' as const), options })
      .filter((oack) => oack.options.size > 0),
  );
  fc.assert(
    fc.property(packet, (value) => {
      expect(parsePacket(formatPacket(value))).toEqual(value);
    }),
  );
});

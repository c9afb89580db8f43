import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from '../wire-error.ts';
import { type DhcpPacket, formatPacket, parsePacket } from './packet.ts';

const captured = (name: string): Buffer =>
  Buffer.from(readFileSync(new URL(`testdata/${name}.hex`, import.meta.url), 'utf8').trim(), 'hex');
const code = (expected: string) => expect.objectContaining({ name: 'WireError', code: expected });

/** A request with this option area. */
function withArea(area: readonly number[], fields: Record<number, readonly number[]> = {}): Buffer {
  const bytes = Buffer.alloc(240);
  bytes.set([1, 1, 6, 0]);
  bytes.writeUInt32BE(0x63825363, 236);
  for (const [at, value] of Object.entries(fields)) bytes.set(value, Number(at));
  return Buffer.concat([bytes, Buffer.from(area)]);
}

describe('M50 captured packets', () => {
  it('reads the DISCOVER of OVMF, options in their order', () => {
    const packet = parsePacket(captured('ovmf-discover'));
    expect(packet).toMatchObject({
      op: 'request',
      htype: 1,
      hlen: 6,
      flags: 0x8000,
      ciaddr: '0.0.0.0',
      giaddr: '0.0.0.0',
    });
    expect(Buffer.from(packet.chaddr).toString('hex', 0, 6)).toBe('525400123456');
    expect(packet.options.map((option) => option.code)).toEqual([53, 57, 55, 97, 94, 93, 60]);
  });

  it.each([
    'ovmf-discover',
    'ovmf-request',
    'ovmf-proxy-request',
    'ovmf-http-discover',
    'ipxe-bios-discover',
    'dnsmasq-offer',
    'our-offer',
    'our-ack',
  ])('writes %s as it came, byte for byte', (name) => {
    const bytes = captured(name);
    const written = Buffer.from(formatPacket(parsePacket(bytes)));
    // Senders pad to lengths of their own liking; up to END there is no freedom.
    const end = bytes.lastIndexOf(255) + 1;
    expect(written.toString('hex', 0, end)).toBe(bytes.toString('hex', 0, end));
  });
});

describe('option areas', () => {
  it('skips PAD between options and stops at END', () => {
    const { options } = parsePacket(withArea([0, 53, 1, 1, 0, 0, 93, 2, 0, 7, 255, 60, 1, 65]));
    expect(options).toEqual([
      { code: 53, value: Uint8Array.of(1) },
      { code: 93, value: Uint8Array.of(0, 7) },
    ]);
  });

  it('joins the parts of a long option (RFC 3396) and splits it when writing', () => {
    const value = Uint8Array.from({ length: 600 }, (_, index) => index % 251);
    const packet = { ...parsePacket(withArea([255])), options: [{ code: 43, value }] };
    const bytes = formatPacket(packet);
    expect([bytes[241], bytes[241 + 257], bytes[241 + 514]]).toEqual([255, 255, 90]);
    expect(parsePacket(bytes).options).toEqual(packet.options);
  });

  it.each([
    { overload: 1, file: [66, 1, 65, 255], sname: [99, 0], codes: [53, 66], name: 'c', boot: '' },
    { overload: 2, file: [98, 0], sname: [66, 1, 65, 255], codes: [53, 66], name: '', boot: 'b' },
    {
      overload: 3,
      file: [66, 1, 65, 255],
      sname: [67, 1, 66, 255],
      codes: [53, 66, 67],
      name: '',
      boot: '',
    },
  ])('puts together areas spread by option 52 = $overload', (row) => {
    const area = [53, 1, 1, 52, 1, row.overload, 255];
    const packet = parsePacket(withArea(area, { 44: row.sname, 108: row.file }));
    expect(packet.options.map((option) => option.code)).toEqual(row.codes);
    expect([packet.sname, packet.file]).toEqual([row.name, row.boot]);
  });

  it('accepts an area without END, as BOOTP-era ROMs send it', () => {
    expect(parsePacket(withArea([53, 1, 1])).options).toHaveLength(1);
  });
});

describe('bad input', () => {
  it.each([
    { name: 'an empty datagram', bytes: Buffer.alloc(0), expected: 'dhcp.short' },
    { name: 'a cut header', bytes: withArea([]).subarray(0, 239), expected: 'dhcp.short' },
    { name: 'op 3', bytes: withArea([255], { 0: [3] }), expected: 'dhcp.op' },
    { name: 'hlen 17', bytes: withArea([255], { 2: [17] }), expected: 'dhcp.hardware-length' },
    { name: 'no cookie', bytes: withArea([255], { 236: [0] }), expected: 'dhcp.cookie' },
    {
      name: 'a length past the end',
      bytes: withArea([53, 200, 1]),
      expected: 'dhcp.option-length',
    },
    { name: 'a code without length', bytes: withArea([53]), expected: 'dhcp.option-length' },
    { name: 'overload 4', bytes: withArea([52, 1, 4, 255]), expected: 'dhcp.overload' },
    { name: 'overload of 2 bytes', bytes: withArea([52, 2, 1, 1, 255]), expected: 'dhcp.overload' },
    {
      name: 'a lie inside an overloaded field',
      bytes: withArea([52, 1, 1, 255], { 108: [66, 250] }),
      expected: 'dhcp.option-length',
    },
  ])('refuses $name with $expected', ({ bytes, expected }) => {
    expect(() => parsePacket(bytes)).toThrow(code(expected));
  });

  it('refuses to write a file name that does not fit', () => {
    const packet = { ...parsePacket(withArea([255])), file: 'x'.repeat(128) };
    expect(() => formatPacket(packet)).toThrow(code('dhcp.field-length'));
  });

  it('gives a value or a WireError for any bytes', () => {
    const area = fc.uint8Array({ maxLength: 400 }).map((bytes) => withArea([...bytes]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 600 }), area), (bytes) => {
        try {
          parsePacket(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
    );
  });
});

it('reads back any packet that it writes', () => {
  const address = fc.ipV4();
  const text = (maxLength: number) =>
    fc.array(fc.integer({ min: 1, max: 255 }), { maxLength }).map((c) => String.fromCharCode(...c));
  const option = fc.record({
    code: fc.integer({ min: 1, max: 254 }).filter((number) => number !== 52),
    value: fc.uint8Array({ maxLength: 300 }),
  });
  const packet: fc.Arbitrary<DhcpPacket> = fc.record({
    op: fc.constantFrom('request', 'reply'),
    htype: fc.nat(255),
    hlen: fc.nat(16),
    hops: fc.nat(255),
    xid: fc.nat(0xffffffff),
    secs: fc.nat(0xffff),
    flags: fc.nat(0xffff),
    ciaddr: address,
    yiaddr: address,
    siaddr: address,
    giaddr: address,
    chaddr: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    sname: text(63),
    file: text(127),
    options: fc.uniqueArray(option, { selector: ({ code: number }) => number, maxLength: 6 }),
  });
  fc.assert(
    fc.property(packet, (value) => {
      expect(parsePacket(formatPacket(value))).toEqual(value);
    }),
  );
});

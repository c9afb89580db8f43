import { WireError } from '../wire-error.ts';
import { readAddress, writeAddress } from './values/address.ts';
import { latin1Bytes } from './values/text.ts';

/**
 * One BOOTP/DHCP message (RFC 2131, section 2; options RFC 2132). Options stay in the order they came,
 * known or not; parts of one long option are joined (RFC 3396), an option area that was spread over
 * `file` and `sname` (option 52) is already put together, and those fields are then empty.
 */
export interface DhcpPacket {
  readonly op: 'request' | 'reply';
  /** Hardware type; 1 is Ethernet. */
  readonly htype: number;
  readonly hlen: number;
  readonly hops: number;
  readonly xid: number;
  readonly secs: number;
  /** Bit 15: answer by broadcast. */
  readonly flags: number;
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  /** All 16 bytes; `hlen` of them count. */
  readonly chaddr: Uint8Array;
  readonly sname: string;
  readonly file: string;
  readonly options: readonly DhcpOption[];
}
export interface DhcpOption {
  readonly code: number;
  readonly value: Uint8Array;
}

/** What an address field has that says nothing (RFC 2131, table 1). */
export const UNSPECIFIED = '0.0.0.0';

const FIXED_BYTES = 236;
const COOKIE = 0x63825363;
/** BOOTP's vendor area has 64 bytes, so some relays and clients drop anything shorter (RFC 1542, 2.1). */
const MINIMUM_BYTES = 300;
const PAD = 0;
const END = 255;
const OVERLOAD = 52;

/**
 * Reads one datagram; values are copies. @throws {WireError} `dhcp.short`, `dhcp.op`,
 * `dhcp.hardware-length`, `dhcp.cookie`, `dhcp.option-length`, `dhcp.overload`
 */
export function parsePacket(datagram: Uint8Array): DhcpPacket {
  if (datagram.length < FIXED_BYTES + 4) {
    throw new WireError('dhcp.short', `${datagram.length} bytes, need ${FIXED_BYTES + 4}`);
  }
  // A plain copy: `slice` of a Buffer would be a view.
  const bytes = new Uint8Array(datagram);
  const view = new DataView(bytes.buffer);
  const op = view.getUint8(0);
  if (op !== 1 && op !== 2) throw new WireError('dhcp.op', `op is ${op}, neither 1 nor 2`);
  const hlen = view.getUint8(2);
  if (hlen > 16)
    throw new WireError('dhcp.hardware-length', `hlen is ${hlen}, chaddr has 16 bytes`);
  const cookie = view.getUint32(FIXED_BYTES);
  if (cookie !== COOKIE)
    throw new WireError('dhcp.cookie', `magic cookie is ${cookie.toString(16)}`);

  const main = readArea(bytes.subarray(FIXED_BYTES + 4), 'options');
  const overload = overloadOf(main);
  const file = bytes.subarray(108, 236);
  const sname = bytes.subarray(44, 108);
  const inFile = (overload & 1) === 0 ? [] : readArea(file, 'file');
  const inSname = (overload & 2) === 0 ? [] : readArea(sname, 'sname');
  return {
    op: op === 1 ? 'request' : 'reply',
    htype: view.getUint8(1),
    hlen,
    hops: view.getUint8(3),
    xid: view.getUint32(4),
    secs: view.getUint16(8),
    flags: view.getUint16(10),
    ciaddr: readAddress(bytes, 12),
    yiaddr: readAddress(bytes, 16),
    siaddr: readAddress(bytes, 20),
    giaddr: readAddress(bytes, 24),
    chaddr: bytes.slice(28, 44),
    sname: (overload & 2) === 0 ? readText(sname) : '',
    file: (overload & 1) === 0 ? readText(file) : '',
    options: joinParts([...main, ...inFile, ...inSname].filter(({ code }) => code !== OVERLOAD)),
  };
}

/**
 * Writes one message, at least 300 bytes long; a value over 255 bytes is split (RFC 3396).
 * @throws {WireError} `dhcp.field-length` where `file`, `sname` or `chaddr` do not fit
 */
export function formatPacket(packet: DhcpPacket): Uint8Array {
  const length = FIXED_BYTES + 4 + lengthOf(packet.options);
  const bytes = new Uint8Array(Math.max(MINIMUM_BYTES, length));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, packet.op === 'request' ? 1 : 2);
  view.setUint8(1, packet.htype);
  view.setUint8(2, packet.hlen);
  view.setUint8(3, packet.hops);
  view.setUint32(4, packet.xid);
  view.setUint16(8, packet.secs);
  view.setUint16(10, packet.flags);
  writeAddress(bytes, 12, packet.ciaddr);
  writeAddress(bytes, 16, packet.yiaddr);
  writeAddress(bytes, 20, packet.siaddr);
  writeAddress(bytes, 24, packet.giaddr);
  writeField(bytes, { at: 28, size: 16, value: packet.chaddr, name: 'chaddr' });
  // One byte less: both texts end with a zero.
  writeField(bytes, { at: 44, size: 63, value: latin1Bytes(packet.sname), name: 'sname' });
  writeField(bytes, { at: 108, size: 127, value: latin1Bytes(packet.file), name: 'file' });
  view.setUint32(FIXED_BYTES, COOKIE);
  writeOptions(bytes, packet.options, FIXED_BYTES + 4);
  return bytes;
}

function readArea(area: Uint8Array, name: string): DhcpOption[] {
  const found: DhcpOption[] = [];
  let at = 0;
  // An area that stops without END is accepted: BOOTP-era ROMs fill it to the last byte (RFC 1533, 3.2
  // let them), and nothing is lost. An option that claims bytes past the area is not.
  while (at < area.length) {
    const code = area[at] ?? END;
    at += 1;
    if (code === PAD) continue;
    if (code === END) break;
    const length = area[at];
    if (length === undefined || at + 1 + length > area.length) {
      throw new WireError(
        'dhcp.option-length',
        `option ${code} in ${name} claims ${length ?? 'no'} bytes, ${Math.max(0, area.length - at - 1)} are there`,
      );
    }
    found.push({ code, value: area.slice(at + 1, at + 1 + length) });
    at += 1 + length;
  }
  return found;
}

function overloadOf(options: readonly DhcpOption[]): number {
  const option = options.find(({ code }) => code === OVERLOAD);
  if (option === undefined) return 0;
  const value = option.value[0] ?? 0;
  if (option.value.length !== 1 || value < 1 || value > 3) {
    throw new WireError('dhcp.overload', `option 52 is [${option.value.join(' ')}], not 1, 2 or 3`);
  }
  return value;
}

function joinParts(parts: readonly DhcpOption[]): DhcpOption[] {
  const joined = new Map<number, DhcpOption>();
  for (const { code, value } of parts) {
    const before = joined.get(code);
    const bytes = before === undefined ? value : Uint8Array.of(...before.value, ...value);
    joined.set(code, { code, value: bytes });
  }
  return [...joined.values()];
}

/** What options take, split where they are long, and END. */
function lengthOf(options: readonly DhcpOption[]): number {
  let length = 1;
  for (const { value } of options) length += value.length + 2 * partsOf(value);
  return length;
}

function partsOf({ length }: Uint8Array): number {
  return Math.max(1, Math.ceil(length / 255));
}

function writeOptions(bytes: Uint8Array, options: readonly DhcpOption[], from: number): void {
  let at = from;
  for (const { code, value } of options)
    for (let part = 0; part < partsOf(value); part += 1) {
      const some = value.length <= 255 ? value : value.subarray(255 * part, 255 * (part + 1));
      bytes[at] = code;
      bytes[at + 1] = some.length;
      bytes.set(some, at + 2);
      at += 2 + some.length;
    }
  bytes[at] = END;
}

interface Field {
  readonly at: number;
  readonly size: number;
  readonly value: Uint8Array;
  readonly name: string;
}

function writeField(bytes: Uint8Array, { at, size, value, name }: Field): void {
  if (value.length > size) {
    throw new WireError('dhcp.field-length', `${name} has ${value.length} bytes, ${size} fit`);
  }
  bytes.set(value, at);
}

/** Latin 1, so that any bytes survive; up to the first zero. */
function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  if (end === 0) return '';
  const length = end === -1 ? bytes.length : end;
  return Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
}

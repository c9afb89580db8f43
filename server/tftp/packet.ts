import { WireError } from '../wire-error.ts';

/**
 * One TFTP message (RFC 1350, section 5; OACK and options RFC 2347). `payload` is a view of the
 * datagram, not a copy. Option names are in lower case: they are compared without case (RFC 2347).
 */
export type TftpPacket =
  | TftpRequest
  | { readonly op: 'data'; readonly block: number; readonly payload: Uint8Array }
  | { readonly op: 'ack'; readonly block: number }
  | { readonly op: 'error'; readonly code: number; readonly message: string }
  | { readonly op: 'oack'; readonly options: TftpOptions };

export interface TftpRequest {
  readonly op: 'rrq' | 'wrq';
  readonly file: string;
  readonly mode: string;
  readonly options: TftpOptions;
}
export type TftpOptions = ReadonlyMap<string, string>;

/** Error codes (RFC 1350, section 5; 8 is RFC 2347's). */
export const tftpError = {
  undefined: 0,
  notFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTid: 5,
  optionRefused: 8,
} as const;

const opcodes = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

/** Reads one datagram. @throws {WireError} `tftp.short`, `tftp.opcode`, `tftp.text`, `tftp.option` */
export function parsePacket(datagram: Uint8Array): TftpPacket {
  if (datagram.length < 4) throw new WireError('tftp.short', `${datagram.length} bytes, need 4`);
  // Read byte by byte: every block is acknowledged by such a packet, and a view of each would cost more.
  const uint16 = (at: number): number => ((datagram[at] ?? 0) << 8) | (datagram[at + 1] ?? 0);
  const opcode = uint16(0);
  switch (opcode) {
    case opcodes.rrq:
    case opcodes.wrq: {
      const [file, mode, ...rest] = readTexts(datagram.subarray(2));
      if (file === undefined || mode === undefined) {
        throw new WireError('tftp.text', 'a request needs a name and a mode, each ended by a zero');
      }
      const op = opcode === opcodes.rrq ? 'rrq' : 'wrq';
      return { op, file, mode: mode.toLowerCase(), options: readOptions(rest) };
    }
    case opcodes.data:
      return { op: 'data', block: uint16(2), payload: datagram.subarray(4) };
    case opcodes.ack:
      return { op: 'ack', block: uint16(2) };
    case opcodes.error: {
      // The text's zero is missing in what some ROMs send; a text nobody acts on is not worth refusing.
      const end = datagram.indexOf(0, 4);
      const text = datagram.subarray(4, end === -1 ? datagram.length : end);
      return { op: 'error', code: uint16(2), message: String.fromCharCode(...text) };
    }
    case opcodes.oack:
      return { op: 'oack', options: readOptions(readTexts(datagram.subarray(2))) };
    default:
      throw new WireError('tftp.opcode', `unknown opcode ${opcode}`);
  }
}

/** Writes one datagram. Texts must hold no zero and only Latin 1. */
export function formatPacket(packet: TftpPacket): Uint8Array {
  const opcode = opcodes[packet.op];
  switch (packet.op) {
    case 'rrq':
    case 'wrq':
      return Uint8Array.of(0, opcode, ...texts(packet.file, packet.mode, ...packet.options));
    case 'data':
      return Uint8Array.of(0, opcode, packet.block >> 8, packet.block & 0xff, ...packet.payload);
    case 'ack':
      return Uint8Array.of(0, opcode, packet.block >> 8, packet.block & 0xff);
    case 'error':
      return Uint8Array.of(
        0,
        opcode,
        packet.code >> 8,
        packet.code & 0xff,
        ...texts(packet.message),
      );
    case 'oack':
      return Uint8Array.of(0, opcode, ...texts(...packet.options));
  }
}

function readTexts(bytes: Uint8Array): string[] {
  const found: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0, at);
    if (end === -1) throw new WireError('tftp.text', `the text at byte ${at + 2} has no end`);
    found.push(String.fromCharCode(...bytes.subarray(at, end)));
    at = end + 1;
  }
  return found;
}

function readOptions(parts: readonly string[]): TftpOptions {
  if (parts.length % 2 !== 0) {
    throw new WireError('tftp.option', `the option ${parts.at(-1)} has no value`);
  }
  const found = new Map<string, string>();
  for (let index = 0; index < parts.length; index += 2) {
    found.set((parts[index] ?? '').toLowerCase(), parts[index + 1] ?? '');
  }
  return found;
}

function texts(...parts: readonly (string | readonly [string, string])[]): number[] {
  return parts.flat().flatMap((part) => [...Array.from(part, (c) => c.charCodeAt(0)), 0]);
}

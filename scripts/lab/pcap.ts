/** One captured Ethernet frame. `bytes` is a view into the file's buffer. */
export interface Frame {
  /** Seconds since 1970, with microseconds. */
  readonly atSeconds: number;
  readonly bytes: Uint8Array;
}

/** Ethernet header, RFC 894: two addresses and the type. */
const ETHERNET_BYTES = 14;
const TYPE_IPV4 = 0x0800;

/**
 * Reads a classic pcap file as tcpdump writes it on the same host (little-endian, microseconds,
 * Ethernet). A record cut off at the end, of a capture still being written, is left out.
 * @throws {RangeError} `not a pcap file` on any other magic number
 */
export function parsePcap(file: Uint8Array): Frame[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 24 || view.getUint32(0, true) !== 0xa1b2c3d4)
    throw new RangeError('not a pcap file with microseconds in little-endian order');
  const frames: Frame[] = [];
  let at = 24;
  while (at + 16 <= file.length) {
    const length = view.getUint32(at + 8, true);
    const start = at + 16;
    if (start + length > file.length) break;
    const atSeconds = view.getUint32(at, true) + view.getUint32(at + 4, true) / 1e6;
    frames.push({ atSeconds, bytes: file.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}

/** An IPv4 packet with its ports. `payload` is a view, empty for a TCP segment without data. */
export interface Segment {
  readonly protocol: 'udp' | 'tcp';
  readonly sourceMac: string;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  /** TCP flags byte; 0 for UDP. */
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** Reads UDP or TCP over IPv4 out of a frame; undefined for everything else and for fragments. */
export function parseSegment(frame: Uint8Array): Segment | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < ETHERNET_BYTES + 28 || view.getUint16(12) !== TYPE_IPV4) return undefined;
  const ip = ETHERNET_BYTES;
  const headerBytes = (view.getUint8(ip) & 0x0f) * 4;
  const total = view.getUint16(ip + 2);
  const fragment = view.getUint16(ip + 6) & 0x3fff;
  const number = view.getUint8(ip + 9);
  const transport = ip + headerBytes;
  if (fragment !== 0 || (number !== 17 && number !== 6)) return undefined;
  const protocol = number === 17 ? 'udp' : 'tcp';
  const dataOffset = protocol === 'udp' ? 8 : (view.getUint8(transport + 12) >> 4) * 4;
  const end = Math.min(ip + total, frame.length);
  return {
    protocol,
    sourceMac: hex(frame.subarray(6, 12), ':'),
    source: [...frame.subarray(ip + 12, ip + 16)].join('.'),
    sourcePort: view.getUint16(transport),
    destination: [...frame.subarray(ip + 16, ip + 20)].join('.'),
    destinationPort: view.getUint16(transport + 2),
    flags: protocol === 'tcp' ? view.getUint8(transport + 13) : 0,
    payload: frame.subarray(Math.min(transport + dataOffset, end), end),
  };
}

function hex(bytes: Uint8Array, separator: string): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(separator);
}

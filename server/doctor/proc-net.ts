/** A socket that listens or is bound, as /proc/net shows it. */
export interface BoundSocket {
  readonly protocol: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
  /** Links the socket to the process that has it open: `socket:[inode]` in /proc/<pid>/fd. */
  readonly inode: string;
}

const TCP_LISTEN = '0A';

/**
 * Reads /proc/net/udp, tcp, udp6 or tcp6 (proc_net(5)): of TCP only listening sockets, of UDP all bound
 * ones. Lines that do not read as such are passed over.
 */
export function parseProcNet(text: string, protocol: 'udp' | 'tcp'): BoundSocket[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [, local, , state] = fields;
      const inode = fields[9];
      const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local ?? '');
      if (match === null || inode === undefined) return [];
      if (protocol === 'tcp' && state !== TCP_LISTEN) return [];
      return [
        {
          protocol,
          address: readAddress(match[1] ?? ''),
          port: Number.parseInt(match[2] ?? '', 16),
          inode,
        },
      ];
    });
}

/** Words of four bytes in host order, which is little-endian on x64 and arm64. */
function readAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse(),
  );
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.every((byte) => byte === 0)) return '::';
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}

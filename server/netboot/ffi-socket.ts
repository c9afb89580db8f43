import { createSocket, type Socket } from 'node:dgram';
import { type LibC, openLibc } from '../libc.ts';

/**
 * UDP sockets that Node cannot open by itself: bound to one network interface (`SO_BINDTODEVICE`), and
 * cutting one large send into datagrams in the kernel (`UDP_SEGMENT`). The C library's `socket`,
 * `setsockopt` and `bind` are called through `node:ffi` (`libc.ts`), and dgram takes the descriptor over.
 * Where there is none (or on Windows, where binding to an interface's address is enough) plain dgram is
 * used, see `canBindToDevice`.
 */
export interface UdpSocketSettings {
  readonly address: string;
  /** 0 for any free port. */
  readonly port: number;
  /** Name of the interface; undefined for none in particular. */
  readonly device: string | undefined;
  /**
   * Others may have the same port (`SO_REUSEADDR`): wanted for broadcasts, which each of them gets. For
   * unicast it would silently take the packets away from whoever had the port before.
   */
  readonly shared?: boolean | undefined;
  /** Bytes of each datagram that a large send is cut into; undefined for one send, one datagram. */
  readonly segmentBytes?: number | undefined;
}

/** Opening a socket failed; `code` is stable, `hint` says what to do. */
export class SocketError extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint: string) {
    super(message);
    this.name = 'SocketError';
    this.code = code;
    this.hint = hint;
  }
}

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_BROADCAST = 6;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_BINDTODEVICE = 25;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
/** A thousand clients that answer at once: the system counts 768 bytes for each small packet. */
const BUFFER_BYTES = 2 << 20;

const signatures = {
  socket: { return: 'i32', arguments: ['i32', 'i32', 'i32'] },
  setsockopt: { return: 'i32', arguments: ['i32', 'i32', 'i32', 'buffer', 'u32'] },
  bind: { return: 'i32', arguments: ['i32', 'buffer', 'u32'] },
  close: { return: 'i32', arguments: ['i32'] },
  if_nametoindex: { return: 'u32', arguments: ['buffer'] },
} as const;

const libc = openLibc(signatures);

/** Whether sockets here belong to one interface. Without it, only one interface can be answered on. */
export const canBindToDevice = libc !== undefined;

/** Index of a network interface, 0 if there is none of that name; undefined where it cannot be asked. */
export function interfaceIndex(name: string): number | undefined {
  return libc?.call.if_nametoindex(Buffer.from(`${name}\0`));
}

/**
 * Opens and binds a UDP socket, with SO_BROADCAST. Resolves once it listens.
 * @throws {SocketError} `netboot.port-in-use`, `netboot.no-permission`, `netboot.no-interface`,
 * `netboot.no-address`, `netboot.socket`
 */
export async function openUdpSocket(settings: UdpSocketSettings): Promise<Socket> {
  return (await openUdp(settings)).socket;
}

/**
 * As `openUdpSocket`, with the descriptor that the socket has; undefined where that is not known.
 * @throws {SocketError}
 */
export async function openUdp(
  settings: UdpSocketSettings,
): Promise<{ readonly socket: Socket; readonly descriptor: number | undefined }> {
  const { address, port } = settings;
  // dgram looks up even a literal address, a tick later; every destination here is one.
  const socket = createSocket({
    type: 'udp4',
    reuseAddr: settings.shared ?? false,
    lookup: (host, _options, done) => done(null, host, 4),
  });
  const bound = new Promise<void>((resolve, reject) => {
    socket.once('listening', resolve);
    socket.once('error', reject);
  });
  try {
    const descriptor = libc === undefined ? undefined : openDescriptor(libc, settings);
    socket.bind(descriptor === undefined ? { address, port } : { fd: descriptor });
    await bound;
    socket.setBroadcast(true);
    return { socket, descriptor };
  } catch (error) {
    socket.close();
    throw asSocketError(error, settings);
  }
}

/**
 * Opens and binds a UDP socket that is read and written by its descriptor alone (`ffi-datagrams.ts`).
 * @throws {SocketError}
 */
export function openUdpDescriptor(settings: UdpSocketSettings): {
  readonly descriptor: number;
  close(): void;
} {
  const library = libc;
  if (library === undefined) throw new SocketError('netboot.socket', 'there is no node:ffi', '');
  try {
    const descriptor = openDescriptor(library, settings);
    return { descriptor, close: () => void library.call.close(descriptor) };
  } catch (error) {
    throw asSocketError(error, settings);
  }
}

function openDescriptor(
  { call, errno }: LibC<typeof signatures>,
  settings: UdpSocketSettings,
): number {
  const fd = call.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const check = (result: number): void => {
    if (result === 0) return;
    const code = errno();
    call.close(fd);
    throw Object.assign(new Error(`errno ${code}`), { code: errnoNames.get(code) ?? `E${code}` });
  };
  if (fd < 0) check(fd);
  const set = (level: number, name: number, value: Buffer): void =>
    check(call.setsockopt(fd, level, name, value, value.length));
  /** Past the system's limit where that is allowed (CAP_NET_ADMIN), else up to it. */
  const setBuffer = (forced: number, plain: number): void => {
    const size = u32(BUFFER_BYTES);
    if (call.setsockopt(fd, SOL_SOCKET, forced, size, size.length) !== 0)
      set(SOL_SOCKET, plain, size);
  };
  if (settings.shared === true) set(SOL_SOCKET, SO_REUSEADDR, u32(1));
  set(SOL_SOCKET, SO_BROADCAST, u32(1));
  setBuffer(SO_RCVBUFFORCE, SO_RCVBUF);
  setBuffer(SO_SNDBUFFORCE, SO_SNDBUF);
  if (settings.device !== undefined) {
    set(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${settings.device}\0`));
  }
  if (settings.segmentBytes !== undefined) set(SOL_UDP, UDP_SEGMENT, u32(settings.segmentBytes));
  const name = socketAddress(settings.address, settings.port);
  check(call.bind(fd, name, name.length));
  return fd;
}

/** struct sockaddr_in: family in host order, port and address in network order, 8 bytes of padding. */
function socketAddress(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(address.split('.').map(Number), 4);
  return bytes;
}

/** In host order, which is little-endian wherever Node runs. */
function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const errnoNames: ReadonlyMap<number, string> = new Map([
  [1, 'EPERM'],
  [13, 'EACCES'],
  [19, 'ENODEV'],
  [98, 'EADDRINUSE'],
  [99, 'EADDRNOTAVAIL'],
]);

function asSocketError(error: unknown, { address, port, device }: UdpSocketSettings): SocketError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const where = `UDP ${address}:${port}${device === undefined ? '' : ` on ${device}`}`;
  switch (code) {
    case 'EADDRINUSE':
      return new SocketError(
        'netboot.port-in-use',
        `${where} is in use`,
        `Another DHCP, PXE or TFTP server runs on this machine; "ss -ulpn" names it. Stop it, or answer on another interface.`,
      );
    case 'EPERM':
    case 'EACCES':
      return new SocketError(
        'netboot.no-permission',
        `${where} may not be opened (${code})`,
        'The server needs CAP_NET_BIND_SERVICE and CAP_NET_RAW.',
      );
    case 'ENODEV':
      return new SocketError(
        'netboot.no-interface',
        `there is no interface ${device}`,
        'It is tried again every few seconds; plug it in, or take it off the list of interfaces.',
      );
    case 'EADDRNOTAVAIL':
      return new SocketError(
        'netboot.no-address',
        `${address} is not an address of this machine`,
        'Give the interface that address, or change the one in the settings.',
      );
    default:
      return new SocketError('netboot.socket', `${where} failed: ${code}`, 'See the system log.');
  }
}

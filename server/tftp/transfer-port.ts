import type { RemoteInfo, Socket } from 'node:dgram';
import { openUdpSocket } from '../netboot/ffi-socket.ts';
import { formatPacket, tftpError } from './packet.ts';

/**
 * A socket that transfers are sent from, each to another client address and port. To open one for every
 * transfer, as the RFC's letter has it, is what costs most with many small ones. A client's transfer
 * identifier is still checked: what comes from an address and port without a transfer gets ERROR 5 and
 * disturbs nobody (RFC 1350, section 4). Two kinds: `openPlainPort` here, over dgram, and `openBatchedPort`.
 */
export interface TransferPort {
  /** Whether this client has no transfer here, nor had one a moment ago. */
  isFreeFor(peer: Peer): boolean;
  /** Packets of this client go to its transfer until its line is closed; then they are dropped for a while. */
  attach(peer: Peer, transfer: LineEnd): Line;
  /** Datagrams of the pool's packet size that one `send` may hold: 1 without segmentation offload. */
  readonly datagramsPerSend: number;
  close(): void;
}
export interface Peer {
  readonly address: string;
  readonly port: number;
}
/** A transfer, as its line knows it. */
export interface LineEnd {
  onDatagram(datagram: Uint8Array): void;
  /** The system did not take what was sent. */
  onSendError(message: string): void;
}
/** What a transfer sends by. */
export interface Line {
  /** Room to lay the next `send` out in; whatever comes between them may use it again. */
  reserve(bytes: number): Uint8Array;
  /** Sends what was laid out: one datagram, or several laid end to end of the port's packet size. */
  send(bytes: Uint8Array): void;
  close(): void;
}
/** Where transfers are sent from. */
export interface TransferPortSettings {
  readonly address: string;
  readonly device: string | undefined;
  /** Bytes of a full DATA packet with its header when windows are sent; see `UDP_SEGMENT`. */
  readonly segmentBytes: number | undefined;
}

/** A duplicate of a last ACK is late, not wrong; a client that reuses its port must not get ERROR 5 for it. */
export const LINGER_MS = 5000;
/** Limits of UDP_SEGMENT: segments (UDP_MAX_SEGMENTS), and the size of one IP packet. */
const MOST_SEGMENTS = 64;
const LARGEST_SEND = 65_507;

/** How many packets one send may hold. */
export function segmentsPerSend(segmentBytes: number | undefined): number {
  if (segmentBytes === undefined) return 1;
  return Math.max(1, Math.min(MOST_SEGMENTS, Math.floor(LARGEST_SEND / segmentBytes)));
}

/** What someone without a transfer is answered. */
export const strangerRefusal: Uint8Array = formatPacket({
  op: 'error',
  code: tftpError.unknownTid,
  message: 'no transfer of yours here',
});

/** Opens one that works without `node:ffi`, and so without segmentation. @throws {SocketError} */
export async function openPlainPort(settings: TransferPortSettings): Promise<TransferPort> {
  const { address, device } = settings;
  const socket = await openUdpSocket({ address, device, port: 0 });
  const transfers = new Map<string, LineEnd>();
  const lingering = new Map<string, NodeJS.Timeout>();

  socket.on('message', (datagram, from) => {
    const peer = peerKey(from);
    const transfer = transfers.get(peer);
    if (transfer !== undefined) transfer.onDatagram(datagram);
    else if (!lingering.has(peer)) refuseStranger(socket, datagram, from);
  });
  // Without a callback, which costs a tenth of a block, what was not sent comes here, with its address.
  socket.on('error', (error) => {
    if ('address' in error && 'port' in error)
      transfers.get(`${String(error.address)}:${String(error.port)}`)?.onSendError(error.message);
  });
  return {
    isFreeFor: (peer) => !transfers.has(peerKey(peer)) && !lingering.has(peerKey(peer)),
    attach: (peer, transfer) => {
      const key = peerKey(peer);
      transfers.set(key, transfer);
      return {
        reserve: (bytes) => Buffer.allocUnsafe(bytes),
        send: (bytes) => socket.send(bytes, 0, bytes.length, peer.port, peer.address),
        close: () => {
          transfers.delete(key);
          const timer = setTimeout(() => lingering.delete(key), LINGER_MS).unref();
          lingering.set(key, timer);
        },
      };
    },
    datagramsPerSend: 1,
    close: () => {
      for (const timer of lingering.values()) clearTimeout(timer);
      socket.close();
    },
  };
}

/** Address and port as one map key. */
export function peerKey({ address, port }: Peer): string {
  return `${address}:${port}`;
}

/** Sends one datagram; resolves when the kernel has it. */
export function sendTo(socket: Socket, bytes: Uint8Array, to: Peer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, 0, bytes.length, to.port, to.address, (error) =>
      error === null ? resolve() : reject(error),
    );
  });
}

function refuseStranger(socket: Socket, datagram: Uint8Array, from: RemoteInfo): void {
  const isError = datagram[1] === 5;
  if (isError) return;
  sendTo(socket, strangerRefusal, from).catch(() => undefined);
}

import type { RemoteInfo, Socket } from 'node:dgram';
import { canBindToDevice, openUdpSocket } from '../netboot/ffi-socket.ts';
import { formatPacket, tftpError } from './packet.ts';

/**
 * A socket that transfers are sent from, each to another client address and port. To open one for every
 * transfer, as the RFC's letter has it, is what costs most with many small ones. A client's transfer
 * identifier is still checked: what comes from an address and port without a transfer gets ERROR 5 and
 * disturbs nobody (RFC 1350, section 4).
 */
export interface TransferPort {
  /** Whether this client has no transfer here, nor had one a moment ago. */
  isFreeFor(peer: string): boolean;
  /** Packets of this client go to `onDatagram` until `detach`; then they are dropped for a while. */
  attach(peer: string, onDatagram: (datagram: Uint8Array) => void): () => void;
  /** Sends one datagram, or several laid end to end of `segmentBytes` each. */
  send(bytes: Uint8Array, to: Peer): Promise<void>;
  /** Datagrams of the pool's packet size that one `send` may hold: 1 without segmentation offload. */
  readonly datagramsPerSend: number;
  close(): void;
}
export interface Peer {
  readonly address: string;
  readonly port: number;
}
/** Where transfers are sent from. */
export interface TransferPortSettings {
  readonly address: string;
  readonly device: string | undefined;
  /** Bytes of a full DATA packet with its header when windows are sent; see `UDP_SEGMENT`. */
  readonly segmentBytes: number | undefined;
}

/** A duplicate of a last ACK is late, not wrong; a client that reuses its port must not get ERROR 5 for it. */
const LINGER_MS = 5000;
/** Limits of UDP_SEGMENT: segments (UDP_MAX_SEGMENTS), and the size of one IP packet. */
const MOST_SEGMENTS = 64;
const LARGEST_SEND = 65_507;

/** Opens one. @throws {SocketError} */
export async function openTransferPort(settings: TransferPortSettings): Promise<TransferPort> {
  const { address, device, segmentBytes } = settings;
  const socket = await openUdpSocket({ address, device, port: 0, segmentBytes });
  const transfers = new Map<string, (datagram: Uint8Array) => void>();
  const lingering = new Map<string, NodeJS.Timeout>();

  socket.on('message', (datagram, from) => {
    const peer = peerKey(from);
    const transfer = transfers.get(peer);
    if (transfer !== undefined) transfer(datagram);
    else if (!lingering.has(peer)) refuseStranger(socket, datagram, from);
  });
  // A send that fails rejects by itself; what comes here is an ICMP error of some client.
  socket.on('error', () => undefined);

  let segmentation = segmentBytes !== undefined && canBindToDevice;
  const send = async (bytes: Uint8Array, to: Peer): Promise<void> => {
    try {
      await sendTo(socket, bytes, to);
    } catch (error) {
      if (segmentBytes === undefined || bytes.length <= segmentBytes) throw error;
      // The segment is larger than the interface's MTU, or its driver cannot checksum: one by one, then.
      segmentation = false;
      for (let at = 0; at < bytes.length; at += segmentBytes) {
        await sendTo(socket, bytes.subarray(at, at + segmentBytes), to);
      }
    }
  };
  return {
    isFreeFor: (peer) => !transfers.has(peer) && !lingering.has(peer),
    attach: (peer, onDatagram) => {
      transfers.set(peer, onDatagram);
      return () => {
        transfers.delete(peer);
        const timer = setTimeout(() => lingering.delete(peer), LINGER_MS).unref();
        lingering.set(peer, timer);
      };
    },
    send,
    get datagramsPerSend() {
      if (!segmentation || segmentBytes === undefined) return 1;
      return Math.max(1, Math.min(MOST_SEGMENTS, Math.floor(LARGEST_SEND / segmentBytes)));
    },
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
  const refusal = formatPacket({
    op: 'error',
    code: tftpError.unknownTid,
    message: 'no transfer of yours here',
  });
  sendTo(socket, refusal, from).catch(() => undefined);
}

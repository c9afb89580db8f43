import type { Socket } from 'node:dgram';
import { addressText } from '../dhcp/bench/address.ts';
import { type Datagrams, openDatagrams, type PeerNumber, peerNumber } from './ffi-datagrams.ts';
import { openUdp, type UdpSocketSettings } from './ffi-socket.ts';

/** Address and port of the other side. */
interface Peer {
  readonly address: string;
  readonly port: number;
}
/** A bound UDP port. */
export interface DatagramPort {
  send(bytes: Uint8Array, to: Peer): void;
  address(): Peer;
  close(): void;
}
/** What a port is opened with, and whom it tells. */
interface DatagramPortSettings extends UdpSocketSettings {
  /** `bytes` is a view that holds until it returns. */
  readonly onDatagram: (bytes: Uint8Array, from: Peer) => void;
  readonly onSendError: (error: Error, to: Peer) => void;
}
/** Ports of one thread that share what their batches are made in. */
export interface DatagramPorts {
  /** @throws {SocketError} */
  open(settings: DatagramPortSettings): Promise<DatagramPort>;
}

/** In one turn of the event loop, datagrams are taken by the batch for so long; then all else has its turn. */
const TURN_MS = 4;

/**
 * UDP ports that are waited for by the event loop, as all sockets are, and of which, once something has come, all that
 * is there is taken and answered by the batch: a flood of requests costs a fraction of the system calls. Where there
 * is no `node:ffi`, all goes through dgram.
 *
 * @param given batches of this thread; null for none
 */
export function makeDatagramPorts(given?: Datagrams | null): DatagramPorts {
  const datagrams = given === undefined ? openDatagrams() : (given ?? undefined);
  const open = new Map<number, { refused(bytes: Uint8Array, to: PeerNumber): void }>();
  if (datagrams !== undefined)
    datagrams.onRefused = (descriptor, bytes, to) => open.get(descriptor)?.refused(bytes, to);
  let turnEnds: number | undefined;
  let inBatch = false;
  let isFlushing = false;

  /** Whether this turn has time for another batch. */
  const hasTime = (): boolean => {
    const now = performance.now();
    if (turnEnds === undefined) {
      turnEnds = now + TURN_MS;
      setImmediate(() => {
        turnEnds = undefined;
      });
    }
    return now < turnEnds;
  };
  /** After all else that is said in this turn. */
  const flushSoon = (batches: Datagrams): void => {
    if (inBatch || isFlushing) return;
    isFlushing = true;
    queueMicrotask(() => {
      isFlushing = false;
      batches.flush();
    });
  };

  return {
    async open(settings) {
      const { onDatagram, onSendError } = settings;
      const { socket, descriptor } = await openUdp(settings);
      socket.on('error', () => undefined);
      if (descriptor === undefined || datagrams === undefined) return plainPort(socket, settings);
      const take = (bytes: Uint8Array, from: PeerNumber): void => onDatagram(bytes, peerOf(from));
      socket.on('message', (bytes, from) => {
        inBatch = true;
        try {
          onDatagram(bytes, from);
          while (hasTime() && open.has(descriptor) && datagrams.receive(descriptor, take) > 0)
            datagrams.flush();
        } finally {
          inBatch = false;
          datagrams.flush();
        }
      });
      open.set(descriptor, {
        // The system has no room for it now, or has another reason that dgram then tells.
        refused: (bytes, to) => sendPlain(socket, Uint8Array.from(bytes), peerOf(to), onSendError),
      });
      return {
        send(bytes, { address, port }) {
          if (!open.has(descriptor)) return;
          datagrams.reserve(bytes.length).set(bytes);
          datagrams.queue(descriptor, bytes.length, peerNumber(address, port));
          flushSoon(datagrams);
        },
        address: () => socket.address(),
        close() {
          datagrams.flush();
          open.delete(descriptor);
          socket.close();
        },
      };
    },
  };
}

function plainPort(
  socket: Socket,
  { onDatagram, onSendError }: DatagramPortSettings,
): DatagramPort {
  socket.on('message', (bytes, from) => onDatagram(bytes, from));
  return {
    send: (bytes, to) => sendPlain(socket, bytes, to, onSendError),
    address: () => socket.address(),
    close: () => socket.close(),
  };
}

function sendPlain(
  socket: Socket,
  bytes: Uint8Array,
  to: Peer,
  onSendError: DatagramPortSettings['onSendError'],
): void {
  socket.send(bytes, 0, bytes.length, to.port, to.address, (error) => {
    if (error !== null) onSendError(error, to);
  });
}

function peerOf(peer: PeerNumber): Peer {
  return { address: addressText(Math.floor(peer / 65_536)), port: peer % 65_536 };
}

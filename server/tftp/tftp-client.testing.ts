import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { formatPacket, parsePacket, type TftpOptions } from './packet.ts';

/** A file as a correct client got it. */
export interface Fetched {
  readonly bytes: Buffer;
  readonly blockSize: number;
  readonly windowSize: number;
  /** Most blocks that came without an ACK between them. */
  readonly mostAtOnce: number;
}

/**
 * Fetches a file as RFC 7440 has it: an ACK for each window, and one for the end. For tests, on links that lose
 * nothing: a block that is missing ends it. @throws {Error} with code and text of an ERROR
 */
export async function fetchByTftp(
  server: { readonly address: string; readonly port: number },
  file: string,
  options: {
    readonly blockSize: number;
    readonly windowSize: number;
    /** Address to ask from. */
    readonly from: string;
    readonly signal?: AbortSignal;
  },
): Promise<Fetched> {
  const signal = options.signal ?? AbortSignal.timeout(60_000);
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024, signal });
  try {
    socket.bind(0, options.from);
    await once(socket, 'listening', { signal });
    const wanted: TftpOptions = new Map([
      ['blksize', String(options.blockSize)],
      ['windowsize', String(options.windowSize)],
      ['tsize', '0'],
    ]);
    const request = formatPacket({ op: 'rrq', file, mode: 'octet', options: wanted });
    socket.send(request, server.port, server.address);
    return await receive(socket, signal);
  } finally {
    socket.close();
  }
}

async function receive(
  socket: ReturnType<typeof createSocket>,
  signal: AbortSignal,
): Promise<Fetched> {
  const parts: Uint8Array[] = [];
  let [blockSize, windowSize, sizeBytes, sinceAck, mostAtOnce] = [512, 1, -1, 0, 0];
  const messages = on(socket, signal);
  for await (const { datagram, port, address } of messages) {
    const packet = parsePacket(datagram);
    const acknowledge = async (block: number) => {
      mostAtOnce = Math.max(mostAtOnce, sinceAck);
      sinceAck = 0;
      // The last one must be out before the socket is closed.
      const bytes = formatPacket({ op: 'ack', block });
      await new Promise<unknown>((resolve) => socket.send(bytes, port, address, resolve));
    };
    if (packet.op === 'error') throw new Error(`TFTP error ${packet.code}: ${packet.message}`);
    if (packet.op === 'oack') {
      blockSize = Number(packet.options.get('blksize') ?? blockSize);
      windowSize = Number(packet.options.get('windowsize') ?? windowSize);
      sizeBytes = Number(packet.options.get('tsize') ?? -1);
      await acknowledge(0);
      continue;
    }
    if (packet.op !== 'data') throw new Error(`unexpected ${packet.op}`);
    const expected = (parts.length + 1) & 0xffff;
    if (packet.block !== expected) throw new Error(`block ${packet.block}, not ${expected}`);
    parts.push(Uint8Array.from(packet.payload));
    sinceAck += 1;
    const last = packet.payload.length < blockSize;
    if (last || sinceAck === windowSize) await acknowledge(packet.block);
    if (!last) continue;
    const bytes = Buffer.concat(parts);
    if (sizeBytes >= 0 && bytes.length !== sizeBytes)
      throw new Error(`${bytes.length} bytes came, ${sizeBytes} were announced`);
    return { bytes, blockSize, windowSize, mostAtOnce };
  }
  throw new Error('the socket was closed');
}

async function* on(socket: ReturnType<typeof createSocket>, signal: AbortSignal) {
  const arrived: { datagram: Buffer; port: number; address: string }[] = [];
  let wake = () => {};
  socket.on('message', (datagram, { port, address }) => {
    arrived.push({ datagram, port, address });
    wake();
  });
  const stop = () => wake();
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = arrived.shift();
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

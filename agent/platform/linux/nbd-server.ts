/**
 * A read-only NBD server of one export on a unix socket, so that a tool reads an object that is fetched
 * and verified while it reads. Fixed newstyle handshake and simple replies of the protocol's `doc/proto.md`
 * (NetworkBlockDevice/nbd). Requests are answered as their data comes, in any order, which the protocol
 * allows. Bytes that cannot be verified are EIO: the reader never sees them.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { VerifiedObject } from '../../sequence/platform.ts';

const NBDMAGIC = 0x4e42444d41474943n;
const IHAVEOPT = 0x49484156454f5054n;
const OPTION_REPLY = 0x3e889045565a9n;
const REQUEST_MAGIC = 0x25609513;
const REPLY_MAGIC = 0x67446698;
const FLAG_FIXED_NEWSTYLE = 1;
const FLAG_NO_ZEROES = 2;
const HAS_FLAGS = 1;
const READ_ONLY = 2;
const CAN_MULTI_CONN = 1 << 8;
const TRANSMISSION_FLAGS = HAS_FLAGS | READ_ONLY | CAN_MULTI_CONN;
const option = { exportName: 1, abort: 2, list: 3, info: 6, go: 7 } as const;
const reply = { ack: 1, server: 2, info: 3, unsupported: 0x80000001 } as const;
const INFO_EXPORT = 0;
const command = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const errno = { none: 0, notPermitted: 1, io: 5, invalid: 22 } as const;
const MAX_OPTION_BYTES = 4096;
const MAX_READ_BYTES = 32 * 1024 * 1024;

export interface NbdServer extends AsyncDisposable {
  /** What the last EIO was for. */
  readonly failure: unknown;
}

/** Serves `object` on `socketPath` until disposed. */
export async function serveNbd(
  object: VerifiedObject,
  socketPath: string,
  signal: AbortSignal,
): Promise<NbdServer> {
  const connections = new Set<Socket>();
  const state: { failure: unknown } = { failure: undefined };
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    serveConnection(socket, {
      object,
      signal,
      onFailure: (error) => (state.failure = error),
    }).catch(() => socket.destroy());
  });
  await listening(server, socketPath);
  return {
    get failure() {
      return state.failure;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

interface Export {
  readonly object: VerifiedObject;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

async function serveConnection(socket: Socket, served: Export): Promise<void> {
  const input = new Input(socket);
  if (await negotiate(socket, input, served.object.sizeBytes))
    await transmit(socket, input, served);
  socket.end();
}

/** True when the client goes on to transmission. */
async function negotiate(socket: Socket, input: Input, sizeBytes: number): Promise<boolean> {
  const hello = Buffer.alloc(18);
  hello.writeBigUInt64BE(NBDMAGIC, 0);
  hello.writeBigUInt64BE(IHAVEOPT, 8);
  hello.writeUInt16BE(FLAG_FIXED_NEWSTYLE | FLAG_NO_ZEROES, 16);
  socket.write(hello);
  const clientFlags = (await input.take(4)).readUInt32BE(0);
  for (;;) {
    const head = await input.take(16);
    const length = head.readUInt32BE(12);
    if (head.readBigUInt64BE(0) !== IHAVEOPT || length > MAX_OPTION_BYTES) return false;
    const kind = head.readUInt32BE(8);
    const data = await input.take(length);
    if (kind === option.exportName) {
      const noZeroes = (clientFlags & FLAG_NO_ZEROES) !== 0;
      socket.write(Buffer.concat([exportInfo(sizeBytes), Buffer.alloc(noZeroes ? 0 : 124)]));
      return true;
    }
    if (kind === option.info || kind === option.go) {
      const type = Buffer.alloc(2);
      type.writeUInt16BE(INFO_EXPORT);
      sendReply(socket, kind, reply.info, Buffer.concat([type, exportInfo(sizeBytes)]));
      sendReply(socket, kind, reply.ack);
      if (kind === option.go) return true;
    } else if (kind === option.list && data.length === 0) {
      sendReply(socket, kind, reply.server, Buffer.alloc(4));
      sendReply(socket, kind, reply.ack);
    } else if (kind === option.abort) {
      sendReply(socket, kind, reply.ack);
      return false;
    } else sendReply(socket, kind, reply.unsupported);
  }
}

function exportInfo(sizeBytes: number): Buffer {
  const info = Buffer.alloc(10);
  info.writeBigUInt64BE(BigInt(sizeBytes), 0);
  info.writeUInt16BE(TRANSMISSION_FLAGS, 8);
  return info;
}

function sendReply(socket: Socket, kind: number, type: number, data = Buffer.alloc(0)): void {
  const head = Buffer.alloc(20);
  head.writeBigUInt64BE(OPTION_REPLY, 0);
  head.writeUInt32BE(kind, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(data.length, 16);
  socket.write(Buffer.concat([head, data]));
}

async function transmit(socket: Socket, input: Input, served: Export): Promise<void> {
  for (;;) {
    const head = await input.take(28);
    if (head.readUInt32BE(0) !== REQUEST_MAGIC) return;
    const kind = head.readUInt16BE(6);
    const cookie = head.readBigUInt64BE(8);
    const offset = Number(head.readBigUInt64BE(16));
    const length = head.readUInt32BE(24);
    if (kind === command.disconnect) return;
    if (kind === command.read) void answerRead(socket, { cookie, offset, length }, served);
    else if (kind === command.flush) sendAnswer(socket, cookie, errno.none);
    else {
      if (kind === command.write) await input.skip(length);
      sendAnswer(socket, cookie, errno.notPermitted);
    }
  }
}

async function answerRead(
  socket: Socket,
  request: { readonly cookie: bigint; readonly offset: number; readonly length: number },
  { object, signal, onFailure }: Export,
): Promise<void> {
  const { cookie, offset, length } = request;
  if (length > MAX_READ_BYTES || offset + length > object.sizeBytes) {
    sendAnswer(socket, cookie, errno.invalid);
    return;
  }
  try {
    sendAnswer(socket, cookie, errno.none, await object.read(offset, length, signal));
  } catch (error) {
    onFailure(error);
    sendAnswer(socket, cookie, errno.io);
  }
}

function sendAnswer(socket: Socket, cookie: bigint, error: number, data?: Uint8Array): void {
  if (socket.destroyed) return;
  const head = Buffer.alloc(16);
  head.writeUInt32BE(REPLY_MAGIC, 0);
  head.writeUInt32BE(error, 4);
  head.writeBigUInt64BE(cookie, 8);
  // Corked: an answer and its data must not be parted by another answer.
  socket.cork();
  socket.write(head);
  if (data) socket.write(data);
  socket.uncork();
}

/** Takes exact numbers of bytes from a socket. */
class Input {
  readonly #iterator: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  constructor(socket: Socket) {
    this.#iterator = socket[Symbol.asyncIterator]();
  }
  async take(bytes: number): Promise<Buffer> {
    while (this.#rest.length < bytes) await this.#more();
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
  async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; ) {
      if (this.#rest.length === 0) await this.#more();
      const skipped = Math.min(left, this.#rest.length);
      this.#rest = this.#rest.subarray(skipped);
      left -= skipped;
    }
  }
  async #more(): Promise<void> {
    const { value, done } = await this.#iterator.next();
    if (done) throw new Error('the NBD client hung up');
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
  }
}

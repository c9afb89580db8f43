/** A writable NBD export: fixed newstyle handshake and simple replies (NetworkBlockDevice/nbd, doc/proto.md). */
import type { Socket } from 'node:net';
import type { BlockCache } from './block-cache.ts';

const NBDMAGIC = 0x4e42444d41474943n;
const IHAVEOPT = 0x49484156454f5054n;
const OPTION_REPLY = 0x3e889045565a9n;
const REPLY_MAGIC = 0x67446698;
/** HAS_FLAGS, SEND_FLUSH, SEND_FUA. */
const TRANSMISSION_FLAGS = 0b1101;
const option = { exportName: 1, info: 6, go: 7 } as const;
const reply = { ack: 1, info: 3, unsupported: 0x80000001 } as const;
const command = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const FUA = 1;
const EINVAL = 22;

/** Serves one connection until the client leaves. */
export async function serveNbd(socket: Socket, cache: BlockCache): Promise<void> {
  const input = new Input(socket);
  const hello = Buffer.alloc(18);
  hello.writeBigUInt64BE(NBDMAGIC, 0);
  hello.writeBigUInt64BE(IHAVEOPT, 8);
  hello.writeUInt16BE(0b11, 16); // fixed newstyle, no zeroes
  socket.write(hello);
  await input.take(4);
  while (!(await negotiated(socket, input, cache.sizeBytes)));
  for (;;) {
    const head = await input.take(28);
    const flags = head.readUInt16BE(4);
    const kind = head.readUInt16BE(6);
    const offset = Number(head.readBigUInt64BE(16));
    const length = head.readUInt32BE(24);
    const answer = Buffer.alloc(16);
    answer.writeUInt32BE(REPLY_MAGIC, 0);
    head.copy(answer, 8, 8, 16);
    let data: Buffer = Buffer.alloc(0);
    if (kind === command.disconnect) return;
    if (kind === command.read) data = await cache.read(offset, length);
    else if (kind === command.write) {
      await cache.write(offset, await input.take(length));
      if ((flags & FUA) !== 0) await cache.flush();
    } else if (kind === command.flush) await cache.flush();
    else answer.writeUInt32BE(EINVAL, 4);
    socket.write(Buffer.concat([answer, data]));
  }
}

/** Whether the client goes on to transmission. */
async function negotiated(socket: Socket, input: Input, sizeBytes: number): Promise<boolean> {
  const head = await input.take(16);
  const kind = head.readUInt32BE(8);
  await input.take(head.readUInt32BE(12));
  const info = Buffer.alloc(10);
  info.writeBigUInt64BE(BigInt(sizeBytes), 0);
  info.writeUInt16BE(TRANSMISSION_FLAGS, 8);
  if (kind === option.exportName) {
    socket.write(info);
    return true;
  }
  const isInfo = kind === option.info || kind === option.go;
  // NBD_INFO_EXPORT is type 0.
  if (isInfo) sendReply(socket, kind, reply.info, Buffer.concat([Buffer.alloc(2), info]));
  sendReply(socket, kind, isInfo ? reply.ack : reply.unsupported);
  return kind === option.go;
}

function sendReply(socket: Socket, kind: number, type: number, data = Buffer.alloc(0)): void {
  const head = Buffer.alloc(20);
  head.writeBigUInt64BE(OPTION_REPLY, 0);
  head.writeUInt32BE(kind, 8);
  head.writeUInt32BE(type, 12);
  head.writeUInt32BE(data.length, 16);
  socket.write(Buffer.concat([head, data]));
}

/** Takes exact numbers of bytes from a socket. */
class Input {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer[] = [];
  #bytes = 0;

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  async take(bytes: number): Promise<Buffer> {
    while (this.#bytes < bytes) {
      const { value, done } = await this.#chunks.next();
      if (done === true) throw new Error('the NBD client hung up');
      this.#rest.push(value);
      this.#bytes += value.length;
    }
    const all = Buffer.concat(this.#rest);
    this.#rest = [all.subarray(bytes)];
    this.#bytes = all.length - bytes;
    return all.subarray(0, bytes);
  }
}

import type * as Ffi from 'node:ffi';
import { eventLoopDescriptor, has64BitStructures, type LibC, openLibc } from '../libc.ts';

/**
 * Datagrams taken from the kernel and given to it by the batch (`recvmmsg`, `sendmmsg`), through `node:ffi`.
 * dgram makes two calls of the system, a buffer and a callback for each; with fifty machines in lock-step those
 * are most of what a block costs. `undefined` where there is no `node:ffi`, or a 32-bit system: then dgram it is.
 */
export interface Datagrams {
  /**
   * Takes what has arrived, at most `MOST_AT_ONCE`. `bytes` is a view that holds until `take` returns.
   *
   * @returns how many there were
   */
  receive(descriptor: number, take: (bytes: Uint8Array, from: PeerNumber) => void): number;
  /** Room for the bytes of one datagram, to be filled and then given to `send`; a view of what is sent next. */
  reserve(bytes: number): Uint8Array;
  /** Puts what was reserved last into the batch, cut to `bytes`, for the socket of the batch. */
  queue(descriptor: number, bytes: number, to: PeerNumber): void;
  /** Sends the batch. `onRefused` is told of each that the system did not take, with its error number. */
  flush(): void;
  /** Waits until one of the sockets has something, or the event loop of this thread. */
  wait(descriptors: readonly number[], timeoutMs: number): Readiness;
  /** Told of what could not be sent; `bytes` is a view that holds until it returns. */
  onRefused: (descriptor: number, bytes: Uint8Array, to: PeerNumber, errno: number) => void;
}
/** IPv4 address and port as one number: the address times 65,536, and the port. */
export type PeerNumber = number;
/** Which sockets can be read, by their position; whether the event loop has something to do. */
interface Readiness {
  readonly readable: readonly number[];
  readonly loop: boolean;
}

const MOST_AT_ONCE = 64;
/** Largest datagram that is read whole; requests and acknowledgements are far shorter. */
const RECEIVED_BYTES = 2048;
/** Of a batch: a window of blocks, or many single ones. */
const SENT_BYTES = 1 << 20;
const AF_INET = 2;
const MSG_DONTWAIT = 0x40;
const POLLIN = 1;
const EAGAIN = 11;
/** struct mmsghdr, struct iovec, struct sockaddr_in and struct pollfd of a 64-bit Linux, in 32-bit words. */
const MESSAGE_WORDS = 16;
const VECTOR_WORDS = 4;
const NAME_BYTES = 16;
const word = { name: 0, nameLength: 2, vector: 4, vectors: 6, received: 14 } as const;

const signatures = {
  recvmmsg: { return: 'i32', arguments: ['i32', 'pointer', 'u32', 'i32', 'pointer'] },
  sendmmsg: { return: 'i32', arguments: ['i32', 'pointer', 'u32', 'i32'] },
  poll: { return: 'i32', arguments: ['pointer', 'u64', 'i32'] },
} as const;

/** Opens batches; whoever tells what was refused has batches of its own. */
export function openDatagrams(): Datagrams | undefined {
  const libc = has64BitStructures ? openLibc(signatures) : undefined;
  if (libc === undefined) return undefined;
  try {
    return makeDatagrams(libc);
  } catch {
    return undefined;
  }
}

function makeDatagrams({ ffi, call, errno }: LibC<typeof signatures>): Datagrams {
  const loopDescriptor = eventLoopDescriptor(ffi);
  const incoming = makeBatch(ffi, MOST_AT_ONCE * RECEIVED_BYTES);
  for (let index = 0; index < MOST_AT_ONCE; index += 1)
    incoming.place(index, index * RECEIVED_BYTES, RECEIVED_BYTES);
  const outgoing = makeBatch(ffi, SENT_BYTES);
  const polled = new Int32Array(2 * (MOST_AT_ONCE + 1));
  const polledAt = ffi.getRawPointer(polled);
  let queued = 0;
  let filled = 0;
  let sendingTo = -1;
  const offsets: number[] = [];
  const lengths: number[] = [];

  const datagrams: Datagrams = {
    receive(descriptor, take) {
      const count = call.recvmmsg(descriptor, incoming.pointer, MOST_AT_ONCE, MSG_DONTWAIT, 0n);
      for (let index = 0; index < count; index += 1) {
        const from = index * RECEIVED_BYTES;
        const bytes = incoming.bytes.subarray(from, from + incoming.received(index));
        take(bytes, incoming.peer(index));
      }
      return Math.max(count, 0);
    },
    reserve(bytes) {
      if (queued === MOST_AT_ONCE || filled + bytes > SENT_BYTES) datagrams.flush();
      return outgoing.bytes.subarray(filled, filled + bytes);
    },
    queue(descriptor, bytes, to) {
      if (descriptor !== sendingTo && queued > 0) {
        // What was reserved moves to the front, where the next batch begins.
        const from = filled;
        datagrams.flush();
        outgoing.bytes.copyWithin(0, from, from + bytes);
      }
      sendingTo = descriptor;
      outgoing.place(queued, filled, bytes);
      outgoing.setPeer(queued, to);
      offsets[queued] = filled;
      lengths[queued] = bytes;
      queued += 1;
      filled += bytes;
    },
    flush() {
      for (let sent = 0; sent < queued; ) {
        const rest = outgoing.pointer + BigInt(sent * MESSAGE_WORDS * 4);
        const count = call.sendmmsg(sendingTo, rest, queued - sent, MSG_DONTWAIT);
        if (count > 0) {
          sent += count;
          continue;
        }
        const from = offsets[sent] ?? 0;
        const bytes = outgoing.bytes.subarray(from, from + (lengths[sent] ?? 0));
        datagrams.onRefused(sendingTo, bytes, outgoing.peer(sent), errno());
        sent += 1;
      }
      queued = 0;
      filled = 0;
    },
    wait(descriptors, timeoutMs) {
      const count = Math.min(descriptors.length, MOST_AT_ONCE);
      for (let index = 0; index <= count; index += 1) {
        polled[2 * index] = index === count ? loopDescriptor : (descriptors[index] ?? -1);
        polled[2 * index + 1] = POLLIN;
      }
      const ready = call.poll(polledAt, BigInt(count + 1), timeoutMs);
      if (ready <= 0) return NOTHING;
      const readable: number[] = [];
      for (let index = 0; index < count; index += 1)
        if ((polled[2 * index + 1] ?? 0) >>> 16 !== 0) readable.push(index);
      return { readable, loop: (polled[2 * count + 1] ?? 0) >>> 16 !== 0 };
    },
    onRefused: () => {},
  };
  return datagrams;
}

const NOTHING: Readiness = { readable: [], loop: false };

/** The system has no room for it now. */
export function isFull(errno: number): boolean {
  return errno === EAGAIN;
}

/** A batch's messages, each with one vector and one address, and the memory that their bytes are in. */
function makeBatch(ffi: typeof Ffi, size: number) {
  const bytes = new Uint8Array(size);
  const messages = new Uint32Array(MOST_AT_ONCE * MESSAGE_WORDS);
  const vectors = new Uint32Array(MOST_AT_ONCE * VECTOR_WORDS);
  const names = new Uint8Array(MOST_AT_ONCE * NAME_BYTES);
  const base = ffi.getRawPointer(bytes);
  const setPointer = (words: Uint32Array, at: number, pointer: bigint) => {
    words[at] = Number(pointer & 0xffffffffn);
    words[at + 1] = Number(pointer >> 32n);
  };
  const vectorBase = ffi.getRawPointer(vectors);
  const nameBase = ffi.getRawPointer(names);
  const baseLow = Number(base & 0xffffffffn);
  const baseHigh = Number(base >> 32n);
  for (let index = 0; index < MOST_AT_ONCE; index += 1) {
    const message = index * MESSAGE_WORDS;
    setPointer(messages, message + word.name, nameBase + BigInt(index * NAME_BYTES));
    setPointer(messages, message + word.vector, vectorBase + BigInt(index * VECTOR_WORDS * 4));
    messages[message + word.nameLength] = NAME_BYTES;
    messages[message + word.vectors] = 1;
    names[index * NAME_BYTES] = AF_INET;
  }
  return {
    bytes,
    pointer: ffi.getRawPointer(messages),
    received: (index: number) => messages[index * MESSAGE_WORDS + word.received] ?? 0,
    /** Where the bytes of a message are. */
    place(index: number, offset: number, length: number) {
      const low = baseLow + offset;
      vectors[index * VECTOR_WORDS] = low;
      vectors[index * VECTOR_WORDS + 1] = baseHigh + (low > 0xffffffff ? 1 : 0);
      vectors[index * VECTOR_WORDS + 2] = length;
    },
    peer(index: number): PeerNumber {
      const at = index * NAME_BYTES + 2;
      const port = ((names[at] ?? 0) << 8) | (names[at + 1] ?? 0);
      const [a = 0, b = 0, c = 0, d = 0] = names.subarray(at + 2, at + 6);
      return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) * 65_536 + port;
    },
    setPeer(index: number, peer: PeerNumber) {
      const at = index * NAME_BYTES + 2;
      const port = peer % 65_536;
      const address = Math.floor(peer / 65_536);
      names[at] = port >> 8;
      names[at + 1] = port;
      names[at + 2] = address >>> 24;
      names[at + 3] = address >>> 16;
      names[at + 4] = address >>> 8;
      names[at + 5] = address;
    },
  };
}

/** Address and port of a peer as its number. */
export function peerNumber(address: string, port: number): PeerNumber {
  const bytes = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return bytes * 65_536 + port;
}

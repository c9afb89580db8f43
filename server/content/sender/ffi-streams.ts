import { eventLoopDescriptor, has64BitStructures, type LibC, openLibc } from '../../libc.ts';

/**
 * Connections that are read and written by their descriptors, and files that the kernel copies into them
 * (`sendfile`), through `node:ffi`: a file that passes through Node's streams is copied four times more.
 * `undefined` where there is no `node:ffi`, or a 32-bit system: then the streams it is.
 */
export interface Streams {
  /** What has arrived and stays there, as Latin-1; empty at the end, undefined while there is nothing. @throws {StreamError} */
  peek(descriptor: number, most: number): string | undefined;
  /** Takes bytes away that have arrived; how many there were, 0 at the end, undefined while there are none. @throws {StreamError} */
  discard(descriptor: number, most: number): number | undefined;
  /** Sends text as Latin-1, to go out with what follows. Bytes that were taken, 0 while there is no room. @throws {StreamError} */
  sendHead(descriptor: number, text: string): number;
  /** Bytes of a file that were taken, 0 while there is no room; undefined at the end of the file. @throws {StreamError} */
  sendFile(descriptor: number, file: number, offset: number, bytes: number): number | undefined;
  /** Ends the sending direction. */
  endSending(descriptor: number): void;
  close(descriptor: number): void;
  /** Watches a connection: each change is told once (`EPOLLET`). @throws {StreamError} */
  watch(descriptor: number): void;
  unwatch(descriptor: number): void;
  /**
   * Waits for changes of those that are watched, or of the event loop of this thread.
   *
   * @returns whether the event loop has something to do
   */
  wait(timeoutMs: number, changed: (descriptor: number) => void): boolean;
}

/** The other side is gone, or the system refuses; `errno` is its number. */
export class StreamError extends Error {
  readonly errno: number;
  constructor(what: string, errno: number) {
    super(`${what}: errno ${errno}`);
    this.name = 'StreamError';
    this.errno = errno;
  }
}

const MSG_PEEK = 0x2;
const MSG_DONTWAIT = 0x40;
const MSG_TRUNC = 0x20;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const SHUT_WR = 1;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 0x1;
const EPOLLOUT = 0x4;
const EPOLLRDHUP = 0x2000;
const EPOLLET = 0x8000_0000;
const EPOLL_CLOEXEC = 0o2000000;
const F_DUPFD_CLOEXEC = 1030;
const EINTR = 4;
const EAGAIN = 11;
const ROOM = 16 * 1024;
const MOST_EVENTS = 256;
/** struct epoll_event is packed on x86-64 alone. */
const EVENT_BYTES = process.arch === 'x64' ? 12 : 16;
const EVENT_DATA = process.arch === 'x64' ? 4 : 8;

const signatures = {
  recv: { return: 'i64', arguments: ['i32', 'pointer', 'u64', 'i32'] },
  send: { return: 'i64', arguments: ['i32', 'pointer', 'u64', 'i32'] },
  sendfile: { return: 'i64', arguments: ['i32', 'i32', 'pointer', 'u64'] },
  shutdown: { return: 'i32', arguments: ['i32', 'i32'] },
  close: { return: 'i32', arguments: ['i32'] },
  fcntl: { return: 'i32', arguments: ['i32', 'i32', 'i32'] },
  epoll_create1: { return: 'i32', arguments: ['i32'] },
  epoll_ctl: { return: 'i32', arguments: ['i32', 'i32', 'i32', 'pointer'] },
  epoll_wait: { return: 'i32', arguments: ['i32', 'pointer', 'i32', 'i32'] },
} as const;

/** Descriptors of this process for the thread that sends: a second one of a connection, and its end. */
export interface Descriptors {
  /** Another descriptor of the same connection; undefined where there is none left. */
  copy(descriptor: number): number | undefined;
  close(descriptor: number): void;
}

export function openDescriptors(): Descriptors | undefined {
  const libc = has64BitStructures ? openLibc(signatures) : undefined;
  if (libc === undefined) return undefined;
  const { call } = libc;
  return {
    copy(descriptor) {
      const copied = call.fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
      return copied < 0 ? undefined : copied;
    },
    close: (descriptor) => void call.close(descriptor),
  };
}

/** For the thread that calls it. */
export function openStreams(): Streams | undefined {
  const libc = has64BitStructures ? openLibc(signatures) : undefined;
  return libc === undefined ? undefined : makeStreams(libc);
}

function makeStreams({ ffi, call, errno }: LibC<typeof signatures>): Streams {
  const room = Buffer.alloc(ROOM);
  const roomAt = ffi.getRawPointer(room);
  const offsetOf = new BigInt64Array(1);
  const offsetAt = ffi.getRawPointer(offsetOf);
  const events = Buffer.alloc(MOST_EVENTS * EVENT_BYTES);
  const eventsAt = ffi.getRawPointer(events);
  const event = Buffer.alloc(EVENT_BYTES);
  const eventAt = ffi.getRawPointer(event);
  const epoll = call.epoll_create1(EPOLL_CLOEXEC);
  /** A count of bytes; undefined where the system wants to be asked later. */
  const count = (what: string, result: bigint): number | undefined => {
    if (result >= 0n) return Number(result);
    const number = errno();
    if (number === EAGAIN || number === EINTR) return undefined;
    throw new StreamError(what, number);
  };
  const add = (descriptor: number, interest: number): void => {
    event.writeUInt32LE(interest >>> 0, 0);
    event.writeUInt32LE(descriptor, EVENT_DATA);
    if (call.epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, eventAt) < 0)
      throw new StreamError('epoll_ctl', errno());
  };
  const loop = eventLoopDescriptor(ffi);
  add(loop, EPOLLIN);

  return {
    peek(descriptor, most) {
      const flags = MSG_PEEK | MSG_DONTWAIT;
      const got = count('recv', call.recv(descriptor, roomAt, BigInt(Math.min(most, ROOM)), flags));
      return got === undefined ? undefined : room.toString('latin1', 0, got);
    },
    discard: (descriptor, most) =>
      // MSG_TRUNC of TCP (tcp(7)): the bytes are thrown away, not copied.
      count(
        'recv',
        call.recv(descriptor, roomAt, BigInt(Math.min(most, ROOM)), MSG_TRUNC | MSG_DONTWAIT),
      ),
    sendHead(descriptor, text) {
      const bytes = room.write(text, 'latin1');
      const flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE;
      return count('send', call.send(descriptor, roomAt, BigInt(bytes), flags)) ?? 0;
    },
    sendFile(descriptor, file, offset, bytes) {
      offsetOf[0] = BigInt(offset);
      const sent = count('sendfile', call.sendfile(descriptor, file, offsetAt, BigInt(bytes)));
      return sent === 0 ? undefined : (sent ?? 0);
    },
    endSending: (descriptor) => void call.shutdown(descriptor, SHUT_WR),
    close: (descriptor) => void call.close(descriptor),
    watch: (descriptor) => add(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET),
    unwatch: (descriptor) => void call.epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, eventAt),
    wait(timeoutMs, changed) {
      const ready = call.epoll_wait(epoll, eventsAt, MOST_EVENTS, timeoutMs);
      let isLoop = false;
      for (let index = 0; index < ready; index += 1) {
        const descriptor = events.readUInt32LE(index * EVENT_BYTES + EVENT_DATA);
        if (descriptor === loop) isLoop = true;
        else changed(descriptor);
      }
      return isLoop;
    },
  };
}

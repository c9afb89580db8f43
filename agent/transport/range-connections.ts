import type { OnReadOpts, Socket } from 'node:net';
import { StepError } from '../sequence/step.ts';

/** Makes a connection to the server of a URL, which gives what it reads to `onread`. */
export type ConnectRange = (url: URL, onread: OnReadOpts) => Promise<Socket>;

/** Part of a file of a web server; `last` is inclusive. */
export interface WantedRange {
  readonly url: string;
  readonly first: number;
  readonly last: number;
  /** Where its bytes are put: as many as they are. */
  readonly into: Uint8Array;
}

/** Connections to web servers that are asked for ranges and nothing else. */
export interface RangeConnections {
  /**
   * Asks for a range as servers of content answer it: 206, the very range, its length.
   *
   * @returns false where it was answered in any other way, or not at all; nothing is known then
   * @throws {StepError} `content.unreachable` where nothing more comes; what `signal` was aborted with
   */
  fetch(range: WantedRange, signal: AbortSignal): Promise<boolean>;
  destroy(): void;
}

const ROOM_BYTES = 256 * 1024;
const MOST_HEAD_BYTES = 16 * 1024;
/** A server that says nothing for so long is away. */
const SILENCE_MS = 20_000;
/** A connection is kept for the next range for so long. */
const IDLE_MS = 4_000;

interface Exchange {
  readonly range: WantedRange;
  readonly settle: (outcome: 'whole' | 'other' | 'unlike' | 'closed' | StepError) => void;
  head: string;
  /** Bytes of the body so far; undefined before it begins. */
  seen: number | undefined;
}

interface Connection {
  readonly socket: Socket;
  exchange: Exchange | undefined;
  /** The server keeps it open after this answer. */
  stays: boolean;
}

/**
 * A client for the one request that most bytes of a deployment come by. What arrives goes from one buffer of
 * the connection into its place; a stream gives each 16 KiB of TLS a buffer and a turn of their own, which takes
 * two and a half times the processor, of a machine that applies an image at the same time.
 */
export function rangeConnections(
  connect: ConnectRange,
  { silenceMs = SILENCE_MS }: { readonly silenceMs?: number } = {},
): RangeConnections {
  const idle = new Map<string, Connection[]>();
  /** Servers that answer otherwise: they are not asked again. */
  const unlike = new Set<string>();
  let destroyed = false;

  const open = async (url: URL): Promise<Connection> => {
    let connection: Connection | undefined;
    const socket = await connect(url, {
      buffer: new Uint8Array(ROOM_BYTES),
      callback(bytes, buffer) {
        if (connection !== undefined) receive(connection, buffer.subarray(0, bytes));
        return true;
      },
    });
    const made: Connection = { socket, exchange: undefined, stays: true };
    connection = made;
    const closed = () => {
      made.exchange?.settle('closed');
      const others = idle.get(url.origin)?.filter((one) => one !== made) ?? [];
      idle.set(url.origin, others);
    };
    socket.on('error', closed).on('end', closed).on('close', closed);
    socket.on('timeout', () => {
      const { exchange } = made;
      exchange?.settle(
        new StepError(
          'content.unreachable',
          `${exchange.range.url}: nothing came for ${silenceMs / 1000} s`,
        ),
      );
      socket.destroy();
    });
    return made;
  };

  /** One request on one connection. */
  const exchange = async (made: Connection, range: WantedRange, signal: AbortSignal) => {
    const { socket } = made;
    const { promise, resolve } = Promise.withResolvers<Parameters<Exchange['settle']>[0]>();
    made.exchange = { range, settle: resolve, head: '', seen: undefined };
    const abort = () => {
      socket.destroy();
      resolve('closed');
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.ref();
    socket.setTimeout(silenceMs);
    socket.write(requestFor(range));
    const outcome = await promise;
    signal.removeEventListener('abort', abort);
    const begun = made.exchange.head !== '' || made.exchange.seen !== undefined;
    made.exchange = undefined;
    signal.throwIfAborted();
    return { outcome, begun };
  };
  const keep = (made: Connection, origin: string) => {
    if (!made.stays || destroyed || made.socket.destroyed) return void made.socket.destroy();
    made.socket.setTimeout(IDLE_MS);
    made.socket.unref();
    idle.set(origin, [...(idle.get(origin) ?? []), made]);
  };

  return {
    async fetch(range, signal) {
      const url = new URL(range.url);
      if (unlike.has(url.origin) || url.username !== '') return false;
      for (;;) {
        const kept = idle.get(url.origin)?.pop();
        const made = kept ?? (await open(url).catch(() => undefined));
        signal.throwIfAborted();
        if (made === undefined) return false;
        const { outcome, begun } = await exchange(made, range, signal);
        if (outcome === 'whole') {
          keep(made, url.origin);
          return true;
        }
        made.socket.destroy();
        if (outcome instanceof StepError) throw outcome;
        if (outcome === 'unlike') unlike.add(url.origin);
        // A server may close a connection that was kept just when it is asked: then another is.
        if (outcome !== 'closed' || begun || kept === undefined) return false;
      }
    },
    destroy() {
      destroyed = true;
      for (const { socket } of [...idle.values()].flat()) socket.destroy();
    },
  };
}

function requestFor({ url, first, last }: WantedRange): string {
  const { pathname, search, host } = new URL(url);
  return [
    `GET ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    'connection: keep-alive',
    `range: bytes=${first}-${last}`,
    'accept-encoding: identity',
    '',
    '',
  ].join('\r\n');
}

function receive(connection: Connection, bytes: Uint8Array): void {
  const { exchange, socket } = connection;
  if (exchange === undefined) {
    // Nobody has asked.
    socket.destroy();
    return;
  }
  let body = bytes;
  if (exchange.seen === undefined) {
    const before = exchange.head.length;
    exchange.head += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const end = exchange.head.indexOf('\r\n\r\n');
    if (end < 0 || end > MOST_HEAD_BYTES) {
      if (exchange.head.length > MOST_HEAD_BYTES) exchange.settle('unlike');
      return;
    }
    const answer = readHead(exchange.head.slice(0, end), exchange.range);
    if (answer.kind !== 'range') {
      exchange.settle(answer.kind);
      return;
    }
    connection.stays = answer.stays;
    exchange.seen = 0;
    body = bytes.subarray(end + 4 - before);
  }
  const { into, first, last } = exchange.range;
  const wanted = last - first + 1;
  const part = body.subarray(0, wanted - exchange.seen);
  into.set(part, exchange.seen);
  exchange.seen += part.length;
  if (exchange.seen < wanted) return;
  // What is more than was announced belongs to nobody.
  if (part.length < body.length) connection.stays = false;
  exchange.settle('whole');
}

/** Whether an answer is the range that was asked for, refuses it, or is of a server that answers otherwise. */
function readHead(
  head: string,
  { first, last }: WantedRange,
): { readonly kind: 'range'; readonly stays: boolean } | { readonly kind: 'other' | 'unlike' } {
  const [status = '', ...lines] = head.split('\r\n');
  const code = /^HTTP\/1\.1 (\d{3})( |$)/.exec(status)?.[1];
  if (code === '404' || code === '410' || code === '416' || code === '429' || code?.startsWith('5'))
    return { kind: 'other' };
  if (code !== '206') return { kind: 'unlike' };
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    const key = name.toLowerCase();
    if (key === '' || fields.has(key)) return { kind: 'unlike' };
    fields.set(key, value);
  }
  const isRange =
    fields.get('content-range')?.startsWith(`bytes ${first}-${last}/`) === true &&
    fields.get('content-length') === String(last - first + 1) &&
    !fields.has('transfer-encoding') &&
    (fields.get('content-encoding') ?? 'identity') === 'identity';
  // A file that is too short there answers with less.
  if (!isRange) return { kind: fields.has('transfer-encoding') ? 'unlike' : 'other' };
  return { kind: 'range', stays: fields.get('connection')?.toLowerCase() !== 'close' };
}

import type { Sha256 } from '#agent/protocol/identity.ts';
import { StreamError, type Streams } from './ffi-streams.ts';
import { type OpenFile, openFiles } from './open-files.ts';
import { HEAD_BYTES, type PlainAnswer, plainAnswer, readPlainRequest } from './plain-request.ts';

/** A connection on which nothing moves is closed: in the middle of an object, between two, before the first, after the last. */
const IDLE_MS = { sending: 120_000, waiting: 72_000, fresh: 30_000, ending: 5_000 } as const;
/** Of one connection, before the others have their turn. */
const TURN_BYTES = 2 * 1024 * 1024;

export interface SenderSettings {
  readonly streams: Streams;
  /** The distribution point: objects at `ab/<sha256>`. */
  readonly directory: string;
  /** Takes a connection that asks for something else; all that it has sent is still to be read. */
  readonly handBack: (descriptor: number) => void;
  /** Told of a connection that is closed. */
  readonly onClosed: (descriptor: number) => void;
  /** Told of an answer that was sent whole, and how long its body was. */
  readonly onSent: (bytes: number) => void;
  /** Told of a file that ended before its length. */
  readonly onShort: (sha256: Sha256) => void;
  readonly nowMs: () => number;
}

/** Answers requests for objects on connections that it was given, by turns. */
export interface Sender {
  take(descriptor: number): void;
  /**
   * Waits until there is something to do, at most so long, and does it.
   *
   * @returns whether the event loop of the thread has something to do
   */
  turn(timeoutMs: number): boolean;
  /** Closes what nothing has moved on for too long, and files that nobody asks for any more. */
  sweep(): void;
  closeAll(): void;
}

interface Connection {
  readonly descriptor: number;
  state: keyof typeof IDLE_MS;
  movedMs: number;
  answer: (PlainAnswer & { readonly source: OpenFile; readonly keepAlive: boolean }) | undefined;
  /** What of the answer's head was not taken yet. */
  head: string;
  /** Where in the file the next bytes are. */
  at: number;
}

/** The sender of one thread. */
export function createSender(settings: SenderSettings): Sender {
  const { streams, nowMs } = settings;
  const connections = new Map<number, Connection>();
  const runnable = new Set<Connection>();
  const files = openFiles(settings.directory, nowMs);
  let date = '';
  let dateMs = -Infinity;

  const forget = (connection: Connection) => {
    connections.delete(connection.descriptor);
    runnable.delete(connection);
    if (connection.answer !== undefined) files.release(connection.answer.source);
    connection.answer = undefined;
  };
  const close = (connection: Connection) => {
    forget(connection);
    settings.onClosed(connection.descriptor);
    streams.close(connection.descriptor);
  };
  const handBack = (connection: Connection) => {
    forget(connection);
    streams.unwatch(connection.descriptor);
    settings.handBack(connection.descriptor);
  };
  const dateNow = () => {
    const now = nowMs();
    if (now - dateMs >= 1000) {
      date = new Date(now).toUTCString();
      dateMs = now;
    }
    return date;
  };

  /** Reads the next request. @returns whether there is more to do */
  const ask = (connection: Connection): boolean => {
    const text = streams.peek(connection.descriptor, HEAD_BYTES);
    if (text === undefined) return false;
    if (text === '') {
      close(connection);
      return false;
    }
    const request = readPlainRequest(text);
    const source = request === undefined ? undefined : files.take(request.sha256);
    const answer =
      request === undefined || source === undefined
        ? undefined
        : plainAnswer(request, source.sizeBytes, dateNow(), IDLE_MS.waiting / 1000);
    if (request === undefined || source === undefined || answer === undefined) {
      if (source !== undefined) files.release(source);
      handBack(connection);
      return false;
    }
    streams.discard(connection.descriptor, request.bytes);
    connection.answer = { ...answer, source, keepAlive: request.keepAlive };
    connection.head = answer.head;
    connection.at = answer.start;
    connection.state = 'sending';
    connection.movedMs = nowMs();
    return true;
  };

  /** Goes on with an answer. @returns how many bytes went, undefined where the connection has no room */
  const send = (connection: Connection): number | undefined => {
    const { answer, descriptor } = connection;
    if (answer === undefined) return undefined;
    if (connection.head !== '') {
      connection.head = connection.head.slice(streams.sendHead(descriptor, connection.head));
      if (connection.head !== '') return undefined;
    }
    const most = Math.min(answer.end - connection.at, TURN_BYTES);
    const sent = streams.sendFile(descriptor, answer.source.file, connection.at, most);
    if (sent === undefined) {
      settings.onShort(answer.source.sha256);
      close(connection);
      return undefined;
    }
    if (sent === 0) return undefined;
    connection.at += sent;
    connection.movedMs = nowMs();
    if (connection.at === answer.end) {
      settings.onSent(answer.end - answer.start);
      files.release(answer.source);
      connection.answer = undefined;
      connection.state = answer.keepAlive ? 'waiting' : 'ending';
      if (!answer.keepAlive) streams.endSending(descriptor);
    }
    return sent;
  };

  /** The other side has what it wanted when it closes; what it says until then interests nobody. */
  const end = (connection: Connection): boolean => {
    const got = streams.discard(connection.descriptor, HEAD_BYTES);
    if (got === 0) close(connection);
    return got !== undefined && got > 0;
  };

  const work = (connection: Connection) => {
    for (let left = TURN_BYTES; left > 0; ) {
      if (connection.state === 'sending') {
        const sent = send(connection);
        if (sent === undefined) return;
        left -= sent;
      } else if (!(connection.state === 'ending' ? end(connection) : ask(connection))) return;
    }
    runnable.add(connection);
  };

  return {
    take(descriptor) {
      const connection: Connection = {
        descriptor,
        state: 'fresh',
        movedMs: nowMs(),
        answer: undefined,
        head: '',
        at: 0,
      };
      try {
        streams.watch(descriptor);
        connections.set(descriptor, connection);
      } catch (error) {
        if (!(error instanceof StreamError)) throw error;
        close(connection);
      }
    },
    turn(timeoutMs) {
      const isLoop = streams.wait(runnable.size > 0 ? 0 : timeoutMs, (descriptor) => {
        const connection = connections.get(descriptor);
        if (connection !== undefined) runnable.add(connection);
      });
      const now = [...runnable];
      runnable.clear();
      for (const connection of now)
        try {
          work(connection);
        } catch (error) {
          if (!(error instanceof StreamError)) throw error;
          close(connection);
        }
      return isLoop;
    },
    sweep() {
      const now = nowMs();
      for (const connection of connections.values())
        if (now - connection.movedMs > IDLE_MS[connection.state]) close(connection);
      files.sweep();
    },
    closeAll() {
      for (const connection of connections.values()) close(connection);
      files.closeAll();
    },
  };
}

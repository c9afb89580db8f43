import type { Server } from 'node:http';
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Sha256 } from '#agent/protocol/identity.ts';
import { openDescriptors } from './ffi-streams.ts';
import type { FromSender, SenderWorkerData, ToSender } from './messages.ts';

export interface SendObjectsSettings {
  /** The distribution point. */
  readonly directory: string;
  /** Told, about once a second, of answers that were sent whole, and the bytes of their bodies. */
  readonly onSent: (answers: number, bytes: number) => void;
  /** Told of a file that ended before its length: the answer was broken off. */
  readonly onShort: (sha256: Sha256) => void;
  /** Told once when the thread has ended by itself: the server answers all by itself from then on. */
  readonly onEnd: (error: Error) => void;
  /** Gets the thread, to watch it. */
  readonly onWorker?: (worker: Worker) => void;
}

/** Connections beyond this many are answered by the server itself. */
const MOST_DESCRIPTORS = 65_536;

/**
 * Has requests for objects, `GET /content/<ab>/<sha256>`, answered by a thread of its own, past the server: each
 * new connection goes there, and comes back, with all that was sent on it, when it asks for anything else. Where
 * there is no `node:ffi` nothing is changed.
 *
 * @param server without TLS
 */
export function sendObjects(server: Server, settings: SendObjectsSettings): AsyncDisposable {
  const descriptors = openDescriptors();
  if (descriptors === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const owned = new Uint8Array(new SharedArrayBuffer(MOST_DESCRIPTORS));
  const workerData: SenderWorkerData = { directory: settings.directory, owned: owned.buffer };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData });
  settings.onWorker?.(worker);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  const send = (message: ToSender) => worker.postMessage(message);
  let state: 'open' | 'closing' | 'ended' = 'open';
  const serve = server.listeners('connection');
  const serveHere = (socket: Socket) => {
    for (const listener of serve) Reflect.apply(listener, server, [socket]);
  };

  const onConnection = (socket: Socket) => {
    const descriptor = descriptorOf(socket);
    const copy =
      descriptor === undefined || state !== 'open' ? undefined : descriptors.copy(descriptor);
    if (copy === undefined || copy >= MOST_DESCRIPTORS) {
      if (copy !== undefined) descriptors.close(copy);
      serveHere(socket);
      return;
    }
    owned[copy] = 1;
    // Closes its descriptor and nothing more: the connection goes on by the other one.
    socket.destroy();
    send({ kind: 'take', descriptor: copy });
  };
  const takeBack = (descriptor: number) => {
    if (state === 'closing') {
      descriptors.close(descriptor);
      return;
    }
    const socket = new Socket({
      fd: descriptor,
      readable: true,
      writable: true,
      allowHalfOpen: true,
    });
    serveHere(socket);
  };
  const ended = Promise.withResolvers<void>();
  worker.on('message', (message: FromSender) => {
    switch (message.kind) {
      case 'back':
        takeBack(message.descriptor);
        return;
      case 'sent':
        settings.onSent(message.answers, message.bytes);
        return;
      case 'short':
        settings.onShort(message.sha256);
    }
  });
  let failure: Error | undefined;
  worker.on('error', (error) => {
    failure = error instanceof Error ? error : new Error(String(error));
  });
  worker.on('exit', (code) => {
    for (const [descriptor, isOwned] of owned.entries())
      if (isOwned === 1) descriptors.close(descriptor);
    if (state === 'open') settings.onEnd(failure ?? new Error(`it ended by itself, code ${code}`));
    state = state === 'open' ? 'ended' : state;
    ended.resolve();
  });
  server.removeAllListeners('connection');
  server.on('connection', onConnection);

  return {
    async [Symbol.asyncDispose]() {
      if (state === 'open') {
        state = 'closing';
        send({ kind: 'close' });
      }
      await ended.promise;
    },
  };
}

/** The descriptor that a connection has been given by the system, which Node does not tell otherwise. */
function descriptorOf(socket: Socket): number | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  return typeof descriptor === 'number' && descriptor >= 0 ? descriptor : undefined;
}

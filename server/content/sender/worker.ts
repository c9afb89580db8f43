/**
 * The sending thread: objects of the distribution point go from the kernel's cache into connections here, so
 * that forty machines that fetch images keep the main thread from nothing. It waits in the kernel, for its
 * connections and its event loop alike.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { openStreams } from './ffi-streams.ts';
import type { FromSender, SenderWorkerData, ToSender } from './messages.ts';
import { createSender } from './sender.ts';

/** What was sent is told, and what stands still is looked for, so often. */
const TELL_MS = 1000;
/** All else of the event loop has its turn after this. */
const TURN_MS = 20;

const port = parentPort;
const streams = openStreams();
if (port === null || streams === undefined)
  throw new Error('content/sender/worker.ts runs in a worker thread only, with node:ffi');
const { directory, owned: shared }: SenderWorkerData = z
  .object({ directory: z.string(), owned: z.instanceof(SharedArrayBuffer) })
  .parse(workerData);
const owned = new Uint8Array(shared);
const tell = (message: FromSender) => port.postMessage(message);
const disown = (descriptor: number) => {
  owned[descriptor] = 0;
};

let answers = 0;
let bytes = 0;
let open = true;
let toldMs = performance.now();
const sender = createSender({
  streams,
  directory,
  handBack(descriptor) {
    disown(descriptor);
    tell({ kind: 'back', descriptor });
  },
  onClosed: disown,
  onSent(length) {
    answers += 1;
    bytes += length;
  },
  onShort: (sha256) => tell({ kind: 'short', sha256 }),
  nowMs: () => performance.timeOrigin + performance.now(),
});

port.on('message', (message: ToSender) => {
  if (message.kind === 'take') {
    sender.take(message.descriptor);
    return;
  }
  open = false;
  sender.closeAll();
  port.close();
});

function turn(): void {
  if (!open) return;
  const until = performance.now() + TURN_MS;
  while (!sender.turn(TELL_MS) && performance.now() < until);
  if (performance.now() - toldMs >= TELL_MS) {
    toldMs = performance.now();
    if (answers > 0) tell({ kind: 'sent', answers, bytes });
    answers = 0;
    bytes = 0;
    sender.sweep();
  }
  setImmediate(turn);
}
setImmediate(turn);

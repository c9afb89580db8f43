import { Worker } from 'node:worker_threads';
import type { MediaFailure } from './media-record.ts';
import type { MediaJob, MediaMessage, MediaWord } from './messages.ts';

/** How a job ended. */
type JobEnd =
  | { readonly kind: 'done'; readonly sizeBytes: number }
  | { readonly kind: 'failed'; readonly failure: MediaFailure };

/** Media that are being made. */
export interface RunningJob {
  /** Of 1. */
  readonly fraction: number;
  readonly end: Promise<JobEnd>;
  cancel(): void;
}

/** Starts the making of media in a thread of its own. */
export function runMediaJob(job: MediaJob, sign: (bytes: Uint8Array) => string): RunningJob {
  let fraction = 0;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: job });
  const { promise, resolve } = Promise.withResolvers<JobEnd>();
  const tell = (word: MediaWord): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    worker.postMessage(word);
  };
  worker.on('message', (message: MediaMessage) => {
    switch (message.kind) {
      case 'progress':
        fraction = message.fraction;
        break;
      case 'sign':
        tell({ kind: 'signed', number: message.number, signature: sign(message.bytes) });
        break;
      case 'done':
      case 'failed':
        resolve(message);
    }
  });
  const died = (why: unknown): void =>
    resolve({ kind: 'failed', failure: { code: 'media.failed', message: String(why) } });
  worker.once('error', died);
  worker.once('exit', (code) => died(`the thread that makes media ended with ${code}`));
  return {
    get fraction() {
      return fraction;
    },
    end: promise,
    cancel: () => tell({ kind: 'cancel' }),
  };
}

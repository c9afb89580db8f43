/** A worker that makes one medium and ends: it reads and hashes gigabytes, which nobody is to wait for. */
import { parentPort, workerData } from 'node:worker_threads';
import { makeMedia } from '#media/build/make-media.ts';
import { MediaError } from '#media/media-error.ts';
import type { MediaJob, MediaMessage, MediaWord } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('media/worker.ts runs in a worker thread only');
// Its starter is this program: what it hands in has been made there.
const { plan, options } = workerData as MediaJob;
const abort = new AbortController();
const signing = new Map<number, (signature: string) => void>();

port.on('message', (word: MediaWord) => {
  switch (word.kind) {
    case 'signed':
      signing.get(word.number)?.(word.signature);
      break;
    case 'cancel':
      abort.abort();
  }
});

try {
  const sign = async (bytes: Uint8Array): Promise<string> => {
    const number = signing.size + 1;
    const { promise, resolve } = Promise.withResolvers<string>();
    signing.set(number, resolve);
    tell({ kind: 'sign', number, bytes });
    return promise;
  };
  const { sizeBytes } = await makeMedia(
    { ...plan, sign },
    {
      ...options,
      onProgress: (fraction) => tell({ kind: 'progress', fraction }),
      signal: abort.signal,
    },
  );
  tell({ kind: 'done', sizeBytes });
} catch (error) {
  tell({ kind: 'failed', failure: failureOf(error) });
}
port.close();

function tell(message: MediaMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
  port?.postMessage(message);
}

function failureOf(error: unknown): Extract<MediaMessage, { kind: 'failed' }>['failure'] {
  if (abort.signal.aborted)
    return { code: 'media.cancelled', message: 'Making them was cancelled' };
  if (error instanceof MediaError) {
    const { code, message, hint } = error;
    return { code, message, ...(hint === undefined ? {} : { hint }) };
  }
  return { code: 'media.failed', message: String(error) };
}

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { SequenceReport } from '../report/schema.ts';
import type { RoundTripAnswer, RoundTripRequest } from './messages.ts';
import { tryRoundTrip, type Written } from './round-trip.ts';

type RoundTrip = SequenceReport['roundTrip'];

/** Takes sequences through archives, wherever there is a processor for it. */
export interface RoundTrips extends AsyncDisposable {
  try(written: Written): Promise<RoundTrip>;
}

/** A worker takes as long to start as some sequences take. */
const WORTH_A_WORKER = 20;
const MAX_WORKERS = 4;

/** @param count how many sequences there are: a few are tried without a worker */
export function openRoundTrips(count: number): RoundTrips {
  if (count < WORTH_A_WORKER) return { try: tryRoundTrip, [Symbol.asyncDispose]: async () => {} };
  const workers = Array.from({ length: Math.min(MAX_WORKERS, availableParallelism()) }, openWorker);
  let next = 0;
  return {
    try: async (written) => {
      const worker = workers[next++ % workers.length];
      return worker === undefined ? tryRoundTrip(written) : worker.try(written);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

function openWorker() {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  const waiting = new Map<number, PromiseWithResolvers<RoundTrip>>();
  let ids = 0;
  worker.on('message', ({ id, roundTrip }: RoundTripAnswer) => {
    waiting.get(id)?.resolve(roundTrip);
    waiting.delete(id);
  });
  // What it was doing is told of as failed; the report goes on.
  const end = (reason: string) => {
    for (const { resolve } of waiting.values())
      resolve({ same: false, message: `the round trip has ended by itself: ${reason}` });
    waiting.clear();
  };
  worker.on('error', (error) => end(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => end(`code ${code}`));
  return {
    try: async ({ name, document, comments }: Written): Promise<RoundTrip> => {
      const id = ids++;
      const answer = Promise.withResolvers<RoundTrip>();
      waiting.set(id, answer);
      const request: RoundTripRequest = { id, written: { name, document, comments } };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
      worker.postMessage(request);
      return await answer.promise;
    },
    close: () => worker.terminate(),
  };
}

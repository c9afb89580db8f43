/** The worker that takes imported sequences through archives: most of the time of a report goes there. */
import { parentPort } from 'node:worker_threads';
import type { RoundTripAnswer, RoundTripRequest } from './messages.ts';
import { tryRoundTrip } from './round-trip.ts';

const port = parentPort;
if (port === null) throw new Error('round-trip/worker.ts runs in a worker thread only');
port.on('message', ({ id, written }: RoundTripRequest) => {
  // It tells of what goes wrong as its answer, and never fails.
  void tryRoundTrip(written).then((roundTrip) =>
    port.postMessage({ id, roundTrip } satisfies RoundTripAnswer),
  );
});

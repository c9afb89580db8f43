/**
 * A thread that copies the write-ahead log of an SQLite file into the file, on a connection of its own. Each
 * message asks for it once, and is answered when it is done or could not be done now.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { checkpoint } from './checkpoint.ts';

const { path } = z.object({ path: z.string() }).parse(workerData);
const file = new DatabaseSync(path, { timeout: 5000 });
file.exec('pragma synchronous = full');
const run = file.prepare(checkpoint.passive);

parentPort?.on('message', () => {
  try {
    run.get();
  } catch {
    // A full disk, say: whoever writes is told, and this is asked for again.
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage('done');
});

/** In the thread of `kept-thread.ts`: runs a module as if it were the thread's first, each time it is told to. */
import { syncBuiltinESMExports } from 'node:module';
import threads, { type MessagePort, parentPort } from 'node:worker_threads';

/** What the module finds as its own `workerData` and `parentPort`. */
export interface Run {
  readonly module: string;
  readonly workerData: unknown;
  readonly port: MessagePort;
}

let runs = 0;
const port = parentPort;
port?.on('message', (message: Run | 'idle?') => {
  if (message === 'idle?') port.postMessage('idle');
  else void run(message);
});

/** What is thrown ends the thread, as it does one of the module's own. */
async function run({ module, workerData, port: parent }: Run): Promise<void> {
  Object.assign(threads, { workerData, parentPort: parent });
  syncBuiltinESMExports();
  // Another address makes it another module; what it imports is the same as before.
  runs += 1;
  await import(`${module}?run=${runs}`);
}

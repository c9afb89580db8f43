import { Worker } from 'node:worker_threads';
import { SimulationError } from '#agent/simulated-machine/simulation-error.ts';
import type { SimulationJob, SimulationMessage, SimulationQuestion } from './messages.ts';

/** The longest sequences there are, with every step in them, take a few seconds. */
const TIMEOUT_MS = 30_000;
const MEMORY_MB = 512;
/** Each takes a processor. */
const AT_ONCE = 2;

/** Simulates in a worker of its own, so that nobody waits for it. */
export interface Simulator {
  /**
   * The report (`SimulationReport`) as JSON. @throws {SimulationError} `simulate.busy`,
   * `simulate.too-long`, `simulate.failed`, and with the code of whatever kept it from being made
   */
  simulate(
    job: SimulationJob,
    answer: (question: SimulationQuestion) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<Uint8Array>;
}

/** @param timeoutMs after which one is given up */
export function createSimulator(timeoutMs = TIMEOUT_MS): Simulator {
  let running = 0;
  return {
    async simulate(job, answer, signal) {
      if (running >= AT_ONCE)
        throw new SimulationError('simulate.busy', `${AT_ONCE} simulations are running already`, {
          hint: 'Try again in a moment, or simulate on your own machine: metalwright sequence simulate',
        });
      running += 1;
      const worker = new Worker(new URL('./worker.ts', import.meta.url), {
        workerData: job,
        resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
      });
      try {
        return await result(
          worker,
          answer,
          AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        );
      } finally {
        running -= 1;
        await worker.terminate();
      }
    },
  };
}

function result(
  worker: Worker,
  answer: (question: SimulationQuestion) => Promise<unknown>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const tooLong = () =>
    reject(
      new SimulationError('simulate.too-long', 'The simulation took too long and was given up', {
        hint: 'Simulate a part of the task sequence, or do it on your own machine.',
      }),
    );
  signal.addEventListener('abort', tooLong, { once: true });
  if (signal.aborted) tooLong();
  worker.on('message', (message: SimulationMessage) => {
    switch (message.kind) {
      case 'done':
        resolve(message.reportJson);
        return;
      case 'failed': {
        const { code, message: text, hint } = message;
        reject(new SimulationError(code, text, hint === undefined ? {} : { hint }));
        return;
      }
      case 'ask':
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
        answer(message.question).then((value) => worker.postMessage(value), reject);
    }
  });
  const failed = (text: string) =>
    reject(new SimulationError('simulate.failed', `The simulation has ended by itself: ${text}`));
  worker.on('error', (error) => failed(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => failed(`code ${code}`));
  return promise;
}

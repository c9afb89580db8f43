import { setTimeout as wait } from 'node:timers/promises';
import { TransportError } from './transport-error.ts';

/** What a wait between two tries is told to; the screen and the log show it. */
export type OnTrouble = (trouble: {
  readonly error: TransportError;
  readonly waitMs: number;
}) => void;

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * Asks again for ever while the server is away, waiting 0.5 s, doubling up to 15 s, with a quarter of
 * jitter so that a bench of machines does not come back as one. Anything else is thrown at once.
 */
export async function retry<Value>(
  ask: (signal: AbortSignal) => Promise<Value>,
  options: {
    readonly onTrouble: OnTrouble;
    readonly random?: () => number;
    readonly firstMs?: number;
    readonly longestMs?: number;
  },
  signal: AbortSignal,
): Promise<Value> {
  const random = options.random ?? Math.random;
  let waitMs = options.firstMs ?? FIRST_MS;
  for (;;) {
    try {
      return await ask(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof TransportError) || !error.passing) throw error;
      options.onTrouble({ error, waitMs });
    }
    await wait(waitMs * (0.75 + random() / 2), undefined, { signal });
    waitMs = Math.min(waitMs * 2, options.longestMs ?? LONGEST_MS);
  }
}

import { setTimeout as pause } from 'node:timers/promises';

/** Something the lab waited for did not come. The message says what, and how long. */
export class LabTimeout extends Error {
  readonly code = 'lab.timeout';
}

/**
 * Asks `probe` until it gives a value. @throws {LabTimeout} after `timeoutMs`, with what `evidence`
 * then says; and the abort reason when the signal aborts
 */
export async function waitFor<Value>(
  what: string,
  probe: () => Promise<Value | undefined> | Value | undefined,
  options: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly everyMs?: number;
    readonly evidence?: () => string;
  },
): Promise<Value> {
  const end = performance.now() + options.timeoutMs;
  for (;;) {
    options.signal.throwIfAborted();
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() > end) {
      const evidence = options.evidence?.() ?? '';
      throw new LabTimeout(
        `waited ${Math.round(options.timeoutMs / 1000)} s: ${what}\n${evidence}`,
      );
    }
    await pause(options.everyMs ?? 250, undefined, { signal: options.signal });
  }
}

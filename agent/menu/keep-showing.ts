import type { Terminals } from './terminals.ts';

/** The longest a timer can be set to: 2^31 - 1 milliseconds, 24 days. */
const MAX_MS = 2_147_483_647;

/** Keeps what is shown until someone presses Enter at any terminal, or the time is over: tells which. */
export async function keepShowing(
  terminals: Pick<Terminals, 'onInput'>,
  timeoutMs = Number.POSITIVE_INFINITY,
): Promise<'pressed' | 'over'> {
  const end = Promise.withResolvers<'pressed' | 'over'>();
  using _listening = terminals.onInput((text) => {
    if (/[\r\n]/.test(text)) end.resolve('pressed');
  });
  // The timer also holds the process while nothing else does.
  const timer = Number.isFinite(timeoutMs)
    ? setTimeout(() => end.resolve('over'), Math.min(timeoutMs, MAX_MS))
    : setInterval(() => {}, 60_000);
  try {
    return await end.promise;
  } finally {
    clearTimeout(timer);
  }
}

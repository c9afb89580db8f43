import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { runProcess } from './run-process.ts';

const { signal } = new AbortController();

/** Runs it to its end, by the programs of this system; this thread is busy from and for so many ms. */
async function outputOf(script: string, busy: { afterMs: number; forMs: number }): Promise<string> {
  const running = runProcess({ argv: ['/bin/sh', '-c', script] }, undefined, signal);
  await wait(busy.afterMs);
  // Behind the reading of this turn of the event loop: timers come first in the next one.
  await nextTurn();
  const until = performance.now() + busy.forMs;
  while (performance.now() < until);
  return Buffer.from((await running).stdout).toString();
}

it('reads what was written while the thread was busy, though a program holds the output open', async () => {
  const script = 'echo early; (sleep 0.4; echo late; sleep 3) &';
  expect(await outputOf(script, { afterMs: 200, forMs: 900 })).toBe('early\nlate\n');
});

import { once } from 'node:events';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

it('M32 the thread of the store goes before the others, which stay where they are', async () => {
  const before = getPriority();
  // As another user nothing is changed, and nothing fails.
  const expected = process.getuid?.() === 0 ? Math.max(-20, before - 5) : before;
  const module = new URL('./thread-priority.ts', import.meta.url).href;
  const worker = new Worker(
    `(async () => {
      const { readlinkSync } = require('node:fs');
      const { getPriority } = require('node:os');
      const { goFirst } = await import(${JSON.stringify(module)});
      goFirst();
      goFirst(); // of a store that is opened again: no further
      const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
      require('node:worker_threads').parentPort.postMessage(getPriority(thread));
    })()`,
    { eval: true },
  );
  expect(await once(worker, 'message')).toEqual([expected]);
  expect(getPriority()).toBe(before);
  await worker.terminate();
});

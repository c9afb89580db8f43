import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serve } from './main.ts';

let directory: string;
/** The workers of the server, in the order it starts them: store, content. */
let workers: Worker[];
const note = (worker: Worker) => void workers.push(worker);
beforeEach(async () => {
  workers = [];
  process.on('worker', note);
  directory = await mkdtemp(join(tmpdir(), 'metalwright-serve-'));
});
afterEach(async () => {
  process.off('worker', note);
  await rm(directory, { recursive: true, force: true });
});

/** Runs `serve` on loopback; `atBanner` is called when it is up. */
async function runServe(atBanner: () => void, signal = new AbortController().signal) {
  const config = join(directory, 'metalwright.yaml');
  const here = '{ host: 127.0.0.1, port: 0 }';
  await writeFile(
    config,
    `listeners: { boot: ${here}, agents: ${here}, console: ${here} }\nnetboot: { enabled: false }\nlogLevel: error\n`,
  );
  let out = '';
  const terminal = {
    out: (text: string) => {
      if (out === '') atBanner();
      out += text;
    },
    err: () => {},
    columns: undefined,
    environment: {},
    signal,
  };
  const data = join(directory, 'data');
  const options = { config, data, bootImages: undefined, answerOn: undefined, unknown: undefined };
  await serve(options, {}, terminal);
  return out;
}

it.each([
  { name: 'store', index: 0 },
  { name: 'content', index: 1 },
])(
  'M56 ends with a clear error when the $name worker dies, to be started again',
  async ({ name, index }) => {
    const served = runServe(() => void workers[index]?.terminate());
    await expect(served).rejects.toMatchObject({
      code: 'serve.ended',
      exitCode: 1,
      message: expect.stringContaining(`The ${name}'s worker has ended`),
      hint: expect.stringContaining('start it again'),
    });
    // Everything is closed: the same data is served again.
    const stop = new AbortController();
    await expect(runServe(() => stop.abort(), stop.signal)).resolves.toContain('stopping');
  },
);

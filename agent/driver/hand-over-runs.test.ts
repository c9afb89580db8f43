import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RunLog } from '../log/run-log.ts';
import { keptRuns } from '../platform/kept-runs.ts';
import { RunId } from '../protocol/identity.ts';
import type { MediaRun } from '../protocol/media-run.ts';
import { TransportError } from '../transport/transport-error.ts';
import { handOverRuns } from './hand-over-runs.ts';

const signal = new AbortController().signal;

it('M45 what ended without a server is told once to the one that is met, and kept until it is taken', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hand-over-'));
  const log = new RunLog(join(folder, 'log'), () => 0, { append: true });
  const kept = keptRuns(async () => ({ path: folder, async [Symbol.asyncDispose]() {} }));
  const ids = [randomUUID(), randomUUID()].toSorted((a, b) => a.localeCompare(b));
  for (const id of ids) {
    const fact = { kind: 'resumed', environment: 'full-os', from: 'journal' } as const;
    const events = [{ runId: RunId.parse(id), seq: 1, atMs: 1, fact }];
    const run: MediaRun = { claim: id, documentJson: '{}', events };
    await kept.keep(id, JSON.stringify(run), signal);
  }
  await writeFile(join(folder, 'metalwright', 'runs', 'other.txt'), 'not ours');
  const asked: string[] = [];
  const handOver = async (refused: string) =>
    handOverRuns(
      {
        machine: { journals: { keptRuns: kept } as never },
        transport: {
          handOverRun: async ({ claim }) => {
            asked.push(claim);
            if (claim === refused)
              throw new TransportError('run.lost', 'no record', { status: 409 });
            return { taken: true };
          },
        },
        log,
      },
      signal,
    );
  await handOver(ids[0] ?? '');
  expect(asked.toSorted((a, b) => a.localeCompare(b))).toEqual(ids);
  expect((await kept.list(signal)).map(({ name }) => name)).toEqual([ids[0]]);
  await handOver('');
  await handOver('');
  expect(asked.slice(2)).toEqual([ids[0]]);
  expect(await readdir(join(folder, 'metalwright', 'runs'))).toEqual(['other.txt']);
  await log.close();
  await rm(folder, { recursive: true });
});

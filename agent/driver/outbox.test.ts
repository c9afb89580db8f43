import { expect, it } from 'vitest';
import { Journal } from '../journal.ts';
import { RunId } from '../protocol/identity.ts';
import { type RunEvent, StepId } from '../protocol/run-event.ts';
import { Outbox } from './outbox.ts';

const header = {
  runId: RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f'),
  machineKey: 'k',
  resumeToken: 'token',
  siteFingerprint: 's',
};

/** Sends a journal of as many events, each with so much set, and tells what was posted. */
async function sent(count: number, setCharacters: number): Promise<RunEvent[][]> {
  const journal = new Journal(header);
  for (let n = 0; n < count; n++)
    journal.append(
      {
        kind: 'step-finished',
        stepId: StepId.parse('0'),
        name: 'Script',
        attempt: 1,
        code: 0,
        succeeded: true,
        durationMs: 0,
        variables: [{ name: 'A', value: 'x'.repeat(setCharacters), secret: false }],
      },
      0,
    );
  const posts: RunEvent[][] = [];
  const transport = {
    postEvents: async (_runId: RunId, events: readonly RunEvent[]) => {
      posts.push([...events]);
      return { have: posts.flat().length };
    },
  };
  await using outbox = new Outbox({ journal, transport, have: 0, onTrouble: () => {} });
  await outbox.acked(journal.lastSeq, new AbortController().signal);
  return posts;
}

it('sends no more at once than the server takes, however much the steps have set', async () => {
  const posts = await sent(50, 200_000);
  expect(posts.flat().map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  const sizes = posts.map((events) => Buffer.byteLength(JSON.stringify({ events })));
  expect(Math.max(...sizes)).toBeLessThan(4 * 1024 * 1024);
  expect(posts.length).toBeLessThan(10);
});

it('sends an event that is larger than a batch alone', async () => {
  expect((await sent(3, 3_000_000)).map((events) => events.length)).toEqual([1, 1, 1]);
});

it('sends many small events a hundred at a time', async () => {
  expect((await sent(250, 1)).map((events) => events.length)).toEqual([100, 100, 50]);
});

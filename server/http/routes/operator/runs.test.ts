import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FeedSnapshot, LogSlice, RunDetail } from '../../api.ts';
import {
  addDevice,
  addFacts,
  addLog,
  finished,
  runFinished,
  runStarted,
  started,
  startRun,
} from './test-bench.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
let base: string;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
  base = await site.listen();
});
afterAll(() => site[Symbol.asyncDispose]());

async function get(path: string): Promise<unknown> {
  const answer = await fetch(`${base}/api/v1${path}`, {
    headers: { authorization: `Bearer ${site.token}` },
  });
  return await answer.json();
}

/** Opens the feed; `next` resolves with the next snapshot. */
async function openFeed() {
  const asked = request(`${base}/api/v1/feed`, {
    headers: { authorization: `Bearer ${site.token}` },
  });
  asked.end();
  const [answer] = await once(asked, 'response');
  const snapshots: FeedSnapshot[] = [];
  let wake: () => void = () => undefined;
  let rest = '';
  answer.setEncoding('utf8');
  answer.on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) snapshots.push(FeedSnapshot.parse(JSON.parse(data)));
    }
    wake();
  });
  return {
    type: String(answer.headers['content-type']),
    snapshots,
    async until(done: (snapshot: FeedSnapshot) => boolean): Promise<FeedSnapshot> {
      for (;;) {
        const found = snapshots.find(done);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    close: () => asked.destroy(),
  };
}

it('shows a run with its history, and its log in slices', async () => {
  const run = await startRun(site, await addDevice(site, 1));
  await addFacts(site, run, [
    runStarted,
    started('0', 'Format disk'),
    finished('0', 'Format disk'),
  ]);
  await addLog(site, run, 'first');
  const detail = RunDetail.parse(await get(`/runs/${run}`));
  expect(detail).toMatchObject({ deviceName: 'PC01', state: 'running', have: 3 });
  expect(detail.events.map(({ fact }) => fact.kind)).toEqual([
    'run-started',
    'step-started',
    'step-finished',
  ]);
  const slice = LogSlice.parse(await get(`/runs/${run}/log`));
  expect(slice.text).toContain('first');
  const none = LogSlice.parse(await get(`/runs/${run}/log?offset=${slice.next}`));
  expect(none).toEqual({ offset: slice.next, next: slice.next, text: '', ended: false });
});

it('M11 shows of a secret variable that it was set, and nothing of its value', async () => {
  const run = await startRun(site, await addDevice(site, 9));
  const variables = [
    { name: 'Site', value: 'Vienna', secret: false },
    { name: 'Key', value: 'sealed:1:AAAA', secret: true },
    { name: 'Old', value: '', secret: true },
  ];
  if (runStarted.kind !== 'run-started') throw new Error(runStarted.kind);
  await addFacts(site, run, [{ ...runStarted, variables }]);
  const { events } = RunDetail.parse(await get(`/runs/${run}`));
  expect(events[0]?.fact).toMatchObject({
    variables: [{ value: 'Vienna' }, { name: 'Key', value: '********' }, { value: '' }],
  });
});

it('holds a question for more log until there is more', async () => {
  const run = await startRun(site, await addDevice(site, 2));
  const asked = get(`/runs/${run}/log?offset=0&wait=1`);
  await addLog(site, run, 'late');
  expect(LogSlice.parse(await asked).text).toContain('late');
});

it('answers a held question when the run ends', async () => {
  const run = await startRun(site, await addDevice(site, 3));
  const asked = get(`/runs/${run}/log?offset=0&wait=1`);
  await addFacts(site, run, [runStarted, runFinished()]);
  expect(LogSlice.parse(await asked)).toMatchObject({ text: '', ended: true });
});

it('names no run for an id that is none', async () => {
  expect(await get('/runs/00000000-0000-4000-8000-000000000000')).toMatchObject({
    code: 'run.not-found',
  });
});

it('sends whole snapshots with a revision, at most four a second, and none when nothing changed', async () => {
  const feed = await openFeed();
  expect(feed.type).toBe('text/event-stream');
  await feed.until(() => true);
  const run = await startRun(site, await addDevice(site, 4));
  const beganMs = performance.now();
  const before = feed.snapshots.length;
  for (let number = 0; number < 40; number += 1) {
    site.facts.progress.set(run, {
      stepId: null,
      index: number,
      total: 40,
      title: `step ${number}`,
    });
    site.services.changes.changed('view');
  }
  const last = await feed.until(
    ({ runs }) => runs.find(({ id }) => id === run)?.progress?.index === 39,
  );
  const seconds = (performance.now() - beganMs) / 1000;
  expect(feed.snapshots.length - before).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 1);
  expect(last.devices.find(({ name }) => name === 'PC04')).toMatchObject({ openRun: run });
  const revisions = feed.snapshots.map(({ revision }) => revision);
  expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
  feed.close();
});

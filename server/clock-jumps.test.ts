import { Agent, request } from 'undici';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { agentPaths } from '#agent/protocol/paths.ts';
import { runFactsOf } from './faults/testing/run-facts.ts';
import {
  askRun,
  openTestSite,
  policyOf,
  sendFacts,
  startRun,
  type TestMachine,
  type TestSite,
} from './test-machines.ts';

const DAY_MS = 24 * 60 * 60_000;

let site: TestSite;
let machine: TestMachine;
let startedMs: number;
beforeEach(async () => {
  site = await openTestSite();
  machine = await site.machine();
  startedMs = site.clock.nowMs;
});
afterEach(() => site[Symbol.asyncDispose]());

const document = (name: string) => ({
  name,
  steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
});
it.each([
  ['a day ahead and back', [DAY_MS, -DAY_MS, 0]],
  ['a day back and right again', [-DAY_MS, 0, 0]],
  ['a minute forth and back, again and again', [70_000, 0, 70_000]],
])(
  'M31 a run goes on and ends, each event once, while the clock jumps %s',
  async (_name, jumps) => {
    const run = await startRun(
      machine,
      await site.deploy(await site.store(document('A')), [machine]),
    );
    const facts = runFactsOf(run.documentSha256, 1);
    for (const [index, fact] of facts.entries()) {
      site.clock.nowMs = startedMs + (jumps[index - 1] ?? 0);
      const sent = await sendFacts(machine, run.runId, [fact], index + 1);
      expect([sent.status, sent.json]).toEqual([200, { have: index + 1 }]);
      // The same once more, as after an answer that was lost in the jump.
      expect((await sendFacts(machine, run.runId, [fact], index + 1)).json).toEqual(sent.json);
      const isLast = index === facts.length - 1;
      expect((await policyOf(machine)).kind).toBe(isLast ? 'none' : 'resume');
    }
    expect(await site.app.store.runs.get(run.runId)).toMatchObject({ state: 'succeeded', have: 4 });
    // What comes next is not held up by times that are to come.
    const next = await site.deploy(await site.store(document('B')), [machine]);
    expect((await askRun(machine, next)).status).toBe(200);
  },
);

it('a machine that was met by a clock a day ahead is known when it is right again', async () => {
  site.clock.nowMs += DAY_MS;
  const late = await site.machine();
  const deployment = await site.deploy(await site.store(document('C')), [late]);
  site.clock.nowMs = startedMs;
  expect((await late.agent.call('GET', agentPaths.policy)).status).toBe(200);
  const { runId, documentSha256 } = await startRun(late, deployment);
  await sendFacts(late, runId, runFactsOf(documentSha256, 1));
  expect(await site.app.store.runs.get(runId)).toMatchObject({ state: 'succeeded' });
});

it('M52 a session outlives a clock that is ahead for a moment, and nobody is kept out by it for a day', async () => {
  const { app, ca, clock } = site;
  const dispatcher = new Agent({ connect: { ca } });
  onTestFinished(() => dispatcher.close());
  const call = async (method: 'GET' | 'POST', cookie: string, body?: object) =>
    await request(`${app.addresses.console}/api/v1/session`, {
      method,
      dispatcher,
      headers: { cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
    });
  const signedIn = await call('POST', '', { link: await app.newLinkToken() });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
  expect((await call('GET', cookie)).statusCode).toBe(200);
  clock.nowMs = startedMs + DAY_MS;
  expect((await call('GET', cookie)).statusCode).toBe(401);
  const attempt = () =>
    app.store.signIns.begin({ name: 'Ann', address: '192.0.2.1', nowMs: clock.nowMs });
  let waitMs = 0;
  for (let tries = 0; tries < 10 && waitMs === 0; tries += 1) waitMs = await attempt();
  expect(waitMs).toBeGreaterThan(0);
  clock.nowMs = startedMs;
  expect((await call('GET', cookie)).statusCode).toBe(200);
  expect(await attempt()).toBe(0);
});

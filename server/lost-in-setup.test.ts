import { expect, it } from 'vitest';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { runContext, toRunView } from './http/routes/operator/run-view.ts';
import { wholeSnapshot } from './netboot/testing/whole-snapshot.ts';
import { sendFacts, startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

const step = { stepId: StepId.parse('0/0'), name: 'Setup Windows', attempt: 1 };
const facts: RunFact[] = [
  {
    kind: 'run-started',
    documentSha256: 'x',
    agentVersion: '0.1.0',
    machineKey: 'k',
    variables: [],
    environment: 'winpe',
  },
  { kind: 'step-started', ...step },
  {
    kind: 'step-finished',
    ...step,
    code: 0,
    succeeded: true,
    variables: [],
    durationMs: 1,
  },
  { kind: 'restart-requested', next: 'disk', delayMs: 0 },
];
const MINUTE_MS = 60_000;

it('M53 a machine that does not come back from Windows Setup is told as lost, until it speaks', async () => {
  const machine = await site.machine();
  const setup = { step: 'Setup Windows', type: 'setup-windows', params: {} };
  const sequence = await site.store({
    name: 'Windows',
    steps: [{ group: 'Set up', steps: [setup] }],
  });
  const { runId } = await startRun(machine, await site.deploy(sequence, [machine]));
  const view = async () => {
    const { store } = site.app;
    const run = await store.runs.get(runId);
    if (run === null) throw new Error('the run is gone');
    const live = { progress: () => null };
    const context = await runContext({ store, live, nowMs: () => site.clock.nowMs });
    return toRunView(run, context).lostInWindowsSetup;
  };
  const decision = async () => {
    const { devices } = await wholeSnapshot(site.app.store, {
      revision: 1,
      bootImages: new Set(),
      interfaces: [],
      ports: { bootHttp: 1 },
      nowMs: site.clock.nowMs,
    });
    return devices.map(({ target }) => target.action.kind);
  };
  // Its restart is told in a message of its own: what was before is in the store.
  await sendFacts(machine, runId, facts.slice(0, 3));
  await sendFacts(machine, runId, facts.slice(3), 4);
  const silentFrom = site.clock.nowMs;
  site.clock.nowMs += 90 * MINUTE_MS - 1;
  expect([await view(), await decision()]).toEqual([null, ['disk']]);
  site.clock.nowMs += 1;
  expect(await view()).toMatchObject({
    sinceMs: silentFrom + 90 * MINUTE_MS,
    hint: expect.stringMatching(/90 minutes.*setuperr\.log/),
  });
  expect(await decision()).toEqual(['boot']);

  await site.app.store.settings.change({ windowsSetupLostMinutes: 120 });
  expect([await view(), await decision()]).toEqual([null, ['disk']]);
  await site.app.store.settings.change({ windowsSetupLostMinutes: 15 });
  expect(await view()).not.toBeNull();

  await site.lose(sequence);
  expect(await view()).not.toBeNull();
  const late: RunFact = { kind: 'resumed', environment: 'full-os', from: 'journal' };
  expect((await sendFacts(machine, runId, [late], 5)).json).toEqual({ have: 5 });
  site.clock.nowMs += 1_000 * MINUTE_MS;
  expect(await view()).toBeNull();
});

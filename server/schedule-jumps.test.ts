import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SequenceId } from '#agent/protocol/identity.ts';
import { runFactsOf } from './faults/testing/run-facts.ts';
import { DeploymentSettings } from './inventory/deployment-settings.ts';
import { WindowSettings } from './inventory/maintenance-window/window.ts';
import { openTestSite, policyOf, sendFacts, startRun, type TestSite } from './test-machines.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

let site: TestSite;
let sequence: SequenceId;
/** The 15th of January 2027, 8:00 UTC. */
let startedMs: number;
beforeAll(async () => {
  site = await openTestSite();
  startedMs = site.clock.nowMs;
  sequence = await site.store({
    name: 'Nightly',
    steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
  });
});
afterAll(() => site[Symbol.asyncDispose]());

/**
 * A required deployment that is due each day at nine, on an installed machine that asks at each full hour of four
 * days: when it began runs, in hours from 8:00 on.
 */
async function hoursOfRuns(
  jumpMs: number,
  between: readonly [from: number, to: number],
  window?: { readonly startTime: string; readonly finishTime: string },
): Promise<number[]> {
  const { store } = site.app;
  site.clock.nowMs = startedMs;
  const machine = await site.machine();
  const collectionId = await site.collection(randomUUID(), [machine]);
  const recurrence = { kind: 'daily' } as const;
  if (window !== undefined) {
    const wish = { name: 'W', startDate: '2027-01-14', timeZone: 'UTC', recurrence, ...window };
    await store.windows.create(collectionId, WindowSettings.parse(wish), startedMs);
  }
  const deployment = await store.deployments.create(
    {
      sequenceId: sequence,
      collectionId,
      purpose: 'required',
      scope: null,
      settings: DeploymentSettings.parse({
        maxRunMinutes: 30,
        assignments: [{ kind: 'recurring', start: '2027-01-15T09:00Z', recurrence }],
      }),
    },
    startedMs,
  );
  const isOffered = async () => {
    const policy = await policyOf(machine);
    return policy.kind === 'offers' && policy.start === deployment.id;
  };
  const hours: number[] = [];
  for (let hour = 0; hour < 96; hour += 1) {
    const isWrong = hour >= between[0] && hour < between[1];
    site.clock.nowMs = startedMs + hour * HOUR_MS + (isWrong ? jumpMs : 0);
    // As its service does when it asks: a session does not last so long.
    await machine.agent.register(undefined, undefined, 'full-os');
    if (!(await isOffered())) continue;
    hours.push(hour);
    const { runId, documentSha256 } = await startRun(machine, deployment.id);
    await sendFacts(machine, runId, runFactsOf(documentSha256, 1));
    expect([hour, await isOffered()]).toEqual([hour, false]);
  }
  return hours;
}

it.each<[string, number, readonly [number, number], readonly number[]]>([
  ['never', 0, [0, 0], [1, 25, 49, 73]],
  // By the clock of then it is due already: that is the run of the third day, and its only one.
  ['a day ahead in the afternoon', DAY_MS, [30, 36], [1, 25, 30, 73]],
  ['a day back in the afternoon', -DAY_MS, [30, 36], [1, 25, 49, 73]],
  ['a day back while it is due', -DAY_MS, [49, 52], [1, 25, 52, 73]],
  // The same run is that of the fourth day.
  ['a day ahead while it is due', DAY_MS, [49, 52], [1, 25, 49]],
])('M22 a daily deployment runs once a day when the clock jumps %s', async (...given) => {
  const [, jumpMs, between, hours] = given;
  expect(await hoursOfRuns(jumpMs, between)).toEqual(hours);
});

it.each<[string, number, readonly [number, number], readonly number[]]>([
  ['never', 0, [0, 0], [14, 38, 62, 86]],
  // Shut by the clock of then, too.
  ['a day ahead in the afternoon', DAY_MS, [30, 36], [14, 38, 62, 86]],
  ['a day back in the afternoon', -DAY_MS, [30, 36], [14, 38, 62, 86]],
  ['a day back in the night, after its run', -DAY_MS, [39, 42], [14, 38, 62, 86]],
  ['a day back while the window opens', -DAY_MS, [38, 41], [14, 41, 62, 86]],
  // The next day is not due before nine, and the run is in the window of its night.
  ['a day ahead while the window opens', DAY_MS, [38, 41], [14, 38, 86]],
])('M35 a daily deployment runs once a window when the clock jumps %s', async (...given) => {
  const [, jumpMs, between, hours] = given;
  const night = { startTime: '22:00', finishTime: '04:00' };
  expect(await hoursOfRuns(jumpMs, between, night)).toEqual(hours);
});

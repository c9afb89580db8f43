import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { runFactsOf } from '../faults/testing/run-facts.ts';
import { DeploymentSettings } from '../inventory/deployment-settings.ts';
import { WindowSettings } from '../inventory/maintenance-window/window.ts';
import { policyOf, sendFacts, startRun, type TestSite } from '../test-machines.ts';

const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;
/** The 15th of January 2027, 8:00 UTC, as the clock of a test site. */
const STARTED_MS = 1_800_000_000_000;

/** In which hours, from 8:00 on, the clock is wrong by how much, and in which the runs begin all the same. */
export type ClockJump = readonly [
  name: string,
  jumpMs: number,
  between: readonly [from: number, to: number],
  hours: readonly number[],
];
export const NIGHT = { startTime: '22:00', finishTime: '04:00' };

/**
 * A required deployment that is due each day at nine, on an installed machine that asks at each full hour of four
 * days: when it began runs, in hours from 8:00 on.
 */
export async function hoursOfRuns(
  site: TestSite,
  [, jumpMs, between]: ClockJump,
  window?: { readonly startTime: string; readonly finishTime: string },
): Promise<number[]> {
  const { store } = site.app;
  site.clock.nowMs = STARTED_MS;
  const machine = await site.machine();
  const collectionId = await site.collection(randomUUID(), [machine]);
  const recurrence = { kind: 'daily' } as const;
  if (window !== undefined) {
    const wish = { name: 'W', startDate: '2027-01-14', timeZone: 'UTC', recurrence, ...window };
    await store.windows.create(collectionId, WindowSettings.parse(wish), STARTED_MS);
  }
  const deployment = await store.deployments.create(
    {
      sequenceId: await site.store({
        name: 'Nightly',
        steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
      }),
      collectionId,
      purpose: 'required',
      scope: null,
      settings: DeploymentSettings.parse({
        maxRunMinutes: 30,
        assignments: [{ kind: 'recurring', start: '2027-01-15T09:00Z', recurrence }],
      }),
    },
    STARTED_MS,
  );
  const isOffered = async () => {
    const policy = await policyOf(machine);
    return policy.kind === 'offers' && policy.start === deployment.id;
  };
  const hours: number[] = [];
  for (let hour = 0; hour < 96; hour += 1) {
    const isWrong = hour >= between[0] && hour < between[1];
    site.clock.nowMs = STARTED_MS + hour * HOUR_MS + (isWrong ? jumpMs : 0);
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

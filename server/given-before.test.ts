import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { HiddenValueFinder } from '#agent/protocol/hidden-values.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { sendFacts, startRun, type TestMachine, type TestSite } from './test-machines.ts';
import { runStarted, stepFinished, stepStarted } from './testing/run-facts.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
let variableKey: Uint8Array;
withTestSite((opened, itsKey) => {
  [site, variableKey] = [opened, itsKey];
});

const join = {
  step: 'Join',
  type: 'join-domain',
  params: { join: 'domain', domain: 'corp.example', account: { user: 'account:Join' } },
};

/** What an agent that has started again is told to hide. */
async function hiddenNow({ agent }: TestMachine, { runId }: RunGrant): Promise<string[]> {
  const { hidden } = RunGrant.parse((await agent.call('GET', agentPaths.run(runId))).json);
  if (hidden === undefined) return [];
  const finder = new HiddenValueFinder(hidden);
  return [...finder.find('the first, the second and the third password, as they were')].toSorted();
}

it('M39 an agent that starts again is told to hide what was given, also when that was changed since', async () => {
  const account = { id: randomUUID(), name: 'Join', user: 'CORP\\Join', position: 0 };
  const setPassword = async (password: string, isNew = false) =>
    site.app.store.siteAccounts.put(
      { ...account, kind: 'domain-join', password, isNew, nowMs: 1 },
      variableKey,
    );
  await setPassword('the first', true);
  const machine = await site.machine();
  const sequence = await site.store({ name: 'Given', steps: [join, join] });
  const grant = await startRun(machine, await site.deploy(sequence, [machine]));
  expect(grant.hidden).toBeUndefined();
  const ask = async (step: string) =>
    (
      await machine.agent.call('POST', agentPaths.secrets(grant.runId), {
        for: 'step',
        step,
        accounts: ['Join'],
      })
    ).status;

  await sendFacts(machine, grant.runId, [runStarted(grant), stepStarted('0')]);
  expect(await hiddenNow(machine, grant)).toEqual([]);
  expect([await ask('0'), await ask('0')]).toEqual([200, 200]);
  expect(await hiddenNow(machine, grant)).toEqual(['the first']);
  await setPassword('the second');
  expect(await hiddenNow(machine, grant)).toEqual(['the first']);
  expect(await ask('0')).toBe(200);
  await sendFacts(machine, grant.runId, [stepFinished('0'), stepStarted('1')], 3);
  expect(await ask('1')).toBe(200);
  await setPassword('the third');
  expect(await hiddenNow(machine, grant)).toEqual(['the first', 'the second']);

  // Another run was given nothing; another machine is told nothing.
  const other = await site.machine();
  const { status } = await other.agent.call('GET', agentPaths.run(grant.runId));
  expect(status).toBe(403);
  const ofOther = await startRun(other, await site.deploy(sequence, [other]));
  expect(await hiddenNow(other, ofOther)).toEqual([]);

  // What is kept for that goes when the run has ended.
  await site.app.store.retention.sweep(site.clock.nowMs);
  expect(await hiddenNow(machine, grant)).toEqual(['the first', 'the second']);
  const ended = { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' } as const;
  await sendFacts(machine, grant.runId, [stepFinished('1'), ended], 5);
  await site.app.store.retention.sweep(site.clock.nowMs);
  expect(await hiddenNow(machine, grant)).toEqual([]);
});

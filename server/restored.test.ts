import { join } from 'node:path';
import { expect, it } from 'vitest';
import { HiddenValueFinder } from '#agent/protocol/hidden-values.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { makeBackup } from './backup/make-backup.ts';
import { restoreBackup } from './backup/restore.ts';
import { policyOf, sendFacts, startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';
import { openSiteSecret } from './trust/site-secret.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

const document = (name: string) => ({
  name,
  steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
});
const facts = (sha256: string): RunFact[] => [
  {
    kind: 'run-started',
    documentSha256: sha256,
    agentVersion: '1',
    machineKey: 'm',
    variables: [],
    environment: 'linux-pe',
  },
  { kind: 'group-entered', stepId: StepId.parse('0'), name: 'a' },
  { kind: 'group-left', stepId: StepId.parse('0'), name: 'a', succeeded: true },
  { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' },
];

/** Backs the site up, lets `after` happen, and brings the backup back. */
async function restoreAround<Value>(after: () => Promise<Value>): Promise<Value> {
  const file = join(site.directory, 'backup');
  const dataDirectory = join(site.directory, 'data');
  const { nowMs } = site.clock;
  await makeBackup({ dataDirectory, file, nowMs });
  const value = await after();
  await site.restart(async () => {
    await restoreBackup({ file, dataDirectory, replace: true, nowMs });
  });
  return value;
}

it('M56 an older backup meets a run that is ahead of it, and one that it never knew: none is lost or doubled', async () => {
  const [ahead, fresh, later] = [await site.machine(), await site.machine(), await site.machine()];
  const sequence = await site.store(document('Restored'));
  const deployment = await site.deploy(sequence, [ahead, fresh, later]);
  const known = await startRun(ahead, deployment);
  await sendFacts(ahead, known.runId, facts(known.documentSha256).slice(0, 1));

  const { run, restarted } = await restoreAround(async () => {
    await sendFacts(ahead, known.runId, facts(known.documentSha256).slice(1, 3), 2);
    const started = await startRun(fresh, deployment);
    await sendFacts(fresh, started.runId, facts(started.documentSha256).slice(0, 3));
    return { run: started, restarted: await startRun(later, deployment) };
  });
  // Ahead: it is answered what the server has, and sends from there on.
  ahead.agent.moveTo(site.app.addresses.agents);
  const all = facts(known.documentSha256);
  expect((await sendFacts(ahead, known.runId, all.slice(3), 4)).json).toEqual({ have: 1 });
  expect((await sendFacts(ahead, known.runId, all.slice(1), 2)).json).toEqual({ have: 4 });

  // Granted after the backup: the run is not known, and taken in by what the grant said of it.
  fresh.agent.moveTo(site.app.addresses.agents);
  const token = await fresh.agent.register({ runId: run.runId, resumeToken: run.resumeToken });
  expect(token.resumeKnown).toBe(false);
  expect((await sendFacts(fresh, run.runId, all.slice(3), 4)).json).toMatchObject({
    code: 'run.not-found',
  });
  const recover = (body: object, who = fresh) =>
    who.agent.call('POST', agentPaths.recover(run.runId), body);
  const { recovery = '', documentJson } = run;
  const [body = '', sum = ''] = recovery.split('.');
  const forged = Buffer.from(body, 'base64url').toString().replace('required', 'available');
  expect(
    (await recover({ recovery: `${Buffer.from(forged).toString('base64url')}.${sum}` })).json,
  ).toMatchObject({ code: 'run.recovery' });
  expect((await recover({ recovery, documentJson }, ahead)).json).toMatchObject({
    code: 'run.key',
  });
  expect((await recover({ recovery, documentJson })).json).toEqual({ have: 0 });
  expect((await recover({ recovery, documentJson })).json).toEqual({ have: 0 });
  const own = facts(run.documentSha256);
  expect((await sendFacts(fresh, run.runId, own.slice(3), 4)).json).toEqual({ have: 0 });
  expect((await sendFacts(fresh, run.runId, own)).json).toEqual({ have: 4 });
  const ended = await site.app.store.runs.get(run.runId);
  expect(ended).toMatchObject({ state: 'succeeded', have: 4, sequenceName: 'Restored' });
  expect(await site.app.store.runs.ofDevice(fresh.device)).toHaveLength(1);

  // Restarted meanwhile: only its journal is left, and the same document is made again.
  later.agent.moveTo(site.app.addresses.agents);
  later.agent.reboot();
  await later.agent.register({ runId: restarted.runId, resumeToken: restarted.resumeToken });
  const taken = await later.agent.call('POST', agentPaths.recover(restarted.runId), {
    recovery: restarted.recovery,
  });
  expect(taken.json).toEqual({ have: 0 });
  expect(await policyOf(later)).toEqual({ kind: 'resume', runId: restarted.runId });
  const again = RunGrant.parse(
    (await later.agent.call('GET', agentPaths.run(restarted.runId))).json,
  );
  expect(again.documentSha256).toBe(restarted.documentSha256);
  expect(again.documentJson).toBe(restarted.documentJson);
}, 60_000);

it('says so when the backup has not what the run needs', async () => {
  const machine = await site.machine();
  const grant = await restoreAround(async () => {
    const sequence = await site.store(document('Unknown later'));
    return await startRun(machine, await site.deploy(sequence, [machine]));
  });
  machine.agent.moveTo(site.app.addresses.agents);
  machine.agent.reboot();
  await machine.agent.register({ runId: grant.runId, resumeToken: grant.resumeToken });
  const { recovery, documentJson } = grant;
  const ask = (body: object) => machine.agent.call('POST', agentPaths.recover(grant.runId), body);
  expect(await ask({ recovery })).toMatchObject({ status: 409, json: { code: 'run.lost' } });
  // A machine that was not restarted still has the document.
  expect(await ask({ recovery, documentJson })).toMatchObject({ status: 200, json: { have: 0 } });
}, 60_000);

it('M11 M56 a run that the backup does not know is given its secret variables as they are now', async () => {
  const machine = await site.machine();
  const { variableKey } = await openSiteSecret(join(site.directory, 'data'));
  const owner = { kind: 'device', id: machine.device } as const;
  const wish = { name: 'JoinPassword', value: 'correct-horse', secret: true };
  await site.app.store.variables.set(owner, wish, variableKey);
  const sequence = await site.store(document('Secret later'));
  const deployment = await site.deploy(sequence, [machine]);
  const grant = await restoreAround(async () => await startRun(machine, deployment));
  machine.agent.moveTo(site.app.addresses.agents);
  const { runId, recovery, documentJson, resumeToken } = grant;
  await machine.agent.register({ runId, resumeToken });
  const recovered = { recovery, documentJson };
  await machine.agent.call('POST', agentPaths.recover(runId), recovered);
  const [started] = facts(grant.documentSha256);
  const begun: RunFact = {
    kind: 'step-started',
    stepId: StepId.parse('0'),
    name: 'Say',
    attempt: 1,
  };
  if (started === undefined) throw new Error('no first fact');
  expect((await sendFacts(machine, runId, [started, begun])).json).toEqual({ have: 2 });
  const ask = { for: 'step', step: '0', variables: ['JoinPassword'] };
  expect((await machine.agent.call('POST', agentPaths.secrets(runId), ask)).json).toMatchObject({
    variables: [{ name: 'JoinPassword', value: 'correct-horse' }],
  });
  // What it had been given before is not known: it hides all that it may have been.
  const again = RunGrant.parse((await machine.agent.call('GET', agentPaths.run(runId))).json);
  const finder = again.hidden === undefined ? undefined : new HiddenValueFinder(again.hidden);
  expect([...(finder?.find('a correct-horse') ?? [])]).toEqual(['correct-horse']);
}, 60_000);

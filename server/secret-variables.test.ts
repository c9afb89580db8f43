import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DeploymentId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import type { RunGrant } from '#agent/protocol/policy.ts';
import { type RunFact, StepId, type VariableChange } from '#agent/protocol/run-event.ts';
import type { VariableOwner } from './store/variables.ts';
import { askRun, sendFacts, startRun, type TestMachine, type TestSite } from './test-machines.ts';
import { runStarted, stepFinished, stepStarted } from './testing/run-facts.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
let key: Uint8Array;
withTestSite((opened, itsKey) => {
  [site, key] = [opened, itsKey];
});

const set = (owner: VariableOwner, name: string, value: string, secret = true) =>
  site.app.store.variables.set(owner, { name, value, secret }, key);
const join = {
  step: 'Join',
  type: 'run-command',
  params: { commandLine: 'join --password %JoinPassword%' },
  condition: { kind: 'variable', variable: 'Ring', operator: 'equals', value: 'canary' },
};
const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } };

/** A machine with secret variables of its own and of a collection, and what it was granted. */
async function granted(
  more: Readonly<Record<string, string>> = {},
  steps: readonly object[] = [say, join],
) {
  const machine = await site.machine();
  const owner = { kind: 'device', id: machine.device } as const;
  await set(owner, 'JoinPassword', `password of ${machine.device}`);
  await set(
    { kind: 'collection', id: await site.collection(`C ${randomUUID()}`, [machine]) },
    'Ring',
    'canary',
  );
  await set(owner, 'Plain', 'seen', false);
  for (const [name, value] of Object.entries(more)) await set(owner, name, value);
  const sequence = await site.store({ name: `Secrets ${randomUUID()}`, steps });
  const deployment = await site.deploy(sequence, [machine]);
  const grant = await startRun(machine, deployment);
  return { machine, deployment, grant, password: `password of ${machine.device}` };
}

const answered = (stepId: string): RunFact => ({
  kind: 'condition-answered',
  stepId: StepId.parse(stepId),
  verdict: true,
  detail: 'yes',
});
const ask = async ({ agent }: TestMachine, { runId }: RunGrant, body: object) =>
  (await agent.call('POST', agentPaths.secrets(runId), body)).json;
const forStep = (step: string, ...variables: string[]) => ({ for: 'step', step, variables });
const forCondition = (step: string, ...variables: string[]) => ({
  for: 'condition',
  step,
  variables,
});
const releases = async (runId: string) =>
  (await site.app.store.audit.list(100, { action: 'secret.release' })).filter(
    ({ detail }) => (detail as { run?: string }).run === runId,
  );

describe('M11 M39 secret variables are given step by step', () => {
  it('to the granted key, while a step runs, again if asked, and never after', async () => {
    const { machine, grant, password } = await granted();
    const names = (secret: boolean) => grant.variables.filter((one) => one.secret === secret);
    expect(names(true)).toEqual(
      ['Ring', 'JoinPassword'].map((name) => ({ name, value: '', secret: true, withheld: true })),
    );
    expect(names(false)).toMatchObject([{ name: 'Plain', value: 'seen' }]);
    const early = forStep('1', 'JoinPassword');
    expect((await ask(machine, grant, early))['code']).toBe('secret.step');
    await sendFacts(machine, grant.runId, [
      runStarted(grant, grant),
      stepStarted('0'),
      stepFinished('0'),
      answered('1'),
      stepStarted('1'),
    ]);
    for (let times = 0; times < 3; times++)
      expect(await ask(machine, grant, forStep('1', 'joinPASSWORD'))).toEqual({
        accounts: [],
        variables: [{ name: 'JoinPassword', value: password }],
        packages: [],
      });
    expect((await ask(machine, grant, forStep('0', 'JoinPassword')))['code']).toBe('secret.step');
    expect((await ask(machine, grant, forStep('1', 'Plain')))['code']).toBe('secret.variable');
    expect((await ask(machine, grant, forStep('1', 'None')))['code']).toBe('secret.variable');
    const other = await site.machine();
    expect((await ask(other, grant, forStep('1', 'JoinPassword')))['code']).toBe('run.key');
    await sendFacts(machine, grant.runId, [stepFinished('1')], 6);
    expect((await ask(machine, grant, forStep('1', 'JoinPassword')))['code']).toBe('secret.step');
    const told = await releases(grant.runId);
    expect(told.map(({ detail }) => detail)).toMatchObject([
      { for: 'step 1', variables: ['JoinPassword'] },
    ]);
    expect(JSON.stringify(told)).not.toContain(password);
  });

  it('to a condition that names them, until it is answered', async () => {
    const { machine, grant } = await granted();
    await sendFacts(machine, grant.runId, [
      runStarted(grant, grant),
      stepStarted('0'),
      stepFinished('0'),
    ]);
    const ring = { accounts: [], variables: [{ name: 'Ring', value: 'canary' }], packages: [] };
    expect(await ask(machine, grant, forCondition('1', 'ring'))).toEqual(ring);
    expect((await ask(machine, grant, forCondition('1', 'JoinPassword')))['code']).toBe(
      'secret.variable',
    );
    expect((await ask(machine, grant, forCondition('7', 'Ring')))['code']).toBe('secret.step');
    await sendFacts(machine, grant.runId, [answered('1')], 4);
    expect((await ask(machine, grant, forCondition('1', 'Ring')))['code']).toBe('secret.step');
    expect(await releases(grant.runId)).toMatchObject([
      { detail: { for: 'condition 1', variables: ['Ring'] } },
    ]);
  });

  it('as they were when the run was granted', async () => {
    const { machine, grant, password } = await granted();
    await set({ kind: 'device', id: machine.device }, 'JoinPassword', 'another');
    await sendFacts(machine, grant.runId, [
      runStarted(grant, grant),
      answered('1'),
      stepStarted('1'),
    ]);
    expect((await ask(machine, grant, forStep('1', 'JoinPassword')))['variables']).toEqual([
      { name: 'JoinPassword', value: password },
    ]);
  });

  it('but for those that steer the run itself, which it is told at once', async () => {
    const more = { SMSTSRebootDelay: '7', SMSTSPostAction: 'later %AtTheEnd%', AtTheEnd: 'bye' };
    const { grant } = await granted(more);
    const told = (name: string): VariableChange | undefined =>
      grant.variables.find((one) => one.name === name);
    expect(told('SMSTSRebootDelay')).toEqual({
      name: 'SMSTSRebootDelay',
      value: '7',
      secret: true,
    });
    expect(told('AtTheEnd')?.value).toBe('bye');
  });

  it('to a machine that is as sure as the deployment asks; a run that needs some is not begun by another', async () => {
    const { machine, grant, deployment } = await granted();
    await sendFacts(machine, grant.runId, [
      runStarted(grant, grant),
      answered('1'),
      stepStarted('1'),
    ]);
    const id = DeploymentId.parse(deployment);
    await site.app.store.siteAccounts.setReleaseLevel(id, 'media-proved');
    expect((await ask(machine, grant, forStep('1', 'JoinPassword')))['code']).toBe('secret.trust');
    await site.app.store.siteAccounts.setReleaseLevel(id, 'claimed');
    expect(await ask(machine, grant, forStep('1', 'JoinPassword'))).toHaveProperty('variables');

    const unsure = await site.machine();
    await set({ kind: 'device', id: unsure.device }, 'JoinPassword', 'secret');
    for (const [steps, refused] of [
      [[say], false],
      [[say, join], true],
    ] as const) {
      const sequence = await site.store({ name: `Unsure ${randomUUID()}`, steps });
      const asked = await site.deploy(sequence, [unsure]);
      await site.app.store.siteAccounts.setReleaseLevel(DeploymentId.parse(asked), 'media-proved');
      const answer = await askRun(unsure, asked);
      expect([answer.status === 200, answer.json['code']]).toEqual(
        refused ? [false, 'secret.trust'] : [true, undefined],
      );
      if (!refused) {
        const given = answer.json as unknown as RunGrant;
        const done: RunFact = { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' };
        await sendFacts(unsure, given.runId, [
          runStarted(given, given),
          stepStarted('0'),
          stepFinished('0'),
          done,
        ]);
      }
    }
  });
});

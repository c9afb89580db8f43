import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { DeploymentId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import type { RunGrant } from '#agent/protocol/policy.ts';
import { accountCases, missingAccounts } from './inventory/account-cases.ts';
import { askRun, sendFacts, startRun, type TestMachine, type TestSite } from './test-machines.ts';
import { runStarted, stepFinished, stepStarted } from './testing/run-facts.ts';
import { withTestSite } from './testing/with-test-site.ts';
import { hash } from './trust/token.ts';

let site: TestSite;
let variableKey: Uint8Array;
withTestSite((opened, itsKey) => {
  [site, variableKey] = [opened, itsKey];
});

async function addAccount(name: string, kind: 'network-access' | 'domain-join' | 'run-as') {
  const wish = { name, kind, user: `CORP\\${name}`, password: `password of ${name}`, position: 0 };
  const id = randomUUID();
  return site.app.store.siteAccounts.put({ id, isNew: true, nowMs: 1, ...wish }, variableKey);
}

const join = (user: string) => ({
  step: 'Join',
  type: 'join-domain',
  params: { join: 'domain', domain: 'corp.example', account: { user } },
});
const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } };

async function granted(steps: readonly object[], machine?: TestMachine) {
  const on = machine ?? (await site.machine());
  const sequence = await site.store({ name: `Accounts ${randomUUID()}`, steps });
  const deployment = await site.deploy(sequence, [on]);
  return { machine: on, deployment, grant: await startRun(on, deployment) };
}

const ask = ({ agent }: TestMachine, grant: RunGrant, step: string, accounts: string[]) =>
  agent.call('POST', agentPaths.secrets(grant.runId), { for: 'step', step, accounts });

describe('an account that a step names', () => {
  it('is given to the granted machine while the step runs, again if asked, and never after', async () => {
    await addAccount('Join', 'domain-join');
    const { machine, grant } = await granted([say, join('account:Join')]);
    expect(grant.documentJson).not.toContain('password of');
    await sendFacts(machine, grant.runId, [runStarted(grant), stepStarted('0'), stepFinished('0')]);
    expect((await ask(machine, grant, '1', ['Join'])).json['code']).toBe('secret.step');
    await sendFacts(machine, grant.runId, [stepStarted('1')], 4);
    for (let times = 0; times < 2; times++)
      expect((await ask(machine, grant, '1', ['join'])).json).toEqual({
        accounts: [{ name: 'Join', user: 'CORP\\Join', password: 'password of Join' }],
        variables: [],
        packages: [],
      });
    expect((await ask(machine, grant, '0', ['Join'])).json['code']).toBe('secret.step');
    const other = await site.machine();
    expect((await ask(other, grant, '1', ['Join'])).json['code']).toBe('run.key');
    await sendFacts(machine, grant.runId, [stepFinished('1')], 5);
    expect((await ask(machine, grant, '1', ['Join'])).json['code']).toBe('secret.step');
    const releases = await site.app.store.audit.list(10, { action: 'secret.release' });
    // However often it asks: one entry for the step and the account.
    expect(releases).toHaveLength(1);
    expect(JSON.stringify(releases)).not.toContain('password of');
  });

  it('is given only where the step of the document names it', async () => {
    await addAccount('Other', 'run-as');
    const { machine, grant } = await granted([join('account:Join')]);
    await sendFacts(machine, grant.runId, [runStarted(grant), stepStarted('0')]);
    expect((await ask(machine, grant, '0', ['Other'])).json['code']).toBe('secret.account');
    expect((await ask(machine, grant, '9/9', ['Join'])).json['code']).toBe('secret.step');
  });

  it('is given to a machine that is as sure as the deployment asks, and no other', async () => {
    const { machine, grant, deployment } = await granted([join('account:Join')]);
    await sendFacts(machine, grant.runId, [runStarted(grant), stepStarted('0')]);
    const id = DeploymentId.parse(deployment);
    await site.app.store.siteAccounts.setReleaseLevel(id, 'media-proved');
    expect((await ask(machine, grant, '0', ['Join'])).json['code']).toBe('secret.trust');
    await site.app.store.siteAccounts.setReleaseLevel(id, 'approved');
    await site.app.store.devices.setState(machine.device, { state: 'waiting' });
    expect((await ask(machine, grant, '0', ['Join'])).json['code']).toBe('secret.trust');
    await site.app.store.siteAccounts.setReleaseLevel(id, 'claimed');
    expect((await ask(machine, grant, '0', ['Join'])).status).toBe(200);
  });
});

describe('M38 the network access account', () => {
  it('reads content in its order, and is given to no step that would run or join with it', async () => {
    const none = await granted([say]);
    const content = ({ agent }: TestMachine, { runId }: RunGrant) =>
      agent.call('POST', agentPaths.secrets(runId), { for: 'content' });
    expect((await content(none.machine, none.grant)).json['code']).toBe('account.content');
    await addAccount('Reader', 'network-access');
    expect((await content(none.machine, none.grant)).json).toEqual({
      accounts: [{ name: 'Reader', user: 'CORP\\Reader', password: 'password of Reader' }],
      variables: [],
      packages: [],
    });
    const runAs = {
      step: 'Run',
      type: 'run-command',
      params: { commandLine: 'whoami', runAs: { user: 'account:Reader' } },
    };
    const share = {
      step: 'Connect',
      type: 'connect-network-folder',
      params: { path: '\\\\files\\share', account: { user: 'account:Reader' } },
    };
    const { machine, grant } = await granted([runAs, share]);
    await sendFacts(machine, grant.runId, [runStarted(grant), stepStarted('0')]);
    expect((await ask(machine, grant, '0', ['Reader'])).json['code']).toBe(
      'account.network-access',
    );
    await sendFacts(machine, grant.runId, [stepFinished('0'), stepStarted('1')], 3);
    expect((await ask(machine, grant, '1', ['Reader'])).status).toBe(200);
  });

  it('is one of ten at most', async () => {
    for (let index = 2; index <= 10; index++) await addAccount(`Reader ${index}`, 'network-access');
    await expect(addAccount('Reader 11', 'network-access')).rejects.toMatchObject({
      code: 'account.too-many',
    });
  });
});

describe('M39 without an account', () => {
  it.each(['winpe', 'linux-pe', 'full-os'] as const)(
    'a machine in %s reaches policy, grant and content by the certificate and token of the site',
    async (environment) => {
      const { machine, grant } = await granted([say]);
      const policy = await machine.agent.call('GET', agentPaths.policy);
      expect(policy.json).toMatchObject({ kind: 'resume', runId: grant.runId });
      await sendFacts(machine, grant.runId, [runStarted(grant, { environment })]);
      const sources = await machine.agent.call('GET', agentPaths.sources(grant.runId));
      expect(sources.status).toBe(200);
      expect(JSON.stringify(grant)).not.toContain('account:');
      const stolen = await machine.agent.call('GET', agentPaths.policy, undefined, {
        token: hash('another'),
      });
      expect(stolen.status).toBe(401);
    },
  );
});

describe('M40 the cases that still need an account', () => {
  it('are named, each with a code while it is missing', () => {
    expect(accountCases.map(({ case: name, code }) => [name, code])).toEqual([
      ["content straight from a distribution point's share", 'account.content-share'],
      ['Apply Operating System Image straight from the distribution point', 'account.content'],
      ['state store when the computer account fails', 'account.state-store'],
      ['another, untrusted domain or forest', 'account.untrusted-domain'],
      ['run another program first', null],
      ['multicast', 'content.multicast'],
    ]);
  });

  it('are found in a document, but in no step that is disabled', () => {
    const store = { type: 'request-state-store', params: { useNetworkAccount: 'TRUE' } };
    const run = { type: 'run-command', params: { runAs: { user: 'account:Runner' } } };
    const steps = [
      { type: 'connect-network-folder', params: { path: '\\\\a\\b' } },
      { steps: [join('account:Nobody'), { ...join('account:Gone'), disabled: true }, store, run] },
    ];
    expect(missingAccounts({ steps }, []).map(({ code, message }) => [code, message])).toEqual([
      ['account.content-share', 'Step 0 connects a share without an account'],
      [
        'account.untrusted-domain',
        'Step 1/0 joins the domain corp.example, which trusts nobody here, with the account Nobody, and the site has none of that name',
      ],
      [
        'account.state-store',
        'Step 1/2 falls back to the network access account, and the site has none',
      ],
      [
        'account.not-found',
        'Step 1/3 works with the account Runner, and the site has none of that name',
      ],
    ]);
    const reader = { name: 'nobody', kind: 'network-access' } as const;
    const runner = { name: 'Runner', kind: 'run-as' } as const;
    expect(missingAccounts({ steps }, [reader, runner]).map(({ code }) => code)).toEqual([
      'account.content-share',
    ]);
  });

  it('refuse the run before anything is done', async () => {
    const machine = await site.machine();
    const sequence = await site.store({ name: 'Lacking', steps: [join('account:Nobody')] });
    const refused = await askRun(machine, await site.deploy(sequence, [machine]));
    expect(refused.json['code']).toBe('account.untrusted-domain');
    // The share alone refuses no run, and is told when the document is checked.
    const share = { step: 'S', type: 'connect-network-folder', params: { path: '\\\\a\\b' } };
    const documentJson = JSON.stringify({ name: 'Share', steps: [share] });
    const { warnings } = await site.app.store.sequences.check({ name: 'Share', documentJson });
    expect(warnings).toMatchObject([{ code: 'account.content-share' }]);
  });

  it('multicast is refused by its code', async () => {
    const { readFile } = await import('node:fs/promises');
    const token = (await readFile(site.app.tokenFile, 'utf8')).trim();
    const { request, Agent } = await import('undici');
    const answer = await request(`${site.app.addresses.console}/api/v1/deployments`, {
      method: 'POST',
      dispatcher: new Agent({ connect: { rejectUnauthorized: false } }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        sequence: 'x',
        collection: 'y',
        purpose: 'required',
        multicast: true,
      }),
    });
    expect(await answer.body.json()).toMatchObject({ status: 400, code: 'content.multicast' });
  });
});

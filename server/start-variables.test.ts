import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { openSqlite } from './store/sqlite.ts';
import {
  askRun,
  policyOf,
  sendFacts,
  startRun,
  type TestMachine,
  type TestSite,
} from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';
import { openSiteSecret } from './trust/site-secret.ts';

let site: TestSite;
let key: Uint8Array;
withTestSite((opened) => {
  site = opened;
});
const dataDirectory = () => join(site.directory, 'data');
beforeEach(async () => {
  key = (await openSiteSecret(dataDirectory())).variableKey;
});

const joinStep = {
  step: 'Join',
  type: 'run-command',
  params: { commandLine: 'join --domain %OSDJoinDomainName%' },
};
const set = (
  owner: Parameters<TestSite['app']['store']['variables']['set']>[0],
  name: string,
  value: string,
  secret?: boolean,
) => site.app.store.variables.set(owner, { name, value, secret }, key);
/** Gives a device so many at once: each that is set alone is looked at with all that are there. */
async function fill(device: string, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `V${index}`);
  const rows = names.map((name) => ({ name, name_key: name.toLowerCase(), value: 'x', secret: 0 }));
  const file = openSqlite(join(dataDirectory(), 'metalwright.sqlite'));
  await file.db
    .insertInto('variables')
    .values(rows.map((row) => ({ owner_kind: 'device', owner_id: device, ...row })))
    .execute();
  file.close();
}
const ofDevice = ({ device }: TestMachine) => ({ kind: 'device', id: device }) as const;

describe('M12 variables per collection and per device', () => {
  it('one sequence with a join step, two collections, two domain names', async () => {
    const sequence = await site.store({ name: 'Join a domain', steps: [joinStep] });
    const [one, two] = [await site.machine(), await site.machine()];
    const north = await site.collection('North', [one]);
    const south = await site.collection('South', [two]);
    await set({ kind: 'collection', id: north }, 'OSDJoinDomainName', 'north.example');
    await set({ kind: 'collection', id: south }, 'OSDJoinDomainName', 'south.example');
    const deployment = await site.deploy(sequence, [one, two]);
    const grants = [await startRun(one, deployment), await startRun(two, deployment)];
    expect(grants.map(({ variables }) => variables)).toEqual([
      [{ name: 'OSDJoinDomainName', value: 'north.example', secret: false }],
      [{ name: 'OSDJoinDomainName', value: 'south.example', secret: false }],
    ]);
    expect(grants[0]?.documentJson).toBe(grants[1]?.documentJson);
  });

  it('two collections by queries over the inventory, one sequence, two domain names', async () => {
    const sequence = await site.store({ name: 'Join by query', steps: [joinStep] });
    const [one, two] = [await site.machine(), await site.machine()];
    const { collections, devices } = site.app.store;
    for (const [machine, place] of [
      [one, 'east'],
      [two, 'west'],
    ] as const) {
      await set(ofDevice(machine), 'Place', place);
      const rule = { kind: 'query', name: place, query: `variable.Place = "${place}"` } as const;
      const made = await collections.create({ name: place, rules: [rule] }, site.clock.nowMs);
      await set({ kind: 'collection', id: made.id }, 'OSDJoinDomainName', `${place}.example`);
    }
    const deployment = await site.deploy(sequence, [one, two]);
    for (const [machine, domain] of [
      [one, 'east.example'],
      [two, 'west.example'],
    ] as const) {
      const { variables } = await startRun(machine, deployment);
      expect(variables.find(({ name }) => name === 'OSDJoinDomainName')?.value).toBe(domain);
      expect((await devices.get(machine.device))?.state).toBe('known');
    }
  });

  it('the higher precedence wins, and the device over all its collections', async () => {
    const sequence = await site.store({ name: 'Precedence', steps: [joinStep] });
    const machine = await site.machine();
    const [low, high] = [
      await site.collection('Low', [machine]),
      await site.collection('High', [machine]),
    ];
    const { collections } = site.app.store;
    await collections.setPrecedence(low, 7);
    expect((await collections.list()).find(({ id }) => id === high)?.precedence).toBe(1);
    await set({ kind: 'collection', id: low }, 'Both', 'of seven');
    await set({ kind: 'collection', id: high }, 'BOTH', 'of one');
    await set({ kind: 'collection', id: low }, 'Own', 'of the collection');
    await set(ofDevice(machine), 'own', 'of the device');
    await set({ kind: 'collection', id: low }, 'Gone', 'of the collection');
    await set(ofDevice(machine), 'Gone', '');
    const { variables } = await startRun(machine, await site.deploy(sequence, [machine]));
    const values = Object.fromEntries(
      variables.map(({ name, value }) => [name.toLowerCase(), value]),
    );
    expect(values).toEqual({ both: 'of seven', own: 'of the device' });
  });

  it('M11 refuses names and values that no variable has, and more than 1,000', async () => {
    const machine = await site.machine();
    const owner = ofDevice(machine);
    for (const name of ['_SMSTSPackageID', '1st', 'with blank', '', 'x'.repeat(257)])
      await expect(set(owner, name, 'x'), name).rejects.toMatchObject({ code: 'variable.name' });
    await expect(set(owner, 'Long', 'x'.repeat(4001))).rejects.toMatchObject({
      code: 'variable.too-long',
      message: expect.not.stringContaining('xxx'),
    });
    await fill(owner.id, 998);
    await set(owner, 'V998', 'x');
    await set(owner, 'V999', 'x');
    await expect(set(owner, 'OneMore', 'x')).rejects.toMatchObject({ code: 'variable.too-many' });
    await set(owner, 'v0', 'changed');
    await site.app.store.variables.remove(owner, 'V1');
    await set(owner, 'OneMore', 'x');
    expect(await site.app.store.variables.list(owner)).toHaveLength(1000);
  });
});

/** Everything the database is made of, as bytes. */
async function databaseText(): Promise<string> {
  const files = (await readdir(dataDirectory())).filter((name) => name.includes('.sqlite'));
  expect(files).toContain('metalwright.sqlite');
  const all = await Promise.all(files.map((name) => readFile(join(dataDirectory(), name))));
  return Buffer.concat(all).toString('latin1');
}

describe('M12 secret variables', () => {
  const SECRET = 'correct-horse-battery-staple';

  it('are not told with the grant, and stand in no file of the database, not even with the run', async () => {
    const sequence = await site.store({ name: 'Secret', steps: [joinStep] });
    const machine = await site.machine();
    const collection = await site.collection('Secrets', [machine]);
    await set({ kind: 'collection', id: collection }, 'JoinPassword', SECRET, true);
    await set({ kind: 'collection', id: collection }, 'Plain', 'findable-in-the-file');
    // By its name alone it is one, and secret it stays.
    await set(ofDevice(machine), 'OSDLocalAdminPassword', SECRET);
    expect(await site.app.store.variables.list(ofDevice(machine))).toEqual([
      { name: 'OSDLocalAdminPassword', value: '', secret: true },
    ]);
    await set(ofDevice(machine), 'WasSecret', 'old', true);
    await set(ofDevice(machine), 'WasSecret', `new-${SECRET}`, false);
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    const secrets = grant.variables.filter(({ secret }) => secret);
    expect(secrets).toEqual(
      ['JoinPassword', 'OSDLocalAdminPassword', 'WasSecret'].map((name) => ({
        name,
        value: '',
        secret: true,
        withheld: true,
      })),
    );
    const again = await machine.agent.call('GET', agentPaths.run(grant.runId));
    expect(again.json['variables']).toEqual(grant.variables);
    const before = await databaseText();
    expect(before).toContain('findable-in-the-file');
    expect(before).not.toContain(SECRET);
    await site.restart();
    expect(await databaseText()).not.toContain(SECRET);
  });

  it('do not open in a database that was copied without the key file', async () => {
    const sequence = await site.store({ name: 'Copied', steps: [joinStep] });
    const machine = await site.machine();
    await set(ofDevice(machine), 'JoinPassword', SECRET, true);
    const deployment = await site.deploy(sequence, [machine]);
    const file = join(dataDirectory(), 'site-secret');
    await rm(file);
    await site.restart();
    const same = { agent: site.agent(await identityOf(machine)), device: machine.device };
    await same.agent.register();
    const refused = await askRun(same, deployment);
    expect(refused).toMatchObject({ status: 500, json: { code: 'variable.sealed' } });
    expect(refused.text).not.toContain(SECRET);
  });
});

async function identityOf({ device }: TestMachine) {
  const found = await site.app.store.devices.get(device);
  return {
    smbiosGuid: found?.smbiosGuid ?? null,
    macAddresses: [...(found?.macAddresses ?? [])],
    serialNumber: found?.serialNumber ?? null,
  };
}

describe('M12 M56 a run that holds secrets is not handed to a new key by itself', () => {
  const finished = (secret: boolean): RunFact => ({
    kind: 'step-finished',
    stepId: StepId.parse('0'),
    name: 'Ask',
    attempt: 1,
    code: 0,
    succeeded: true,
    variables: [{ name: 'Answer', value: 'sealed:1:xxxx', secret }],
    durationMs: 1,
  });

  async function rebooted(document: Record<string, unknown>, facts: readonly RunFact[]) {
    const sequence = await site.store(document);
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    if (facts.length > 0) await sendFacts(machine, grant.runId, facts);
    machine.agent.reboot();
    site.clock.nowMs += 1000;
    await machine.agent.register();
    return { machine, runId: grant.runId, runKey: grant.runKey };
  }
  const isAsked = async (machine: TestMachine, runId: RunId, runKey: string) => {
    expect(await policyOf(machine)).toMatchObject({ kind: 'wait', code: 'run.takeover' });
    for (const path of [agentPaths.run(runId), agentPaths.events(runId)]) {
      const answer = await machine.agent.call('GET', path);
      expect([answer.status, answer.json['code']]).toEqual([403, 'run.key']);
      expect(answer.text).not.toContain(runKey);
    }
    // Once an operator says so, it is: the key opens what lies in the events.
    expect(await site.app.store.runs.approveTakeover(machine.device)).toBe(true);
    expect(await policyOf(machine)).toEqual({ kind: 'resume', runId });
    const given = await machine.agent.call('GET', agentPaths.run(runId));
    expect(given.json).toMatchObject({ runKey });
  };

  it('when a step has set a secret variable', async () => {
    const document = { name: 'Sets a secret', steps: [joinStep] };
    const { machine, runId, runKey } = await rebooted(document, [finished(true)]);
    await isAsked(machine, runId, runKey);
  });

  it('when a password stands in its document', async () => {
    const params = { name: 'OSDJoinPassword', value: 'in-the-clear' };
    const document = { name: 'Has one', steps: [{ step: 'S', type: 'set-variable', params }] };
    const { machine, runId, runKey } = await rebooted(document, []);
    await isAsked(machine, runId, runKey);
  });

  it('but one without secrets goes on with nobody asked', async () => {
    const document = { name: 'No secret', steps: [joinStep] };
    const { machine, runId } = await rebooted(document, [finished(false)]);
    expect(await policyOf(machine)).toEqual({ kind: 'resume', runId });
  });
});

describe('M12 a variable that is empty where it is set', () => {
  it('is asked for at the machine where somebody chooses, and nobody is asked for what starts by itself', async () => {
    const sequence = await site.store({ name: 'Ask', steps: [joinStep] });
    const machine = await site.machine();
    const collection = await site.collection('Asks', [machine]);
    await set({ kind: 'collection', id: collection }, 'OSDJoinDomainName', '');
    await set({ kind: 'collection', id: collection }, 'Pin', '', true);
    await set({ kind: 'collection', id: collection }, 'Site', '');
    await set(ofDevice(machine), 'Site', 'Vienna');
    const deployment = await site.deploy(sequence, [machine], 'available');
    expect(await policyOf(machine)).toMatchObject({
      start: null,
      asks: [
        { name: 'OSDJoinDomainName', secret: false },
        { name: 'Pin', secret: true },
      ],
    });
    const start = (variables: object[]) =>
      machine.agent.call('POST', agentPaths.runs, {
        runId: randomUUID(),
        deploymentId: deployment,
        variables,
      });
    expect(await start([{ name: 'Site', value: 'Linz' }])).toMatchObject({
      status: 400,
      json: { code: 'run.not-asked' },
    });
    const { json, status } = await start([
      { name: 'osdjoindomainname', value: 'typed.example' },
      { name: 'Pin', value: 'geheim-4711' },
    ]);
    expect([status, RunGrant.parse(json).variables]).toEqual([
      200,
      [
        { name: 'Site', value: 'Vienna', secret: false },
        { name: 'OSDJoinDomainName', value: 'typed.example', secret: false },
        { name: 'Pin', value: '', secret: true, withheld: true },
      ],
    ]);
    const { runId, documentSha256, variables } = RunGrant.parse(json);
    const environment = 'linux-pe' as const;
    const versions = { agentVersion: '1', machineKey: 'm' };
    const stepId = StepId.parse('0');
    await sendFacts(machine, runId, [
      { kind: 'run-started', documentSha256, variables, environment, ...versions },
      { kind: 'step-started', stepId, name: 'Join', attempt: 1 },
    ]);
    const asked = { for: 'step', step: '0', accounts: [], variables: ['Pin'] };
    const released = await machine.agent.call('POST', agentPaths.secrets(runId), asked);
    expect(released.json).toMatchObject({ variables: [{ name: 'Pin', value: 'geheim-4711' }] });
    for (const name of await readdir(dataDirectory()))
      if (name.startsWith('metalwright.sqlite'))
        expect((await readFile(join(dataDirectory(), name))).includes('geheim-4711')).toBe(false);

    const alone = await site.machine();
    const other = await site.collection('Asks nobody', [alone]);
    await set({ kind: 'collection', id: other }, 'Site', '');
    await site.deploy(sequence, [alone], 'required');
    const policy = await policyOf(alone);
    expect(policy).toMatchObject({ kind: 'offers', start: expect.any(String) });
    expect(policy).not.toHaveProperty('asks');
  });
});

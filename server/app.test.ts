import { randomUUID } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  DeviceId,
  MacAddress,
  MachineIdentity,
  RunId,
  SequenceId,
  SmbiosGuid,
} from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { Policy, RunGrant } from '#agent/protocol/policy.ts';
import { RunEvent, type RunFact, type VariableChange } from '#agent/protocol/run-event.ts';
import { openApiClient } from './cli/api-client.ts';
import { SITE_CA_FILE } from './cli/client-command.ts';
import { DeviceSplit } from './http/api-device-conflicts.ts';
import type { TestAgent } from './http/routes/agent/test-agent.ts';
import { ALL_UNKNOWN_COMPUTERS } from './inventory/collection.ts';
import { newDevice } from './inventory/device.ts';
import { openTestApp, type TestApp } from './test-app.ts';
import { openSiteSecret } from './trust/site-secret.ts';

let site: TestApp;
let sequence: SequenceId;
let variableKey: Uint8Array;
let lastMac = 0;

beforeAll(async () => {
  site = await openTestApp();
  ({ variableKey } = await openSiteSecret(join(site.directory, 'data')));
  const document = {
    name: 'Bench',
    steps: [
      { step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } },
      {
        step: 'OS',
        type: 'apply-image',
        params: { image: { name: 'debian' }, destination: 'next-available' },
      },
    ],
  };
  await site.app.store.packages.add(
    { name: 'Debian', kind: 'os-image', objects: [], images: [] },
    site.clock.nowMs,
  );
  const added = await site.app.store.sequences.add(
    {
      name: document.name,
      description: 'for tests',
      documentJson: JSON.stringify(document),
      source: { text: JSON.stringify(document), format: 'json' },
    },
    site.clock.nowMs,
  );
  sequence = added.id;
});
afterAll(() => site[Symbol.asyncDispose]());

/** An agent on a machine of its own. */
function newMachine(): TestAgent {
  lastMac += 1;
  const tail = lastMac.toString(16).padStart(2, '0');
  return site.agent({
    macAddresses: [MacAddress.parse(`02:00:00:00:00:${tail}`)],
    smbiosGuid: SmbiosGuid.parse(`11111111-2222-3333-4444-5555555555${tail}`),
    serialNumber: `SERIAL-${tail}`,
  });
}

async function deployTo(purpose: 'available' | 'required', devices: readonly DeviceId[]) {
  const { store } = site.app;
  const { nowMs } = site.clock;
  const collection = await store.collections.create({ name: `Bench ${randomUUID()}` }, nowMs);
  await store.collections.changeMembers(collection.id, { add: devices, remove: [] });
  return store.deployments.create(
    { sequenceId: sequence, collectionId: collection.id, purpose, scope: null },
    nowMs,
  );
}
/** A machine that is known, with a required deployment and a granted run. */
async function startedRun(variables: readonly VariableChange[] = []) {
  const agent = newMachine();
  const { deviceId } = await agent.register();
  const device = DeviceId.parse(deviceId);
  for (const variable of variables)
    await site.app.store.variables.set({ kind: 'device', id: device }, variable, variableKey);
  await site.app.store.devices.setState(device, { state: 'known', name: 'PC-1' });
  const deployment = await deployTo('required', [device]);
  const runId = RunId.parse(randomUUID());
  const asked = { runId, deploymentId: deployment.id };
  const answer = await agent.call('POST', agentPaths.runs, asked);
  expect(answer.text).toContain(runId);
  return { agent, device, deployment, runId, grant: RunGrant.parse(answer.json) };
}
function event(runId: RunId, seq: number, fact: RunFact): RunEvent {
  return RunEvent.parse({ runId, seq, atMs: seq * 1000, fact });
}
const started: RunFact = {
  kind: 'run-started',
  documentSha256: 'x',
  agentVersion: '0.1.0',
  machineKey: 'k',
  variables: [],
  environment: 'linux-pe',
};
const finished: RunFact = { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' };
const policyOf = async (agent: TestAgent) =>
  Policy.parse((await agent.call('GET', agentPaths.policy)).json);

it('M17 M54 an unknown machine waits until an operator approves it, then is deployed to', async () => {
  const agent = newMachine();
  const { deviceId } = await agent.register();
  expect(await policyOf(agent)).toMatchObject({ kind: 'wait', code: 'device.waiting' });
  const { store } = site.app;
  const device = DeviceId.parse(deviceId);
  expect(await store.devices.get(device)).toMatchObject({
    state: 'waiting',
    manufacturer: 'Acme',
    unclaimedDevices: ['8086:15f3 (020000)'],
  });
  await store.devices.setState(device, { state: 'approved', name: 'NEW-1' });
  expect(await policyOf(agent)).toMatchObject({ kind: 'none', code: 'policy.nothing-deployed' });
  const scope = { subnets: ['127.0.0.0/8'], endsMs: site.clock.nowMs + 1000, perHour: 1 };
  const made = await store.deployments.create(
    { sequenceId: sequence, collectionId: ALL_UNKNOWN_COMPUTERS, purpose: 'required', scope },
    site.clock.nowMs,
  );
  expect(await policyOf(agent)).toMatchObject({ kind: 'offers', start: made.id });

  const runId = RunId.parse(randomUUID());
  const asked = { runId, deploymentId: made.id };
  expect((await agent.call('POST', agentPaths.runs, asked)).status).toBe(200);
  const whole = { events: [event(runId, 1, started), event(runId, 2, finished)] };
  expect((await agent.call('POST', agentPaths.events(runId), whole)).json).toEqual({ have: 2 });
  expect((await store.devices.get(device))?.state).toBe('known');
  expect(await policyOf(agent)).toMatchObject({ kind: 'none', code: 'policy.nothing-deployed' });

  const second = newMachine();
  const other = DeviceId.parse((await second.register()).deviceId);
  await store.devices.setState(other, { state: 'approved' });
  expect(await policyOf(second)).toMatchObject({ kind: 'wait', code: 'deployment.cap' });
  const refused = await second.call('POST', agentPaths.runs, {
    runId: randomUUID(),
    deploymentId: made.id,
  });
  expect(refused).toMatchObject({ status: 400, json: { code: 'deployment.cap' } });
  await store.deployments.withdraw(made.id, site.clock.nowMs);
});

it('M12 M17 the record of a machine whose run failed hides nothing from it that unknown ones get', async () => {
  const { store } = site.app;
  const { nowMs } = site.clock;
  const scope = { subnets: ['127.0.0.0/8'], endsMs: nowMs + 1000, perHour: 5 };
  const wish = { sequenceId: sequence, collectionId: ALL_UNKNOWN_COMPUTERS, scope };
  const made = await store.deployments.create({ ...wish, purpose: 'required' }, nowMs);
  const agent = newMachine();
  const device = DeviceId.parse((await agent.register()).deviceId);
  await store.devices.setState(device, { state: 'approved' });
  const { name } = (await store.devices.get(device)) ?? { name: '' };
  expect(name).toMatch(/^MW-[0-9A-F]{12}$/);
  const pxe = async () => (await store.netboot.some([device], nowMs)).devices[0]?.target.action;
  expect(await pxe()).toMatchObject({ kind: 'boot', offer: { deploymentId: made.id } });

  const runId = RunId.parse(randomUUID());
  await agent.call('POST', agentPaths.runs, { runId, deploymentId: made.id });
  const failed: RunFact = { kind: 'run-finished', succeeded: false, code: 1, next: 'pe' };
  const whole = { events: [event(runId, 1, started), event(runId, 2, failed)] };
  await agent.call('POST', agentPaths.events(runId), whole);
  await agent.register();
  expect(await store.devices.get(device)).toMatchObject({ name, state: 'approved' });
  expect(await store.memberships.ofDevice({ id: device, state: 'approved' })).toContain(
    ALL_UNKNOWN_COMPUTERS,
  );
  // The one that has run: not by itself again.
  expect(await policyOf(agent)).toMatchObject({ kind: 'none' });

  const document = {
    name: 'Next',
    steps: [{ step: 'Say', type: 'run-command', params: { commandLine: 'true' } }],
  };
  const text = JSON.stringify(document);
  const source = { text, format: 'json' } as const;
  const told = { name: document.name, description: '', documentJson: text, source };
  const other = await store.sequences.add(told, nowMs);
  const next = await store.deployments.create(
    { ...wish, sequenceId: other.id, purpose: 'required' },
    nowMs,
  );
  expect(await policyOf(agent)).toMatchObject({ kind: 'offers', start: next.id });
  expect(await pxe()).toMatchObject({ kind: 'boot', offer: { deploymentId: next.id } });
  await store.deployments.withdraw(next.id, nowMs);
  expect(await store.deployments.clear(device, nowMs)).toBe(1);
  expect(await policyOf(agent)).toMatchObject({ kind: 'offers', start: made.id });
  expect(await pxe()).toMatchObject({ kind: 'boot', offer: { deploymentId: made.id } });
  await store.deployments.withdraw(made.id, nowMs);
});

it('M34 M56 a grant pins the newest content and is answered the same when asked for again', async () => {
  const { agent, runId, grant, deployment } = await startedRun();
  expect(JSON.parse(grant.documentJson)).toMatchObject({
    steps: [{}, { params: { image: { id: expect.stringMatching(/^MW1/) } } }],
  });
  const [content] = Object.values(grant.content);
  expect(content).toMatchObject({ kind: 'found', sources: [site.app.addresses.boot] });
  const again = await agent.call('POST', agentPaths.runs, {
    runId,
    deploymentId: deployment.id,
  });
  expect(again.json).toEqual(grant);
  expect((await agent.call('GET', agentPaths.run(runId))).json).toEqual(grant);
});

it('M52 a machine is told where its content is now, and tells where it could not have it', async () => {
  const { agent, runId, grant } = await startedRun();
  const [id = ''] = Object.keys(grant.content);
  const own = site.app.addresses.boot;
  expect((await agent.call('GET', agentPaths.sources(runId))).json).toEqual({
    sources: { [id]: [own] },
  });
  const sha256 = 'a'.repeat(64);
  const bad = { source: own, sha256, kind: 'damaged', detail: 'chunk 0' };
  expect((await agent.call('POST', agentPaths.badSource(runId), bad)).status).toBe(204);
  const { pointFaults } = site.app.store;
  expect(await pointFaults.list('DP00000')).toMatchObject([
    { sha256, kind: 'damaged', reports: 1, detail: expect.stringContaining('told by 127.0.0.1') },
  ]);
  const elsewhere = { ...bad, source: 'http://nobody.example' };
  expect((await agent.call('POST', agentPaths.badSource(runId), elsewhere)).status).toBe(204);
  expect(await pointFaults.list('DP00000')).toHaveLength(1);
  const other = newMachine();
  await other.register();
  const refused = await other.call('POST', agentPaths.badSource(runId), bad);
  expect(refused).toMatchObject({ status: 403, json: { code: 'run.key' } });
  expect((await other.call('GET', agentPaths.sources(runId))).status).toBe(403);
});

it('M31 events are kept exactly once, in order, and end in the history of machine and server', async () => {
  const { agent, runId, device } = await startedRun();
  const post = (...events: RunEvent[]) => agent.call('POST', agentPaths.events(runId), { events });
  const [one, two, three] = [
    event(runId, 1, started),
    event(runId, 2, { kind: 'resumed', environment: 'full-os', from: 'journal' }),
    event(runId, 3, finished),
  ];
  expect((await post(one)).json).toEqual({ have: 1 });
  expect((await post(three)).json).toEqual({ have: 1 }); // a gap: nothing past it is kept
  expect((await post(one, two)).json).toEqual({ have: 2 });
  expect((await post(three)).json).toEqual({ have: 3 });
  expect((await post(one, two, three)).json).toEqual({ have: 3 });
  const { store } = site.app;
  expect(await store.runs.events(runId)).toEqual([one, two, three]);
  expect(await store.runs.ofDevice(device)).toMatchObject([
    { id: runId, state: 'succeeded', nextBoot: 'disk', endedMs: 3000 },
  ]);
  const back = await agent.call('GET', `${agentPaths.events(runId)}?after=1`);
  expect(back.json).toEqual({ events: [two, three] });
});

it('a kept event with other content marks the run as forked, for good', async () => {
  const { agent, runId } = await startedRun();
  const post = (fact: RunFact) =>
    agent.call('POST', agentPaths.events(runId), { events: [event(runId, 1, fact)] });
  await post(started);
  const fork = await post({ ...started, machineKey: 'another' });
  expect(fork).toMatchObject({ status: 409, json: { code: 'run.forked' } });
  expect((await site.app.store.runs.get(runId))?.state).toBe('forked');
  expect(await post(started)).toMatchObject({ status: 409, json: { code: 'run.forked' } });
});

it('M56 after a power cut that left no journal the machine goes on with a new key, and the old one stops', async () => {
  const { agent: old, runId, device, grant } = await startedRun();
  const post = (by: TestAgent, ...facts: RunFact[]) =>
    by.call('POST', agentPaths.events(runId), {
      events: facts.map((fact, index) => event(runId, index + 1, fact)),
    });
  expect((await post(old, started)).json).toEqual({ have: 1 });
  const { smbiosGuid = null } = (await site.app.store.devices.get(device)) ?? {};
  const again = site.agent({ smbiosGuid, macAddresses: [], serialNumber: null });
  site.clock.nowMs += 1000;
  await again.register();
  expect(await policyOf(again)).toEqual({ kind: 'resume', runId });
  expect((await again.call('GET', agentPaths.run(runId))).json).toMatchObject({ have: 1 });

  // The machine is not two: what still speaks with the old key is told so, and gets it back by nothing.
  const late = { status: 403, json: { code: 'run.key' } };
  expect(await post(old, started, finished)).toMatchObject(late);
  await old.register({ runId, resumeToken: grant.resumeToken });
  expect(await post(old, started, finished)).toMatchObject(late);
  expect(await policyOf(old)).toMatchObject({ kind: 'wait', code: 'run.takeover' });
  expect((await post(again, started, finished)).json).toEqual({ have: 2 });
});

it('M56 secrets of an open run are given again only by the resume token, or an operator', async () => {
  const secret = { name: 'JoinPassword', value: 'hidden', secret: true };
  const { agent, runId, device, grant } = await startedRun([secret]);
  expect(grant.variables).toEqual([{ ...secret, value: '', withheld: true }]);
  agent.reboot();
  await agent.register();
  expect(await policyOf(agent)).toMatchObject({
    kind: 'wait',
    code: 'run.takeover',
    reason: expect.stringContaining('holds secrets'),
  });
  const events = { events: [event(runId, 1, started)] };
  const refused = await agent.call('POST', agentPaths.events(runId), events);
  expect(refused).toMatchObject({ status: 403, json: { code: 'run.key' } });
  const withheld = await agent.call('GET', agentPaths.run(runId));
  expect(withheld.status).toBe(403);
  expect(withheld.text).not.toContain('hidden');

  await agent.register({ runId, resumeToken: 'x'.repeat(43) });
  expect(await policyOf(agent)).toMatchObject({ kind: 'wait', code: 'run.takeover' });
  await agent.register({ runId, resumeToken: grant.resumeToken });
  expect(await policyOf(agent)).toEqual({ kind: 'resume', runId });
  expect((await agent.call('POST', agentPaths.events(runId), events)).json).toEqual({ have: 1 });

  agent.reboot();
  await agent.register();
  expect(await policyOf(agent)).toMatchObject({ kind: 'wait', code: 'run.takeover' });
  expect(await site.app.store.runs.approveTakeover(device)).toBe(true);
  expect(await policyOf(agent)).toEqual({ kind: 'resume', runId });

  const thief = newMachine();
  await thief.register({ runId, resumeToken: grant.resumeToken });
  expect((await thief.call('GET', agentPaths.run(runId))).status).toBe(403);
});

it('M56 a machine known by its MAC address alone does not take an open run over', async () => {
  const { runId, device } = await startedRun();
  const { macAddresses = [] } = (await site.app.store.devices.get(device)) ?? {};
  const docked = site.agent({
    smbiosGuid: null,
    macAddresses: [...macAddresses],
    serialNumber: null,
  });
  expect((await docked.register()).deviceId).toBe(device);
  expect(await policyOf(docked)).toMatchObject({ kind: 'wait', code: 'run.takeover' });
  expect((await docked.call('GET', agentPaths.run(runId))).status).toBe(403);
});

it('M56 a run goes on after the server was restarted', async () => {
  const { agent, runId, grant, device } = await startedRun();
  await agent.call('POST', agentPaths.events(runId), { events: [event(runId, 1, started)] });
  await site.restart();
  // The machine of that run, seen by its GUID, with its journal's resume token and a new key.
  const guid = (await site.app.store.devices.get(device))?.smbiosGuid ?? null;
  const same = site.agent({ smbiosGuid: guid, macAddresses: [], serialNumber: null });
  await same.register({ runId, resumeToken: grant.resumeToken });
  expect(await policyOf(same)).toEqual({ kind: 'resume', runId });
  expect((await same.call('GET', agentPaths.run(runId))).json).toMatchObject({ have: 1 });
});

it('M32 nothing ends a run: no route, no method, no withdrawn deployment, no new grant', async () => {
  const ending = site.app.routes.filter(
    ({ method, path }) =>
      /\/runs?(\/|$)/.test(path) &&
      (method === 'DELETE' || /cancel|stop|abort|kill|terminate/.test(path)),
  );
  expect(ending).toEqual([]);
  // On the console, runs are only looked at.
  const changing = site.app.routes.filter(
    ({ listener, method, path }) =>
      listener === 'console' && path.includes('/runs') && method !== 'GET' && method !== 'HEAD',
  );
  expect(changing).toEqual([]);

  const { agent, runId, deployment } = await startedRun();
  await site.app.store.deployments.withdraw(deployment.id, site.clock.nowMs);
  expect(await policyOf(agent)).toEqual({ kind: 'resume', runId });
  const another = { runId: randomUUID(), deploymentId: deployment.id };
  expect(await agent.call('POST', agentPaths.runs, another)).toMatchObject({
    status: 409,
    json: { code: 'run.open' },
  });
  const ended = await agent.call('POST', agentPaths.events(runId), {
    events: [event(runId, 1, started), event(runId, 2, finished)],
  });
  expect(ended.json).toEqual({ have: 2 });
});

it('M32 an offer can be withdrawn until its run starts', async () => {
  const agent = newMachine();
  const device = DeviceId.parse((await agent.register()).deviceId);
  await site.app.store.devices.setState(device, { state: 'known' });
  const deployment = await deployTo('available', [device]);
  await site.app.store.deployments.withdraw(deployment.id, site.clock.nowMs);
  const asked = { runId: randomUUID(), deploymentId: deployment.id };
  expect((await agent.call('POST', agentPaths.runs, asked)).status).toBe(400);
  expect(await site.app.store.runs.ofDevice(device)).toEqual([]);
});

it('M16 a deployment needs a collection of devices that exists', async () => {
  const wish = { sequenceId: sequence, purpose: 'available', scope: null } as const;
  const { deployments } = site.app.store;
  const users = SequenceId.parse('SMS00004') as unknown as typeof ALL_UNKNOWN_COMPUTERS;
  await expect(deployments.create({ ...wish, collectionId: users }, 1)).rejects.toMatchObject({
    code: 'deployment.user-collection',
  });
});

it.each([
  { name: 'no proof', change: { proof: '' }, code: 'proof.invalid' },
  { name: 'an old nonce', change: { nonce: 'aa.bb' }, code: 'proof.nonce' },
  { name: 'another token', change: { token: 'x'.repeat(43) }, code: 'token.unknown' },
])('refuses an agent with $name', async ({ change, code }) => {
  const agent = newMachine();
  await agent.register();
  const answer = await agent.call('GET', agentPaths.policy, undefined, change);
  expect(answer).toMatchObject({ status: 401, json: { code } });
});

it('refuses a body that the proof is not about', async () => {
  const { agent, runId } = await startedRun();
  const events = { events: [event(runId, 1, started)] };
  const answer = await agent.call('POST', agentPaths.events(runId), events, { provedBody: '{}' });
  expect(answer).toMatchObject({ status: 401, json: { code: 'proof.request' } });
});

it('keeps a log by offset and drops what does not fit', async () => {
  const { agent, runId } = await startedRun();
  const post = (offset: number, text: string) =>
    agent.call('POST', agentPaths.log(runId), { offset, text });
  expect((await post(0, 'grün\n')).json).toEqual({ have: 6 });
  expect((await post(0, 'grün\n')).json).toEqual({ have: 6 });
  expect((await post(9, 'lost')).json).toEqual({ have: 6 });
  expect((await post(6, 'end')).json).toEqual({ have: 9 });
  expect(await site.app.store.logs.read(runId, 6)).toEqual({ offset: 6, next: 9, text: 'end' });
});

it('takes progress for a run, from its own key only', async () => {
  const { agent, runId } = await startedRun();
  const latest = { stepId: '0', index: 1, total: 2, title: 'Say' };
  const put = (by: TestAgent) => by.call('PUT', agentPaths.progress(runId), latest);
  expect((await put(agent)).status).toBe(204);
  const stranger = newMachine();
  await stranger.register();
  expect(await put(stranger)).toMatchObject({ status: 403, json: { code: 'run.key' } });
});

it('every route names a role that its listener serves', () => {
  const roles = Map.groupBy(site.app.routes, ({ listener }) => listener);
  const of = (listener: string) => new Set(roles.get(listener)?.map(({ role }) => role));
  expect(of('boot')).toEqual(new Set(['public-boot']));
  expect(of('agents')).toEqual(new Set(['bootstrap', 'agent-key', 'agent']));
  expect(of('console')).toEqual(new Set(['public-console', 'operator']));
  const open = site.app.routes.filter(({ role }) => role === 'public-console');
  expect(open.filter(({ path }) => path.startsWith('/api/')).map(({ path }) => path)).toEqual([
    '/api/v1/openapi.json',
    '/api/v1/openapi.json',
    '/api/v1/session',
    '/api/v1/sign-in',
    '/api/v1/sign-in',
    '/api/v1/sign-in/oidc',
    '/api/v1/sign-in/oidc/callback',
    '/api/v1/sign-in/oidc/callback',
    '/api/v1/sign-in/oidc/signed-out',
    '/api/v1/sign-in/oidc/signed-out',
  ]);
});

it('M12 a machine whose record was split is asked who it is, though it has just been heard', async () => {
  const two = ['02:00:00:00:02:01', '02:00:00:00:02:02'].map((mac) => MacAddress.parse(mac));
  const agent = site.agent({ macAddresses: two, smbiosGuid: null, serialNumber: 'SPLIT-1' });
  const { deviceId } = await agent.register();
  expect((await agent.call('GET', agentPaths.policy)).status).toBe(200);
  const { addresses, tokenFile } = site.app;
  const where = {
    serverUrl: addresses.console,
    tokenFile,
    caFile: join(site.directory, 'data', SITE_CA_FILE),
  };
  await using api = await openApiClient(where, AbortSignal.timeout(20_000));
  await api.call('POST', `/devices/${deviceId}/split`, DeviceSplit, {
    json: { identifiers: [two[1]] },
  });
  const answer = await agent.call('GET', agentPaths.policy);
  expect([answer.status, answer.json['code']]).toEqual([401, 'token.unknown']);
});

it('only names in the map are boot files', async () => {
  for (const path of [
    '/boot/../../etc/passwd',
    '/boot/%2e%2e/%2e%2e/etc/passwd',
    '/content/..%2f..',
  ]) {
    const answer = await fetch(new URL(site.app.addresses.boot).origin + path);
    expect(answer.status).toBe(404);
  }
});

it('keys and tokens lie in files that only the server reads', async () => {
  const data = join(site.directory, 'data');
  for (const name of await readdir(data))
    if (/key|token|secret/.test(name))
      expect([name, (await stat(join(data, name))).mode & 0o777]).toEqual([name, 0o600]);
});

it('a slice of records costs the main thread under 5 ms when PXE gets its new table', async () => {
  const { store } = site.app;
  const records = Array.from({ length: 1000 }, (_, index) =>
    newDevice(
      DeviceId.parse(randomUUID()),
      MachineIdentity.parse({
        smbiosGuid: randomUUID(),
        macAddresses: [(0x060000000000 + index).toString(16).padStart(12, '0')],
        serialNumber: null,
        assetTag: null,
        manufacturer: null,
        model: null,
        architecture: 'x64',
        firmware: 'uefi',
        secureBoot: false,
        memoryBytes: 0,
      }),
      { state: 'known', nowMs: 0 },
    ),
  );
  await Promise.all(records.map((record) => store.devices.put(record)));
  const costs: number[] = [];
  for (let round = 1; round <= 5; round++) {
    let seen = 0;
    let worst = 0;
    for (let after: string | null = ''; after !== null; ) {
      // CPU time of this thread alone: neither other threads nor other processes count.
      const before = process.threadCpuUsage();
      const slice = await store.netboot.slice({ after, nowMs: 0 });
      const { user, system } = process.threadCpuUsage(before);
      worst = Math.max(worst, (user + system) / 1000);
      seen += slice.devices.length;
      ({ after } = slice);
    }
    expect(seen).toBeGreaterThanOrEqual(1000);
    costs.push(worst);
  }
  expect(Math.min(...costs)).toBeLessThan(5);
});

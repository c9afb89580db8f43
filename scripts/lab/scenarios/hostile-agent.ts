import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { z } from 'zod';
import { MacAddress, RunId, SmbiosGuid } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { Registration, RunRequest } from '#agent/protocol/policy.ts';
import { EventBatch, LogChunk, Progress, type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { SITE_CA_FILE } from '#server/cli/client-command.ts';
import { CollectionView, DeploymentView, DeviceView } from '#server/http/api.ts';
import { valuesOf } from '#server/http/api-document/arbitrary.testing.ts';
import { createTestAgent, type TestAgent } from '#server/http/routes/agent/test-agent.ts';
import { attacks, type Loot } from '../hostile/attacks.ts';
import { SERVER_ADDRESS } from '../namespace.ts';
import { defineScenario, expect, type Lab } from '../scenario.ts';
import { openSite, type Site } from '../site.ts';

const AGENTS = `https://${SERVER_ADDRESS}:7443`;
const SECRET = 'Canary-5fe1c0de-password';
/** Requests of random content to each route. */
const FUZZ_RUNS = 60;

const victim = {
  smbiosGuid: SmbiosGuid.parse('4c4c4544-0042-3510-8051-b4c04f4e4d31'),
  macAddresses: [MacAddress.parse('52:54:00:00:00:01')],
  serialNumber: 'VICTIM-1',
};

/** A machine of the bench turns against the server and against its neighbour. */
export const hostileAgent = defineScenario({
  name: 'hostile-agent',
  title: 'A machine replays, reorders, forges and floods; it learns nothing and changes nothing.',
  kind: 'loop',
  estimateSeconds: 40,
  core: false,
  async run(lab) {
    const site = await openSite(lab, 'ask');
    const ca = await readFile(join(site.data, SITE_CA_FILE), 'utf8');
    const honest = createTestAgent(AGENTS, ca, victim);
    const hostile = createTestAgent(AGENTS, ca, {
      macAddresses: [MacAddress.parse('52:54:00:00:00:66')],
      serialNumber: 'HOSTILE-1',
    });
    const { deployment, ownDeployment } = await setUp(site, hostile);

    const { token } = await honest.register();
    const runId = await startRun(honest, deployment);
    await post(honest, runId, 1, { kind: 'group-entered', stepId: StepId.parse('0'), name: 'A' });
    await hostile.register();
    const ownRun = await startRun(hostile, ownDeployment);
    const loot: Loot = { url: AGENTS, ca, hostile, runId, token, ownRun };

    const before = await stateOf(site, runId);
    await runAttacks(lab, loot);
    await replay(lab, loot);
    await takeIdentity(lab, loot);
    await fuzz(lab, loot);
    const after = await stateOf(site, runId);
    expect(after === before, 'nothing of the machine and its run has changed', () => after);

    await reorder(lab, loot);
    await post(honest, runId, 2, {
      kind: 'group-left',
      stepId: StepId.parse('0'),
      name: 'A',
      succeeded: true,
    });
    await post(honest, runId, 3, { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' });
    const run = await site.run(runId);
    expect(
      run.state === 'succeeded' && run.events.length === 3,
      'the machine went on and succeeded',
      () => JSON.stringify(run),
    );
    lab.see('history', `${run.deviceName}: ${run.state}, ${run.events.length} events`);
    expect(!site.log().includes(SECRET), 'the secret is not in the log of the server');
    expect(!site.log().includes('request failed'), 'no request made the server fail', () =>
      site.log(),
    );
  },
});

/** Two machines that are known, each with a deployment; the first has a secret variable. */
async function setUp(site: Site, hostile: TestAgent) {
  const api = await site.api();
  await site.addSequence({
    name: 'Bench',
    steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
  });
  const deploy = async (name: string, device: DeviceView) => {
    const collection = await api.call('POST', '/collections', CollectionView, { json: { name } });
    const json = { add: [device.id] };
    await api.call('POST', `/collections/${collection.id}/members`, z.unknown(), { json });
    return await api.call('POST', '/deployments', DeploymentView, {
      json: { sequence: 'Bench', collection: collection.id, purpose: 'available' },
    });
  };
  const machine = await api.call('POST', '/devices', DeviceView, {
    json: { name: 'VICTIM', ...victim },
  });
  await api.call('PUT', `/devices/${machine.id}/variables/JoinPassword`, z.unknown(), {
    json: { value: SECRET, secret: true },
  });
  const deployment = await deploy('Victims', machine);
  await hostile.register();
  const waiting = (await site.devices()).find(({ serialNumber }) => serialNumber === 'HOSTILE-1');
  const approved = await api.call('POST', `/devices/${waiting?.id}/approve`, DeviceView, {
    json: { name: 'HOSTILE' },
  });
  const ownDeployment = await deploy('Others', approved);
  return { deployment: deployment.id, ownDeployment: ownDeployment.id };
}

async function startRun(agent: TestAgent, deploymentId: string): Promise<RunId> {
  const runId = RunId.parse(randomUUID());
  const { status, text } = await agent.call('POST', agentPaths.runs, { runId, deploymentId });
  expect(status === 200, 'the run was granted', () => text);
  return runId;
}

async function post(agent: TestAgent, runId: RunId, seq: number, fact: RunFact): Promise<void> {
  const events = [{ runId, seq, atMs: 1, fact }];
  const answer = await agent.call('POST', agentPaths.events(runId), { events });
  expect(answer.json['have'] === seq, `event ${seq} was kept`, () => answer.text);
}

/** What an attack could have changed, without what time changes by itself; anyone can be one more that waits. */
async function stateOf(site: Site, runId: RunId): Promise<string> {
  const { lastEventMs: _, progress, ...run } = await site.run(runId);
  const devices = (await site.devices())
    .filter(({ state }) => state !== 'waiting')
    .map(({ id, name, state, serialNumber, collections }) => ({
      id,
      name,
      state,
      serialNumber,
      collections,
    }));
  const runs = (await site.runs()).map(({ id, state }) => ({ id, state }));
  return JSON.stringify({ run, progress, devices, runs });
}

async function runAttacks(lab: Lab, loot: Loot): Promise<void> {
  for (const { name, attempt, status, code } of attacks) {
    const answer = await attempt(loot);
    lab.see('wire', `${name}: ${answer.status} ${code}`);
    // An answer can be lost to the reset of a connection on which more was sent than anybody reads.
    const isCut = status === 431 && answer.status === 0;
    expect(
      isCut || (answer.status === status && answer.text.includes(code)),
      `${name}: ${status} ${code}`,
      () => `${answer.status} ${answer.text.slice(0, 500)}`,
    );
    expect(!answer.text.includes(SECRET), `${name}: no secret`, () => answer.text);
  }
}

/** A request of its own, recorded and sent again byte for byte: once it counts. */
async function replay(lab: Lab, { hostile, ownRun }: Loot): Promise<void> {
  let proof: string | undefined;
  const record = (made: string) => {
    proof = made;
  };
  const first = await hostile.call('GET', agentPaths.run(ownRun), undefined, { record });
  expect(
    first.status === 200 && proof !== undefined,
    'its own grant is answered',
    () => first.text,
  );
  const again = await hostile.call(
    'GET',
    agentPaths.run(ownRun),
    undefined,
    proof === undefined ? {} : { proof },
  );
  lab.see('wire', `sends a recorded request again: ${again.status} ${String(again.json['code'])}`);
  expect(again.json['code'] === 'proof.replay', 'a proof is good once', () => again.text);
}

/** It says that it is the other machine; that one holds secrets, so an operator is asked. */
async function takeIdentity(lab: Lab, { url, ca, runId }: Loot): Promise<void> {
  const impostor = createTestAgent(url, ca, victim);
  await impostor.register();
  const { json } = await impostor.call('GET', agentPaths.policy);
  lab.see('wire', `says that it is the machine: ${String(json['kind'])} ${String(json['code'])}`);
  expect(json['code'] === 'run.takeover', 'an operator is asked', () => JSON.stringify(json));
  const grant = await impostor.call('GET', agentPaths.run(runId));
  expect(grant.json['code'] === 'run.key', 'the grant is not given', () => grant.text);
  const forged = { runId, resumeToken: 'x'.repeat(43) };
  await impostor.register(forged);
  const again = await impostor.call('GET', agentPaths.run(runId));
  lab.see('wire', `forges a resume token: ${again.status} ${String(again.json['code'])}`);
  expect(again.json['code'] === 'run.key', 'a forged resume token is none', () => again.text);
}

/** Random content to each route of agents, with proofs and tokens that are good. */
async function fuzz(lab: Lab, { url, ca, hostile, ownRun }: Loot): Promise<void> {
  const stranger = createTestAgent(url, ca); // registration takes a proof without a token
  const routes = [
    { by: hostile, method: 'POST', path: agentPaths.events(ownRun), body: EventBatch },
    { by: hostile, method: 'POST', path: agentPaths.log(ownRun), body: LogChunk },
    { by: hostile, method: 'PUT', path: agentPaths.progress(ownRun), body: Progress },
    { by: hostile, method: 'POST', path: agentPaths.runs, body: RunRequest },
    { by: stranger, method: 'POST', path: agentPaths.register, body: Registration },
  ];
  const seen = new Map<number, number>();
  for (const { by, method, path, body } of routes)
    await fc.assert(
      fc.asyncProperty(valuesOf(body), async (value) => {
        const { status, text } = await by.call(method, path, value);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        expect(status < 500, `${method} ${path} is answered`, () => `${status} ${text}`);
        expect(!text.includes(SECRET), 'no secret', () => text);
      }),
      { numRuns: FUZZ_RUNS },
    );
  const counts = [...seen].map(([status, count]) => `${status} ${count} times`).join(', ');
  lab.see('wire', `random content: ${counts}`);
}

/** Events of its own run out of order, twice, and with other content: its own run ends as forked. */
async function reorder(lab: Lab, { hostile, ownRun }: Loot): Promise<void> {
  const entered = (seq: number, name: string) => ({
    runId: ownRun,
    seq,
    atMs: 1,
    fact: { kind: 'group-entered', stepId: '0', name },
  });
  const send = (...events: readonly unknown[]) =>
    hostile.call('POST', agentPaths.events(ownRun), { events });
  const have = Number((await send(entered(1, 'One'))).json['have'] ?? 0);
  const gap = await send(entered(have + 5, 'Later'));
  expect(gap.json['have'] === have, 'nothing is kept past a gap', () => gap.text);
  const mixed = await send(entered(have + 2, 'B'), entered(have + 1, 'A'));
  expect(
    mixed.json['have'] === have + 2,
    'a batch in any order is kept in its own',
    () => mixed.text,
  );
  const twice = await send(entered(have + 1, 'A'), entered(have + 2, 'B'));
  expect(twice.json['have'] === have + 2, 'the same again changes nothing', () => twice.text);
  const other = await send(entered(have + 1, 'Other'));
  lab.see('wire', `other content at a kept place: ${other.status} ${String(other.json['code'])}`);
  expect(other.json['code'] === 'run.forked', 'its own run is marked as forked', () => other.text);
}

import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agentPaths } from '#agent/protocol/paths.ts';
import type { RunGrant } from '#agent/protocol/policy.ts';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import {
  openTestSite,
  sendFacts,
  startRun,
  type TestMachine,
  type TestSite,
} from './test-machines.ts';
import { openSiteSecret } from './trust/site-secret.ts';

/**
 * Words that stand nowhere else are planted where secrets are kept, a run that uses them is made, and
 * everything that the server writes and answers is searched for them.
 */
const planted = {
  account: 'canary-of-the-account-9f1c',
  device: 'canary-of-the-device-2b7e',
  collection: 'canary-of-the-collection-c04d',
  person: 'canary-of-the-person-55aa',
  commandPrompt: 'canary-of-the-prompt-81d3',
  oidcClient: 'canary-of-the-client-3e0b',
};

let site: TestSite;
let machine: TestMachine;
let grant: RunGrant;
let token: string;
/** An API token: shown once, kept as a hash. */
let apiToken: string;
/** Told to the machine alone. */
const alsoSecret: string[] = [];
const client = new Agent({ connect: { rejectUnauthorized: false } });

async function call(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown, bearer = token) {
  const answer = await request(`${site.app.addresses.console}${path}`, {
    method,
    dispatcher: client,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: answer.statusCode, text: await answer.body.text() };
}

const begin: RunFact = {
  kind: 'step-started',
  stepId: StepId.parse('0'),
  name: 'Join',
  attempt: 1,
};

beforeAll(async () => {
  // Nobody listens there: what is told of that must not have the secret either.
  const nowhere = { issuer: 'https://127.0.0.1:9', consoleUrl: 'https://console.example' };
  const client = { clientId: 'metalwright', clientSecret: planted.oidcClient };
  site = await openTestSite({
    settings: { oidc: { ...nowhere, ...client, defaultRole: 'auditor' } },
  });
  token = (await readFile(site.app.tokenFile, 'utf8')).trim();
  machine = await site.machine();
  const collection = await site.collection('Planted', [machine]);
  await call('POST', '/api/v1/accounts', {
    name: 'Join',
    kind: 'domain-join',
    user: 'CORP\\join',
    password: planted.account,
  });
  for (const [owner, id, value] of [
    ['devices', machine.device, planted.device],
    ['collections', collection, planted.collection],
  ] as const)
    await call('PUT', `/api/v1/${owner}/${id}/variables/Of${owner}`, { value, secret: true });
  await call('POST', '/api/v1/people', { name: 'Ann', role: 'auditor', password: planted.person });
  expect((await call('POST', '/api/v1/sign-in/oidc', {})).status).toBe(502);
  const made = await call('POST', '/api/v1/tokens', { name: 'script', role: 'auditor' });
  apiToken = (JSON.parse(made.text) as { token: string }).token;
  await site.store({
    name: 'Planted',
    steps: [
      {
        step: 'Join',
        type: 'join-domain',
        params: { join: 'domain', domain: 'corp.example', account: { user: 'account:Join' } },
      },
    ],
  });
  const deployed = await call('POST', '/api/v1/deployments', {
    sequence: 'Planted',
    collection: 'Planted',
    purpose: 'required',
    commandPromptPassword: planted.commandPrompt,
  });
  const { id } = JSON.parse(deployed.text) as { id: string };
  grant = await startRun(machine, id);
  const started: RunFact = {
    kind: 'run-started',
    documentSha256: grant.documentSha256,
    agentVersion: '1',
    machineKey: 'm',
    variables: [],
    environment: 'full-os',
  };
  await sendFacts(machine, grant.runId, [started, begin]);
  const { runId } = grant;
  const variables = ['OfDevices', 'OfCollections'];
  const asked = { for: 'step', step: '0', accounts: ['Join'], variables };
  const given = await machine.agent.call('POST', agentPaths.secrets(runId), asked);
  // What is searched for was there to be found.
  for (const secret of [planted.account, planted.device, planted.collection])
    expect(given.text).toContain(secret);
  const secret = await openSiteSecret(join(site.directory, 'data'));
  alsoSecret.push(apiToken, token, secret.runKey(runId), secret.resumeToken(runId));
}, 90_000);
afterAll(async () => {
  await client.destroy();
  await site[Symbol.asyncDispose]();
});

/** In plain, hex, base64 (at each offset of three) and UTF-16. */
function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : 4, -4),
  );
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    ...base64.map((form) => Buffer.from(form)),
  ];
}

function leaksIn(bytes: Uint8Array, secrets: readonly string[]): string[] {
  const where = Buffer.from(bytes);
  return secrets.filter((secret) => formsOf(secret).some((form) => where.includes(form)));
}

const canaries = Object.values(planted);

it('finds a canary in each of its forms', () => {
  for (const form of [
    planted.account,
    Buffer.from(planted.account).toString('hex'),
    Buffer.from(`x${planted.account}`).toString('base64'),
    Buffer.from(`{"a":"${planted.account}"}`).toString('base64'),
    Buffer.from(planted.account, 'utf16le').toString('latin1'),
  ])
    expect(leaksIn(Buffer.from(form, 'latin1'), [planted.account])).toHaveLength(1);
});

it('no answer to any GET of the console has one, for the administrator and for the auditor', async () => {
  const ids: Readonly<Record<string, string>> = {
    devices: machine.device,
    runs: grant.runId,
    collections: 'Planted',
    sequences: 'Planted',
    people: 'Ann',
    accounts: 'Join',
    deployments: grant.deploymentId,
  };
  const secrets = [...canaries, ...alsoSecret];
  let read = 0;
  for (const { listener, method, path } of site.app.routes) {
    if (listener !== 'console' || method !== 'GET' || path.endsWith('/feed')) continue;
    const kind = path.split('/')[3] ?? '';
    const url = path
      .replace(':id', encodeURIComponent(ids[kind] ?? randomUUID()))
      .replace(':version', '1')
      .replaceAll(/:\w+/g, '0');
    for (const bearer of [token, apiToken]) {
      const answer = await call(
        'GET',
        path.endsWith('/log') ? `${url}?offset=0` : url,
        undefined,
        bearer,
      );
      if (answer.status === 200) read += 1;
      expect([url, leaksIn(Buffer.from(answer.text), secrets)]).toEqual([url, []]);
    }
  }
  expect(read).toBeGreaterThan(60);
});

it('no error about bad input repeats a secret that was sent', async () => {
  const errors = [
    await call('POST', '/api/v1/accounts', { name: '', kind: 'x', password: planted.account }),
    await call('PUT', '/api/v1/accounts/none', { password: planted.account, unknown: 1 }),
    await call('POST', '/api/v1/people', { name: 'Bob', role: 'x', password: planted.person }),
    await call('POST', '/api/v1/session', { name: planted.person, password: planted.person }),
    await call('GET', '/api/v1/devices', undefined, planted.person),
    await call('PUT', `/api/v1/devices/none/variables/X`, { value: planted.device, secret: true }),
  ];
  for (const { status, text } of errors) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(leaksIn(Buffer.from(text), canaries)).toEqual([]);
  }
});

it('no file of the database has one, nor another key or token than those kept for it', async () => {
  const data = join(site.directory, 'data');
  const files = (await readdir(data)).filter((name) => name.startsWith('metalwright.sqlite'));
  expect(files.length).toBeGreaterThan(0);
  for (const name of files)
    expect([name, leaksIn(await readFile(join(data, name)), [...canaries, ...alsoSecret])]).toEqual(
      [name, []],
    );
});

it('no other machine and no one without a key gets one from the agents or boot listener', async () => {
  const other = await site.machine();
  for (const path of [
    agentPaths.policy,
    agentPaths.run(grant.runId),
    agentPaths.sources(grant.runId),
    `${agentPaths.events(grant.runId)}?after=0`,
  ]) {
    const { text } = await other.agent.call('GET', path);
    expect([path, leaksIn(Buffer.from(text), [...canaries, ...alsoSecret])]).toEqual([path, []]);
  }
  for (const { listener, method, path } of site.app.routes) {
    if (listener !== 'boot' || method !== 'GET') continue;
    const answer = await request(`${site.app.addresses.boot}${path.replaceAll(/:\w+|\*/g, 'x')}`);
    const bytes = new Uint8Array(await answer.body.arrayBuffer());
    expect([path, leaksIn(bytes, [...canaries, ...alsoSecret])]).toEqual([path, []]);
  }
});

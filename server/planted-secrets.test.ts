import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { makeBackup } from './backup/make-backup.ts';
import { keyFiles } from './backup/manifest.ts';
import { readBackup } from './backup/read-backup.ts';
import { runHere } from './cli/testing/run-here.ts';
import { plantedDecisions } from './planted-dhcp.testing.ts';
import { databaseIn, leaksIn } from './planted-search.testing.ts';
import { openPlantedSite, type PlantedSite, planted } from './planted-site.testing.ts';
import { openZip } from './zip/read-zip.ts';

/**
 * Everything that the server and a machine's run write and answer is searched for the words of
 * `planted-site.testing.ts`, in whatever form.
 */
let here: PlantedSite;
let secrets: readonly string[];
const canaries = Object.values(planted);
beforeAll(async () => {
  here = await openPlantedSite();
  secrets = [...canaries, ...here.keys];
}, 120_000);
afterAll(() => here[Symbol.asyncDispose]());

/** Tells where, when it fails. */
function expectNone(where: string, bytes: Uint8Array | string, wanted = secrets): void {
  expect([where, leaksIn(bytes, wanted)]).toEqual([where, []]);
}

it('finds a canary in each of its forms', () => {
  const { account } = planted;
  for (const form of [
    account,
    encodeURIComponent(account),
    new URLSearchParams({ account }).toString(),
    Buffer.from(account).toString('hex'),
    Buffer.from(`x${account}`).toString('base64'),
    Buffer.from(`xx${account}`).toString('base64url'),
    Buffer.from(`{"a":"${account}"}`).toString('base64'),
    Buffer.from(account, 'utf16le').toString('latin1'),
  ])
    expect(leaksIn(Buffer.from(form, 'latin1'), [account])).toEqual([account]);
});

describe('M11 M39 a whole run with secrets', () => {
  it('uses all that was planted for it: what is searched for was there to be found', async () => {
    const { driven, grant, site } = here;
    const join = driven.machine.commands.filter(([program]) => program === 'join');
    expect(join).toEqual([['join', planted.collection, `of ${planted.device}`]]);
    const facts = driven.facts('step-started');
    expect(facts).toEqual([]); // The real server has them.
    const run = await site.app.store.runs.get(grant.runId);
    expect(run?.state).toBe('succeeded');
    const released = await site.app.store.audit.list(100, { action: 'secret.release' });
    expect(JSON.stringify(released.map(({ detail }) => detail))).toMatch(
      /Join.*OfCondition|OfCondition.*Join/s,
    );
  });

  it('leaves none in its journal, its log and its events', async () => {
    const { driven, grant, site } = here;
    expect(driven.journalBytes.length).toBeGreaterThan(1000);
    expect(driven.log.length).toBeGreaterThan(5);
    expectNone('the journal', driven.journalBytes, canaries);
    expectNone('the log of the agent', driven.log.join('\n'));
    expectNone(
      'the events',
      JSON.stringify(await site.app.store.runs.events(grant.runId)),
      canaries,
    );
  });

  it('hides after a restart what it was given before: a program prints it, and all stands there but that', async () => {
    const { driven, grant, site, call } = here;
    expect(driven.starts).toBe(2);
    const shown = 'it was ********\n******** and (********), if ********.';
    expect(driven.log).toContain(shown);
    const events = await site.app.store.runs.events(grant.runId);
    const printed = events.flatMap(({ fact }) =>
      fact.kind === 'step-finished' ? fact.variables : [],
    );
    expect(printed).toContainEqual({ name: 'PrintedLater', value: shown, secret: false });
    const { text } = await call('GET', `/api/v1/runs/${grant.runId}/log?offset=0`);
    expect(text).toContain('it was ********');
    const again = await here.machine.agent.call('GET', agentPaths.run(grant.runId));
    expect(RunGrant.parse(again.json).hidden?.values).toHaveLength(4);
    const { wholeRun: _steers, ...others } = planted;
    expectNone('the grant', JSON.stringify(again.json), Object.values(others));
  });

  it('is told to the machine without what is given step by step', () => {
    const { wholeRun: _steers, ...others } = planted;
    expectNone('the grant', JSON.stringify(here.grant), Object.values(others));
  });
});

it('no answer to any GET of the console has one, for the administrator and for the auditor', async () => {
  const { machine, grant, site, token, apiToken, call } = here;
  const ids: Readonly<Record<string, string>> = {
    devices: machine.device,
    runs: grant.runId,
    collections: 'Planted',
    sequences: 'Planted',
    people: 'Ann',
    accounts: 'Join',
    deployments: grant.deploymentId,
  };
  let read = 0;
  for (const { listener, method, path } of site.app.routes) {
    if (listener !== 'console' || method !== 'GET' || path.endsWith('/feed')) continue;
    const kind = path.split('/')[3] ?? '';
    const url = path
      .replace(':id', encodeURIComponent(ids[kind] ?? randomUUID()))
      .replace(':run', grant.runId)
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
      expectNone(url, answer.text);
    }
  }
  expect(read).toBeGreaterThan(60);
});

it('M31 no file of the bundle of a run has one', async () => {
  const bytes = await here.download(`/api/v1/runs/${here.grant.runId}/bundle`);
  await using zip = await openZip(bytes, 'the bundle');
  const names = zip.entries.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(4);
  for (const entry of zip.entries) expectNone(entry.name, await zip.read(entry));
});

it('no error about bad input repeats a secret that was sent', async () => {
  const { call } = here;
  const document = (type: string, params: object) => ({
    format: 'json',
    text: JSON.stringify({ name: 'Plain', steps: [{ step: 'S', type, params }] }),
  });
  const errors = [
    await call('POST', '/api/v1/accounts', { name: '', kind: 'x', password: planted.account }),
    await call('PUT', '/api/v1/accounts/none', { password: planted.account, unknown: 1 }),
    await call('POST', '/api/v1/people', { name: 'Bob', role: 'x', password: planted.person }),
    await call('POST', '/api/v1/session', { name: planted.person, password: planted.person }),
    await call('GET', '/api/v1/devices', undefined, planted.person),
    await call('PUT', `/api/v1/devices/none/variables/X`, { value: planted.device, secret: true }),
    await call('POST', '/api/v1/webhooks', {
      url: `ftp://x/${planted.webhookToken}`,
      events: [],
      secret: planted.webhookSecret,
    }),
    await call(
      'POST',
      '/api/v1/sequences',
      document('set-variable', { name: 'OSDJoinPassword', value: planted.document }),
    ),
    await call(
      'POST',
      '/api/v1/sequences/check',
      document('connect-network-folder', {
        path: 'x',
        account: { user: 'a', password: planted.document },
      }),
    ),
  ];
  for (const { status, text } of errors) {
    expect(status).toBeGreaterThanOrEqual(400);
    expectNone(text, text);
  }
});

it('M40 a password in a task sequence is refused, with its place', async () => {
  const text = `name: Plain
steps:
  - step: Join
    type: join-domain
    params: { join: domain, domain: corp.example, account: { user: join, password: ${JSON.stringify(planted.document)} } }
`;
  for (const [path, more] of [
    ['/api/v1/sequences', { format: 'yaml' }],
    ['/api/v1/sequences', { format: 'yaml', draft: true }],
    ['/api/v1/sequences/check', {}],
  ] as const) {
    const answer = await here.call('POST', path, { text, ...more });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('sequence.secret')]);
    expect(answer.text).toContain('steps[0].params.account.password (line 5)');
    expectNone(path, answer.text);
  }
  const file = join(here.site.directory, 'plain.yaml');
  await writeFile(file, text);
  const checked = await runHere(['sequence', 'check', file]);
  expect([checked.code === 0, checked.err]).toEqual([
    false,
    expect.stringContaining('sequence.secret'),
  ]);
  expectNone('sequence check', checked.out + checked.err);
});

it('no file of the database has one, nor another key or token than those kept for it', async () => {
  const data = join(here.site.directory, 'data');
  for (const [name, bytes] of await databaseIn(data)) expectNone(name, bytes);
});

it('M54 a backup holds sealed values, and their key only in the files of keys; under a passphrase nothing', async () => {
  const dataDirectory = join(here.site.directory, 'data');
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-planted-'));
  try {
    const file = join(folder, 'backup');
    const passphrase = 'a passphrase of the test';
    await makeBackup({ dataDirectory, file, nowMs: 1 });
    await makeBackup({ dataDirectory, file: `${file}.sealed`, nowMs: 1, passphrase });
    const out = await mkdtemp(join(folder, 'out-'));
    const { files } = await readBackup(file, out, undefined);
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['site-secret']));
    const holdsKeys: readonly string[] = keyFiles;
    for (const { name } of files)
      expectNone(
        name,
        await readFile(join(out, name)),
        holdsKeys.includes(name) ? canaries : secrets,
      );
    const key = await readFile(join(dataDirectory, 'site-secret'), 'latin1');
    expectNone('sealed backup', await readFile(`${file}.sealed`), [...secrets, key, passphrase]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('no line of the log of the server has one, at its most talkative', () => {
  const logged = here.logged();
  expect(logged.split('\n').length).toBeGreaterThan(3);
  expectNone('the log', logged);
});

it('no payload of a webhook has one', async () => {
  const deliveries = await here.site.app.store.webhooks.take(here.site.clock.nowMs + 1, 100);
  expect(deliveries.map(({ event }) => event)).toEqual(['run-started', 'run-succeeded']);
  expectNone('payloads', JSON.stringify(deliveries));
});

it('M50 no answer to DHCP has one, nor what is said of a silence', async () => {
  const { machine, site } = here;
  // One that waits for the same run: it is told to boot, and the one that has had it is not.
  const waits = await site.machine();
  const planted = await site.app.store.collections.find('Planted');
  if (planted === null) throw new Error('there is no collection');
  const add = [waits.device];
  await site.app.store.collections.changeMembers(planted.id, { add, remove: [] });
  const all = await site.app.store.devices.many([machine.device, waits.device]);
  const machines = all.map(({ macAddresses: [mac = ''], smbiosGuid }) => ({
    mac,
    guid: smbiosGuid ?? '',
  }));
  const decisions = await plantedDecisions(site.app.store, machines, site.clock.nowMs);
  const kinds = Object.groupBy(decisions, ({ kind }) => kind);
  expect(Object.keys(kinds).toSorted()).toEqual(['ack', 'bench', 'disk', 'ignore', 'offer']);
  // Of the bench: an offer, an ACK, a NAK and an INFORM's answer for each of the three, and what is told of them.
  expect(kinds.bench?.filter(({ bytes }) => bytes.length > 0).length).toBeGreaterThanOrEqual(9);
  expect(kinds.offer?.some(({ told }) => told.includes(waits.device))).toBe(true);
  for (const { told, bytes } of decisions) {
    expectNone('what is decided', told);
    expectNone('the answer', bytes);
  }
});

it('M14 no difference of versions has one, nor of files and what the server has', async () => {
  const { site, call, token } = here;
  const text = (message: string) => `name: Planted
steps:
  - step: Share
    type: connect-network-folder
    params: { path: '\\\\files\\share', account: { user: "account:Join" } }
  - step: Say
    type: set-variable
    params: { name: Said, value: "${message} %OfDevices%" }
`;
  const made = await call('POST', '/api/v1/sequences', { text: text('one'), format: 'yaml' });
  expect(made.status).toBe(200);
  for (const path of ['', '/1', '/2'])
    expectNone(path, (await call('GET', `/api/v1/sequences/Planted/versions${path}`)).text);
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-planted-'));
  try {
    await writeFile(join(folder, 'sequence.yaml'), text('another'));
    await writeFile(
      join(folder, 'collection.yaml'),
      `kind: collection
name: Planted
rules: []
variables: { Site: Vienna }
secretVariables: { OfCollections: { env: OF_COLLECTIONS } }
`,
    );
    await writeFile(join(folder, '.token'), token);
    const data = join(site.directory, 'data');
    const server = ['--server', site.app.addresses.console, '--data', data];
    const environment = { OF_COLLECTIONS: planted.device };
    for (const more of [[], ['--json'], ['--set-secrets'], ['--prune']]) {
      const argv = ['diff', '-f', folder, ...server, '--token-file', join(folder, '.token')];
      const { code, out, err } = await runHere([...argv, ...more], { environment });
      expect([code, out]).toEqual([1, expect.stringContaining('another %OfDevices%')]);
      expectNone(['diff', ...more].join(' '), out + err);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('settings are shown without the password of the database', async () => {
  const password = 'canary-of-the-database-77e1';
  const file = join(here.site.directory, 'settings.yaml');
  await writeFile(file, `database:\n  url: postgres://metalwright:${password}@db.example/site\n`);
  for (const argv of [
    ['config', 'show', '--config', file],
    ['config', 'show', '--config', file, '--json'],
    ['config', 'check', file],
  ]) {
    const { code, out, err } = await runHere(argv);
    expect([argv, code]).toEqual([argv, 0]);
    expectNone(argv.join(' '), out + err, [password]);
  }
  // The database does not answer: what doctor says of it names its server, and nothing else.
  const url = `postgres://metalwright:${password}@127.0.0.1:9/site`;
  await writeFile(file, `database:\n  url: ${url}\n`);
  const data = join(here.site.directory, 'data');
  for (const more of [[], ['--json']]) {
    const { out, err } = await runHere(['doctor', '--data', data, '--config', file, ...more]);
    expect(out + err).toContain('database');
    expectNone('doctor', out + err, [password]);
  }
  await writeFile(file, `database:\n  urll: postgres://metalwright:${password}@db.example/site\n`);
  const bad = await runHere(['config', 'check', file]);
  expect(bad.code).not.toBe(0);
  expectNone('config check', bad.out + bad.err, [password]);
});

it('no other machine and no one without a key gets one from the agents or boot listener', async () => {
  const { site, grant } = here;
  const other = await site.machine();
  for (const path of [
    agentPaths.policy,
    agentPaths.run(grant.runId),
    agentPaths.sources(grant.runId),
    `${agentPaths.events(grant.runId)}?after=0`,
  ]) {
    const { text } = await other.agent.call('GET', path);
    expectNone(path, text);
  }
  const asked = { for: 'step', step: '3', accounts: ['Join'], variables: ['OfDevices'] };
  const { text } = await other.agent.call('POST', agentPaths.secrets(grant.runId), asked);
  expect(text).toContain('run.key');
  expectNone('secrets', text);
  for (const { listener, method, path } of site.app.routes) {
    if (listener !== 'boot' || method !== 'GET') continue;
    expectNone(path, await fromBoot(path.replaceAll(/:\w+|\*/g, 'x')));
  }
});

/** What the boot listener answers, whoever asks. */
async function fromBoot(path: string): Promise<Uint8Array> {
  const answer = await request(`${here.site.app.addresses.boot}${path}`);
  return new Uint8Array(await answer.body.arrayBuffer());
}

it('M48 no boot file, which TFTP serves too, has one, nor a private key of the site', async () => {
  const data = join(here.site.directory, 'data');
  const keys = await Promise.all(
    ['site-secret', 'site-ca.key', 'server.key', 'boot-signing.key'].map(async (name) => {
      const text = await readFile(join(data, name), 'latin1');
      // Of a PEM file the longest line: the first says only what kind of key it is.
      return text.split('\n').reduce((one, line) => (line.length > one.length ? line : one), '');
    }),
  );
  let read = 0;
  for (const name of [
    'grub/grub.cfg',
    'site.img',
    'manifest',
    'manifest.sig',
    'vmlinuz',
    'loader.img',
  ]) {
    const bytes = await fromBoot(`/boot/linux-pe/x64/${name}`);
    if (bytes.length > 0 && !Buffer.from(bytes).toString().includes('"code"')) read += 1;
    expectNone(name, bytes, [...secrets, ...keys]);
  }
  expect(read).toBe(6);
});

import { randomUUID } from 'node:crypto';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DeviceId, RunId, SequenceId } from '#agent/protocol/identity.ts';
import { RunEvent } from '#agent/protocol/run-event.ts';
import { ALL_SYSTEMS } from '../../inventory/collection.ts';
import { newDevice } from '../../inventory/device.ts';
import { testIdentity } from '../../inventory/testing/test-identity.ts';
import { openStore } from '../open.ts';
import type { Store } from '../operations.ts';
import { postgresPrograms, startTestCluster, type TestCluster } from './test-cluster.ts';

const missing = (await postgresPrograms()) === undefined && process.env['REQUIRE_PEERS'] !== '1';

describe.skipIf(missing)('the store on PostgreSQL', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster();
  }, 60_000);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
  });
  const database = () => {
    const name = `t${randomUUID()}`;
    cluster.createDatabase(name);
    return name;
  };
  const open = async (url: string): Promise<Store> => {
    const store = await openStore(url);
    onTestFinished(() => store.close());
    return store;
  };

  it('is migrated once by two servers that start together, with columns as SQLite has them', async () => {
    const name = database();
    await Promise.all([open(cluster.url(name)), open(cluster.url(name))]);
    const others = cluster.sql(
      name,
      `select table_name, column_name, data_type, collation_name from information_schema.columns
       where table_schema = 'public' and data_type <> 'bigint' and data_type <> 'bytea'
       and (data_type <> 'text' or collation_name is distinct from 'C')`,
    );
    expect(others).toBe('');
  });

  it('M54 two servers make one record of a machine, and never one id twice', async () => {
    const name = database();
    const [one, two] = await Promise.all([open(cluster.url(name)), open(cluster.url(name))]);
    const newRecord = () => ({ newId: DeviceId.parse(randomUUID()), nowMs: 1 });
    const matches = await Promise.all(
      [one, two, one, two].map((store) => store.devices.identify(identity, newRecord())),
    );
    expect(new Set(matches.map(({ device }) => device?.id)).size).toBe(1);
    const made = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        addSequence(index % 2 === 0 ? one : two, `S${index}`),
      ),
    );
    expect(new Set(made.map(({ id }) => id)).size).toBe(20);
  });

  it('sorts text by its bytes, and keeps what PostgreSQL cannot: U+0000', async () => {
    const store = await open(cluster.url(database()));
    const names = ['b', 'a', 'Z', 'ä', 'a\0', 'a\u{10ffff}0', '_'];
    for (const name of names)
      await store.devices.put({
        ...newDevice(DeviceId.parse(randomUUID()), identity, { state: 'known', nowMs: 1 }),
        name,
      });
    const byBytes = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect((await store.devices.list()).map((each) => each.name)).toEqual(
      // U+0000 is kept as U+10FFFF: it comes last instead of first.
      [...byBytes.filter((each) => !each.includes('\0')), 'a\0'].toSorted((a, b) =>
        Buffer.compare(sortKey(a), sortKey(b)),
      ),
    );
  });

  it('fails with a code while the database is away, and goes on by itself', async () => {
    const store = await open(cluster.url(database()));
    await store.settings.change({ answerOn: ['bench0'] });
    await cluster.crash();
    const startedMs = performance.now();
    const calls = [store.settings.get(), store.settings.change({ answerOn: [] })];
    for (const { reason } of (await Promise.allSettled(calls)) as PromiseRejectedResult[])
      expect(reason).toMatchObject({ code: 'store.unreachable' });
    expect(performance.now() - startedMs).toBeLessThan(8000);
    await cluster.start();
    expect(await store.settings.get()).toMatchObject({ answerOn: ['bench0'] });
  });

  it('hides a restart of the database from those who ask meanwhile', async () => {
    const store = await open(cluster.url(database()));
    const { append } = await startRun(store);
    await append(1);
    await cluster.crash();
    const asked = append(2);
    await cluster.start();
    expect(await asked).toMatchObject({ kind: 'kept', have: 2 });
  });

  it('says so when a commit was not answered; sent again, nothing is doubled', async () => {
    const name = database();
    const proxy = await startProxy(cluster.port);
    onTestFinished(() => proxy.close());
    const store = await open(`postgres://metalwright@127.0.0.1:${proxy.port}/${name}`);
    const { append, runId } = await startRun(store);
    await append(1);
    proxy.loseNextCommit();
    await expect(append(2)).rejects.toMatchObject({
      code: 'store.unreachable',
      message: expect.stringContaining('may be kept or not'),
    });
    expect(await append(2)).toMatchObject({ kind: 'kept', have: 2, added: 0 });
    expect((await store.runs.events(runId)).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('M56 runs a question that has to write again, alone: the policy that hands an approved run over', async () => {
    const store = await open(cluster.url(database()));
    const { runId, deviceId } = await startRun(store);
    const ask = { deviceId, keyThumbprint: 'next', nowMs: 2 };
    expect(await store.policy.facts(ask)).toMatchObject({ mayResume: false });
    expect(await store.runs.approveTakeover(deviceId)).toBe(true);
    expect(await store.policy.facts(ask)).toMatchObject({ mayResume: true });
    await expect(appendTo(store, runId, 1)).rejects.toMatchObject({ code: 'run.key' });
  });

  it('answers those that ask beside a question that has to write, and beside one that fails', async () => {
    const store = await open(cluster.url(database()));
    const { deviceId } = await startRun(store);
    const ask = { deviceId, keyThumbprint: 'next', nowMs: 2 };
    expect(await store.runs.approveTakeover(deviceId)).toBe(true);
    const answers = await Promise.allSettled([
      store.devices.list(),
      store.policy.facts(ask),
      store.sequences.version(SequenceId.parse('MW199999'), 1),
      store.devices.list(),
    ]);
    const [one, written, failed, two] = answers;
    expect(one).toMatchObject({ status: 'fulfilled', value: [{ id: deviceId }] });
    expect(written).toMatchObject({ status: 'fulfilled', value: { mayResume: true } });
    expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'sequence.not-found' } });
    expect(two).toEqual(one);
  });

  it('serves many runs at once from two servers, each event once', async () => {
    const name = database();
    const stores = [await open(cluster.url(name)), await open(cluster.url(name))] as const;
    const runs = [];
    for (let index = 0; index < 6; index++) runs.push(await startRun(stores[0], index));
    await Promise.all(
      runs.map(async ({ runId }, index) => {
        for (let seq = 1; seq <= 15; seq++)
          // Both servers get each event: an agent that sends again does it to another one.
          await Promise.all(stores.map((store) => appendTo(store, runId, seq)));
        expect(await stores[index % 2]?.runs.get(runId)).toMatchObject({ have: 15 });
      }),
    );
    expect(cluster.sql(name, 'select count(*), count(distinct (run_id, seq)) from events')).toBe(
      '90|90\n',
    );
  });

  it('undoes what could not be kept together, and keeps all of it that can be kept alone', async () => {
    const name = database();
    const store = await open(cluster.url(name));
    const runs: RunId[] = [];
    for (let index = 0; index < 12; index++) runs.push((await startRun(store, index)).runId);
    cluster.sql(name, `alter table events add constraint odd check (run_id <> '${runs[5]}')`);
    const kept = await Promise.allSettled(runs.map(async (run) => appendTo(store, run, 1)));
    expect(kept.map(({ status }) => status === 'fulfilled')).toEqual(
      runs.map((_, index) => index !== 5),
    );
    expect(await store.runs.get(runs[5] ?? expect.fail())).toMatchObject({ have: 0 });
    expect(
      cluster.sql(name, 'select count(*), sum(have) from events join runs using (run_id)'),
    ).toBe('11|11\n');
  });

  it.each([
    {
      what: 'a database that is not there',
      code: 'store.no-database',
      url: () => cluster.url('no'),
    },
    {
      what: 'a user who is not let in',
      code: 'store.login',
      url: () => cluster.url('postgres').replace('metalwright@', 'somebody@'),
    },
    {
      what: 'a database of another encoding',
      code: 'store.encoding',
      url: () => {
        cluster.sql(
          'postgres',
          `create database latin encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`,
        );
        return cluster.url('latin');
      },
    },
  ])('refuses $what, and says what to do', async ({ code, url }) => {
    await expect(openStore(url())).rejects.toMatchObject({ code, hint: expect.any(String) });
  });
});

const identity = testIdentity({
  smbiosGuid: '11111111-2222-3333-4444-555555555555',
});

function sortKey(text: string): Buffer {
  return Buffer.from(text.replaceAll('\u{10ffff}', '\u{10ffff}1').replaceAll('\0', '\u{10ffff}0'));
}

function addSequence(store: Store, name: string) {
  const document = { name, steps: [{ step: 'a', type: 'set-variable', params: { name: 'A' } }] };
  return store.sequences.add(
    {
      name,
      description: '',
      documentJson: JSON.stringify(document),
      source: { text: '', format: 'yaml' },
    },
    0,
  );
}

function appendTo(store: Store, runId: RunId, seq: number) {
  const fact = { kind: 'group-entered', stepId: '0', name: `group ${seq}` };
  const event = RunEvent.parse({ runId, seq, atMs: seq, fact });
  return store.runs.append(runId, [event], { keyThumbprint: 'key', nowMs: seq });
}

/** A run that is open, on a device and a sequence of its own. */
async function startRun(store: Store, number = 0) {
  const deviceId = DeviceId.parse(randomUUID());
  const runId = RunId.parse(randomUUID());
  await store.devices.put(newDevice(deviceId, identity, { state: 'known', nowMs: 0 }));
  const { id } = await addSequence(store, `S${number}`);
  const deployment = await store.deployments.create(
    { sequenceId: id, collectionId: ALL_SYSTEMS, purpose: 'available', scope: null },
    0,
  );
  await store.grants.make(
    {
      runId,
      deploymentId: deployment.id,
      deviceId,
      keyThumbprint: 'key',
      remoteAddress: '10.0.5.9',
      environment: 'linux-pe',
      bootImage: null,
      preferred: null,
      nowMs: 1,
    },
    {
      resumeToken: '',
      runKey: '',
      from: { address: '127.0.0.1', ownUrl: 'http://127.0.0.1' },
      variableKey: new Uint8Array(32),
    },
  );
  return { runId, deviceId, append: (seq: number) => appendTo(store, runId, seq) };
}

/** Passes bytes on to the database; once, it lets a commit through and cuts before its answer. */
async function startProxy(port: number) {
  let lose = false;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const database = connectSocket(port, '127.0.0.1');
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        // What was sent to the database reaches it first.
        database.end();
      });
    }
    let cut = false;
    client.on('data', (bytes) => {
      if (lose && bytes.includes('commit\0')) {
        lose = false;
        cut = true;
        database.write(bytes, () => void delay(100).then(() => client.destroy()));
        return;
      }
      database.write(bytes);
    });
    database.on('data', (bytes) => {
      if (!cut) client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address !== 'object') throw new Error('no port');
  return {
    port: address.port,
    loseNextCommit: () => {
      lose = true;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../store/open.ts';
import {
  postgresPrograms,
  startTestCluster,
  type TestCluster,
} from '../store/postgres/test-cluster.ts';
import { seeded } from '../testing/seeded.ts';
import { type BootWire, openBootWire } from './testing/boot-client.ts';
import { openFaultSite } from './testing/fault-site.ts';
import { openLoad, seedOfToday } from './testing/load.ts';

const isRequired = process.env['REQUIRE_PEERS'] === '1';
const missing = (await postgresPrograms()) === undefined && !isRequired;
const isRoot = process.getuid?.() === 0;
if (!isRoot && isRequired) throw new Error('network namespaces are needed: run as root');

describe.skipIf(missing || !isRoot)('M31 M57 a PostgreSQL that is stopped under load', () => {
  let cluster: TestCluster;
  let wire: BootWire;
  beforeAll(async () => {
    // Over its socket: the server is in a network of its own.
    cluster = await startTestCluster();
    cluster.createDatabase('site');
    wire = await openBootWire();
  }, 60_000);
  afterAll(async () => {
    await wire?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  it('is waited for: PXE is answered, messages are refused, and each is there once in the end', async () => {
    await using site = await openFaultSite({
      databaseUrl: cluster.socketUrl('site'),
      namespace: wire.server,
    });
    const load = await openLoad(site, seeded(seedOfToday()));
    await answerOnWire(site);
    await expect.poll(() => wire.ask(), { timeout: 30_000 }).toBeGreaterThan(0);
    const stop = new AbortController();
    const working = load.work(stop.signal);
    await load.moreAcknowledged(20);
    await cluster.crash();
    await load.refusedBy('store.unreachable', 12);
    expect(await wire.ask(), 'an offer while the database is away').toBeGreaterThan(0);
    expect(site.hasEnded(), site.errors()).toBe(false);
    await cluster.start();
    await load.moreAcknowledged(20);
    stop.abort();
    await working;
    expect(load.withoutRetryAfter()).toBe(0);
    expect([...load.refusals.keys()]).toEqual(['store.unreachable']);
    await site.stop();
    const store = await openStore(cluster.url('site'));
    try {
      await load.check(store);
    } finally {
      await store.close();
    }
  }, 240_000);
});

async function answerOnWire(site: Awaited<ReturnType<typeof openFaultSite>>): Promise<void> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const answer = await request(`${site.addresses.console}/api/v1/netboot`, {
    method: 'PUT',
    dispatcher,
    headers: {
      authorization: `Bearer ${await site.adminToken()}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ answerOn: ['eth0'], unknownMachines: 'ask' }),
  });
  expect([answer.statusCode, await answer.body.text()]).toEqual([200, expect.any(String)]);
  await dispatcher.close();
}

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../store/open.ts';
import {
  postgresPrograms,
  startTestCluster,
  type TestCluster,
} from '../store/postgres/test-cluster.ts';
import { seeded } from '../testing/seeded.ts';
import { openFaultSite } from './testing/fault-site.ts';
import { openLoad, seedOfToday } from './testing/load.ts';

const noPostgres = (await postgresPrograms()) === undefined && process.env['REQUIRE_PEERS'] !== '1';
const KILLS = 3;
const seed = seedOfToday();

/** Kills the server under load, starts it again, and holds what it has against what machines have. */
async function killAgainAndAgain(databaseUrl?: string): Promise<void> {
  process.stdout.write(`METALWRIGHT_SEED=${seed}\n`);
  const random = seeded(seed);
  const options = databaseUrl === undefined ? {} : { databaseUrl };
  await using site = await openFaultSite(options);
  const load = await openLoad(site, random, 'agent');
  const stop = new AbortController();
  const working = load.work(stop.signal);
  const killing = (async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      await load.moreAcknowledged(1 + Math.floor(random() * 40));
      await delay(random() * 30);
      await site.kill();
      await site.start();
    }
    stop.abort();
  })();
  await Promise.all([working, killing]);
  expect(load.refusals.get('transport')).toBeGreaterThan(0);
  await site.stop();
  const store = await openStore(databaseUrl ?? `${site.dataDirectory}/metalwright.sqlite`);
  try {
    await load.check(store);
  } finally {
    await store.close();
  }
}

describe('M31 M56 a server that is killed at random moments under load', () => {
  it('has each event of each run once, and every run ends: SQLite', async () => {
    await killAgainAndAgain();
  }, 240_000);

  describe.skipIf(noPostgres)('on PostgreSQL', () => {
    let cluster: TestCluster;
    beforeAll(async () => {
      cluster = await startTestCluster();
      cluster.createDatabase('site');
    }, 60_000);
    afterAll(() => cluster[Symbol.asyncDispose]());

    it('has each event of each run once, and every run ends: PostgreSQL', async () => {
      await killAgainAndAgain(cluster.url('site'));
    }, 240_000);
  });
});

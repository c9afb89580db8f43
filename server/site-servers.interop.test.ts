import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Config } from './config.ts';
import { openContentStore } from './content/store.ts';
import { createLog } from './log.ts';
import { joinSite, type SiteServers } from './site-servers.ts';
import { openStore } from './store/open.ts';
import {
  postgresPrograms,
  startTestCluster,
  type TestCluster,
} from './store/postgres/test-cluster.ts';

const missing = (await postgresPrograms()) === undefined && process.env['REQUIRE_PEERS'] !== '1';
/** So long that no test waits for it: what is heard was told. */
const NEVER_MS = 3_600_000;

/** A server as far as its site knows it. */
interface Joined {
  readonly servers: SiteServers;
  /** Resolves at the next change of another server that this one hears of. */
  heard(): Promise<'boot' | 'view'>;
}

describe.skipIf(missing)('M57 servers of a site call each other through PostgreSQL', () => {
  let directory: string;
  let cluster: TestCluster;
  let first: Joined;
  let second: Joined;
  const opened = new AsyncDisposableStack();
  const joined = async (name: string, beatMs: number): Promise<Joined> => {
    const location = cluster.url('site');
    const store = await openStore(location);
    opened.defer(() => store.close());
    const content = await openContentStore(join(directory, name));
    opened.defer(() => content.close());
    const log = createLog('error');
    const waiting: ((what: 'boot' | 'view') => void)[] = [];
    const servers = joinSite({
      store,
      location,
      content,
      config: Config.parse({}),
      ports: { boot: 1, agents: 2 },
      interfaces: () => [{ name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0' }],
      changes: {
        heard(what) {
          for (const resolve of waiting.splice(0)) resolve(what);
        },
      },
      log,
      nowMs: Date.now,
      beatMs,
    });
    opened.defer(() => servers.close());
    const heard = () =>
      new Promise<'boot' | 'view'>((resolve) => {
        waiting.push(resolve);
      });
    return { servers, heard };
  };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'metalwright-calls-'));
    cluster = await startTestCluster();
    cluster.createDatabase('site');
    first = await joined('first', NEVER_MS);
    const came = first.heard();
    second = await joined('second', NEVER_MS);
    await came;
    // What is called by the coming of the second one has been read.
    await delay(500);
  }, 60_000);
  afterAll(async () => {
    await opened.disposeAsync();
    await cluster[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it('tells a change that decides about boots, and one that is looked at, without being asked', async () => {
    const tookMs = { boot: [] as number[], view: [] as number[] };
    for (const what of ['boot', 'boot', 'boot', 'view', 'boot', 'view'] as const) {
      const began = performance.now();
      const heard = second.heard();
      first.servers.changed(what);
      expect(await heard).toBe(what);
      tookMs[what].push(Math.round(performance.now() - began));
    }
    console.log('a change was known to the other server after (ms)', JSON.stringify(tookMs));
  }, 60_000);

  it('is heard again when the connection was broken, and by reading meanwhile', async () => {
    const heard = second.heard();
    cluster.sql(
      'site',
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and query ~ 'listen|pg_notify'",
    );
    first.servers.changed('boot');
    expect(await heard).toBe('boot');
    // Both listen again: five seconds, and then only calls are heard.
    for (let tries = 0; ; tries += 1) {
      const listening = cluster.sql(
        'site',
        "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and query ~ 'listen|pg_notify'",
      );
      if (listening.trim() === '2') break;
      expect(tries).toBeLessThan(300);
      await delay(100);
    }
    await delay(1500);
    const again = second.heard();
    first.servers.changed('boot');
    expect(await again).toBe('boot');
  }, 60_000);
});

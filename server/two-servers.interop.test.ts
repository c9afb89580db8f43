import { cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentPaths } from '#agent/protocol/paths.ts';
import { type App, startApp } from './app.ts';
import { Config } from './config.ts';
import { openContentStore } from './content/store.ts';
import { checkDatabase } from './doctor/database.ts';
import { createTestAgent } from './http/routes/agent/test-agent.ts';
import { createLog } from './log.ts';
import {
  postgresPrograms,
  startTestCluster,
  type TestCluster,
} from './store/postgres/test-cluster.ts';

const missing = (await postgresPrograms()) === undefined && process.env['REQUIRE_PEERS'] !== '1';
const here = { host: '127.0.0.1', port: 0 };
const log = createLog('error');

describe.skipIf(missing)('M57 two servers on one PostgreSQL', () => {
  let directory: string;
  let cluster: TestCluster;
  let first: App;
  let second: App;
  const start = (name: string) =>
    startApp(
      Config.parse({
        dataDirectory: join(directory, name),
        database: { url: cluster.url('site') },
        listeners: { boot: here, agents: here, console: here },
        netboot: { enabled: false },
      }),
      { log },
    );
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'metalwright-two-'));
    cluster = await startTestCluster();
    cluster.createDatabase('site');
    first = await start('first');
  }, 60_000);
  afterAll(async () => {
    await second?.close();
    await first.close();
    await cluster[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it('refuses a server with keys of its own, and takes it in with the keys of the site', async () => {
    await expect(start('stranger')).rejects.toMatchObject({
      code: 'store.other-site',
      hint: expect.stringContaining('site-ca.key'),
    });
    await mkdir(join(directory, 'second'));
    for (const file of ['site-ca.key', 'site-ca.pem', 'boot-signing.key', 'site-secret'])
      await cp(join(directory, 'first', file), join(directory, 'second', file));
    second = await start('second');
    await until(async () => (await second.store.servers.list()).length === 2);
  }, 60_000);

  it('knows the machine and the token of the other one, and tells agents of it', async () => {
    const ca = await readFile(join(directory, 'first', 'site-ca.pem'), 'utf8');
    const agent = createTestAgent(first.addresses.agents, ca);
    await agent.register();
    agent.moveTo(second.addresses.agents);
    expect((await agent.call('GET', agentPaths.policy)).status).toBe(200);
    agent.moveTo(first.addresses.agents);
    await until(async () => {
      const { headers } = await agent.call('GET', agentPaths.policy);
      return headers['metalwright-servers'] === second.addresses.agents.replace('https://', '');
    });
  }, 60_000);

  it('brings content that came to the other one here, verified, and tells what changed there', async () => {
    const content = await openContentStore(join(directory, 'first', 'content'));
    const object = await content.ingest(Readable.from([Buffer.alloc(3_000_000, 'x')]), 'a.wim');
    await content.close();
    const wish = { name: 'P', kind: 'package' as const, objects: [object], images: [] };
    await first.store.packages.add(wish, Date.now());
    // A machine that registers is a change that decides about boots: the other server looks again.
    const ca = await readFile(join(directory, 'first', 'site-ca.pem'), 'utf8');
    await createTestAgent(first.addresses.agents, ca).register();
    const { sha256 } = object;
    const copy = join(directory, 'second', 'content', sha256.slice(0, 2), sha256);
    await until(async () => (await stat(copy).catch(() => undefined))?.size === 3_000_000);
  }, 60_000);

  it('is seen by doctor: the database with its version, tables and documents, and both servers', async () => {
    const findings = await checkDatabase(cluster.url('site'), Date.now());
    expect(findings.map(({ code }) => code)).toEqual([
      'doctor.database',
      'doctor.database',
      'doctor.server',
      'doctor.server',
      'doctor.plain-secret',
    ]);
    expect(findings[0]?.message).toMatch(/^PostgreSQL \d+.* answers in \d/);
    for (const { level, message } of findings.slice(1)) expect(level, message).toBe('ok');
    const [late] = (await checkDatabase(cluster.url('site'), Date.now() + 60_000)).slice(2);
    expect(late).toMatchObject({ level: 'warning', hint: expect.any(String) });
    expect(await checkDatabase(cluster.url('nothing'), 0)).toMatchObject([
      { level: 'problem', code: 'doctor.database', hint: expect.stringContaining('createdb') },
    ]);
  }, 60_000);

  it('forgets a server that stops', async () => {
    await second.close();
    expect(await first.store.servers.list()).toHaveLength(1);
  }, 60_000);
});

/** Waits for what comes within seconds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await delay(100);
  }
  throw new Error('it did not come to that in 20 s');
}

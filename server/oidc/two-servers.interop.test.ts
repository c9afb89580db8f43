import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../app.ts';
import { Config } from '../config.ts';
import { createLog } from '../log.ts';
import {
  postgresPrograms,
  startTestCluster,
  type TestCluster,
} from '../store/postgres/test-cluster.ts';
import { openSiteCa } from '../trust/site-ca.ts';
import { openTestBrowser } from './testing/test-browser.ts';
import { openTestProvider, type TestProvider } from './testing/test-provider.ts';

const missing = (await postgresPrograms()) === undefined && process.env['REQUIRE_PEERS'] !== '1';
const here = { host: '127.0.0.1', port: 0 };

describe.skipIf(missing)('people of two servers on one PostgreSQL', () => {
  let directory: string;
  let cluster: TestCluster;
  let provider: TestProvider;
  let servers: readonly App[] = [];
  let ca: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'metalwright-two-oidc-'));
    cluster = await startTestCluster();
    cluster.createDatabase('site');
    const [first, second] = [join(directory, 'first'), join(directory, 'second')];
    await mkdir(first);
    const { serverKey, serverCertificate } = await openSiteCa(first, []);
    const tls = { key: serverKey, cert: serverCertificate };
    provider = await openTestProvider({ tls, nowMs: Date.now });
    provider.endsSessions = true;
    const start = (dataDirectory: string) =>
      startApp(
        Config.parse({
          dataDirectory,
          database: { url: cluster.url('site') },
          listeners: { boot: here, agents: here, console: here },
          netboot: { enabled: false },
          oidc: {
            issuer: provider.issuer,
            clientId: provider.clientId,
            clientSecret: provider.clientSecret,
            consoleUrl: 'https://console.example',
            caFile: join(first, 'site-ca.pem'),
            roles: { operator: ['bench'] },
          },
        }),
        { log: createLog('error') },
      );
    const one = await start(first);
    servers = [one];
    await mkdir(second);
    for (const file of ['site-ca.key', 'site-ca.pem', 'boot-signing.key', 'site-secret'])
      await cp(join(first, file), join(second, file));
    servers = [one, await start(second)];
    ca = await readFile(join(first, 'site-ca.pem'), 'utf8');
  }, 60_000);
  afterAll(async () => {
    for (const server of servers) await server.close();
    await provider?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it('signs in at one who has begun at the other, once, and signs out at either', async () => {
    provider.person = { sub: 'bea-1', preferred_username: 'Bea', groups: ['bench'] };
    // As behind one name for both: the browser does not know which of them answers.
    let at = 0;
    await using browser = openTestBrowser(() => servers[at]?.addresses.console ?? '', ca);
    const begun = await browser.post('/api/v1/sign-in/oidc', { returnTo: '/#run=1' });
    const held = new Map(browser.cookies);
    const { location } = JSON.parse(begun.text) as { location: string };
    const { pathname, search } = new URL(provider.authorize(location));
    at = 1;
    const back = await browser.get(`${pathname}${search}`);
    expect([back.status, back.location]).toEqual([303, '/#run=1']);
    for (at of [0, 1])
      expect(JSON.parse((await browser.get('/api/v1/session')).text)).toMatchObject({
        name: 'Bea',
        role: 'operator',
      });

    // What began it is used up at both.
    await using thief = openTestBrowser(() => servers[at]?.addresses.console ?? '', ca);
    for (at of [0, 1]) {
      for (const [name, value] of held) thief.cookies.set(name, value);
      const again = await thief.get(`${pathname}${search}`);
      expect([again.status, again.text]).toEqual([400, expect.stringContaining('oidc.state')]);
    }

    at = 0;
    const gone = await browser.del('/api/v1/session');
    const elsewhere = (JSON.parse(gone.text) as { location: string }).location;
    expect(new URL(elsewhere).searchParams.has('id_token_hint')).toBe(true);
    at = 1;
    expect((await browser.get('/api/v1/session')).status).toBe(401);
    const signedOut = new URL(provider.endSession(elsewhere));
    const told = await browser.get(`${signedOut.pathname}${signedOut.search}`);
    expect(told.location).toBe('/#signed-out');
  }, 60_000);
});

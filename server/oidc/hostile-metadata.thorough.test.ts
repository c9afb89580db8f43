import { createServer, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../trust/password-hasher.ts';
import { attemptOf } from './attempt.ts';
import { openProvider } from './provider.ts';
import { send } from './testing/hostile-site.ts';
import { openTestOidcSite, type TestOidcSite } from './testing/test-oidc-site.ts';
import type { Misdeeds } from './testing/test-provider.ts';

const SLOW_S = 1;
const hasher = createPasswordHasher({ cost: { memoryKib: 64, passes: 1, parallelism: 1 } });
const PASSWORD = 'forty mice in the attic';

let oidc: TestOidcSite;
beforeAll(async () => {
  oidc = await openTestOidcSite();
});
afterAll(() => oidc[Symbol.asyncDispose]());
beforeEach(() => {
  oidc.provider.misdeeds = {};
  oidc.provider.person = { sub: 'ann-1', preferred_username: 'Ann', groups: ['site-admins'] };
});

describe('what the provider says of itself', () => {
  /** A server that has not met its provider yet: what it is told once is kept. */
  let fresh: TestOidcSite;
  beforeAll(async () => {
    fresh = await openTestOidcSite({ timeoutSeconds: SLOW_S });
    const passwordHash = await hasher.hash(PASSWORD);
    const { nowMs } = fresh.site.clock;
    const local = { id: 'l', name: 'Local', role: 'operator', passwordHash, nowMs } as const;
    await fresh.site.app.store.people.add(local);
  });
  afterAll(() => fresh[Symbol.asyncDispose]());
  const here = '/.well-known/openid-configuration';

  it.each<[string, Misdeeds, string]>([
    ['another issuer', { metadata: (it) => ({ ...it, issuer: 'https://x.example' }) }, '.issuer'],
    [
      'its issuer with a slash more',
      { metadata: (it) => ({ ...it, issuer: `${String(it['issuer'])}/` }) },
      '.issuer',
    ],
    ['nothing that is JSON', { answers: { [here]: send('<p>', 'text/html') } }, '.provider'],
    ['too much', { answers: { [here]: send(' '.repeat(300 * 1024)) } }, '.provider'],
    [
      'that it is elsewhere, in a circle',
      {
        answers: {
          [here]: (_request, response) => void response.writeHead(302, { location: here }).end(),
        },
      },
      '.provider',
    ],
    ['nothing, slowly', { answers: { [here]: trickle } }, '.provider'],
  ])('begins nothing where it tells %s; name and password go on', async (_name, misdeeds, code) => {
    fresh.provider.misdeeds = misdeeds;
    await using browser = fresh.browser();
    const startedMs = performance.now();
    const begun = await browser.post('/api/v1/sign-in/oidc', {});
    expect([begun.status, begun.text]).toEqual([502, expect.stringContaining(`oidc${code}`)]);
    expect(performance.now() - startedMs).toBeLessThan(SLOW_S * 10_000);
    expect([...browser.cookies]).toEqual([]);
    const signedIn = await browser.post('/api/v1/session', { name: 'Local', password: PASSWORD });
    expect(signedIn.status).toBe(200);
  });

  it.each<[string, Record<string, unknown>]>([
    ['plain HTTP to sign in at', { authorization_endpoint: 'http://127.0.0.1/a' }],
    ['a script to sign in at', { authorization_endpoint: 'javascript:alert(1)' }],
    ['nowhere to sign in at', { authorization_endpoint: undefined }],
    ['algorithms that nobody takes', { id_token_signing_alg_values_supported: ['HS256', 'none'] }],
  ])('sends no browser to it where it tells %s', async (_name, metadata) => {
    oidc.provider.misdeeds = { metadata: (it) => ({ ...it, ...metadata }) };
    await using provider = await openProvider(oidc.config, () => oidc.site.clock.nowMs);
    await expect(provider.authorizationUrl(attemptOf('x'))).rejects.toMatchObject({
      code: 'oidc.provider',
    });
  });

  it.each(['token_endpoint', 'jwks_uri', 'userinfo_endpoint'])(
    'asks for nothing over plain HTTP: %s',
    async (endpoint) => {
      const heard: string[] = [];
      const plain = createServer((request, response) => {
        heard.push(String(request.headers.authorization));
        response.end('{}');
      });
      await new Promise<void>((resolve) => {
        plain.listen(0, '127.0.0.1', resolve);
      });
      const address = plain.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      oidc.provider.misdeeds = {
        metadata: (it) => ({ ...it, [endpoint]: `http://127.0.0.1:${port}/` }),
        claims: (it) => ({ ...it, groups: undefined }),
      };
      await using provider = await openProvider(oidc.config, () => oidc.site.clock.nowMs);
      const attempt = attemptOf('x');
      const callback = oidc.provider.authorize(await provider.authorizationUrl(attempt));
      await expect(provider.claims(new URL(callback).search, attempt)).rejects.toMatchObject({
        code: 'oidc.provider',
      });
      expect(heard).toEqual([]);
      plain.close();
    },
  );
});

/** A byte now and then, without an end: only a bound on the whole ends it. */
function trickle(_request: unknown, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(timer));
}

import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPasswordHasher } from '../trust/password-hasher.ts';
import { attemptOf } from './attempt.ts';
import { openProvider } from './provider.ts';
import { openTestOidcSite, type TestOidcSite } from './testing/test-oidc-site.ts';
import {
  jwkOf,
  type Misdeeds,
  newSigningKey,
  signed,
  signedByPublicKey,
} from './testing/test-provider.ts';

const SLOW_S = 1;
const hasher = createPasswordHasher({ cost: { memoryKib: 64, passes: 1, parallelism: 1 } });
const PASSWORD = 'forty mice in the attic';

let oidc: TestOidcSite;
beforeAll(async () => {
  oidc = await openTestOidcSite({ timeoutSeconds: 5 });
  const { provider, site } = oidc;
  // Somebody is there whom a forged token could mean.
  await site.app.store.people.add({
    id: 'ann',
    name: 'Ann',
    role: 'administrator',
    passwordHash: '',
    provider: { issuer: provider.issuer, subject: 'ann-1' },
    nowMs: site.clock.nowMs,
  });
});
afterAll(() => oidc[Symbol.asyncDispose]());
beforeEach(() => {
  oidc.provider.misdeeds = {};
  oidc.provider.person = { sub: 'ann-1', preferred_username: 'Ann', groups: ['site-admins'] };
  // The clock of failed attempts goes on: each test is a first one.
  oidc.site.clock.nowMs += 25 * 60 * 60_000;
});

/** A sign-in that is refused with a code, teaches nothing and changes nothing. */
async function refused(
  code: string,
  misdeeds: Misdeeds,
  options: Parameters<TestOidcSite['signIn']>[1] = {},
): Promise<string> {
  const before = await oidc.facts();
  await using browser = oidc.browser();
  oidc.provider.misdeeds = misdeeds;
  const answer = await oidc.signIn(browser, options);
  expect([answer.status >= 400, answer.text]).toEqual([true, expect.stringContaining(code)]);
  expect(answer.text).not.toContain(oidc.provider.clientSecret);
  expect([...browser.cookies.keys()]).not.toContain('metalwright-session');
  expect(await oidc.facts()).toEqual(before);
  return answer.text;
}

const other = newSigningKey('first');
const send = (value: string, type = 'application/json', status = 200) => {
  return (_request: unknown, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': type }).end(value);
  };
};
const nowS = () => Math.floor(oidc.site.clock.nowMs / 1000);

it('is right without a misdeed: what follows is refused for its misdeed alone', async () => {
  await using browser = oidc.browser();
  expect((await oidc.signIn(browser)).status).toBe(303);
});

describe('tokens', () => {
  it.each<[string, () => Misdeeds]>([
    ['another issuer', () => ({ claims: (it) => ({ ...it, iss: 'https://evil.example' }) })],
    ['another audience', () => ({ claims: (it) => ({ ...it, aud: 'other-client' }) })],
    [
      'more audiences without an authorized party',
      () => ({ claims: (it) => ({ ...it, aud: ['metalwright', 'other-client'] }) }),
    ],
    ['an end that is past', () => ({ claims: (it) => ({ ...it, exp: nowS() - 120 }) })],
    ['no end', () => ({ claims: (it) => ({ ...it, exp: undefined }) })],
    ['a beginning to come', () => ({ claims: (it) => ({ ...it, nbf: nowS() + 600 }) })],
    ['another nonce', () => ({ claims: (it) => ({ ...it, nonce: 'of-another-sign-in' }) })],
    ['no nonce', () => ({ claims: (it) => ({ ...it, nonce: undefined }) })],
    ['no sub', () => ({ claims: (it) => ({ ...it, sub: undefined }) })],
    ['a sub that is a number', () => ({ claims: (it) => ({ ...it, sub: 1 }) })],
    ['no algorithm', () => ({ header: (it) => ({ ...it, alg: 'none' }), signature: () => '' })],
    [
      'HMAC by the public key',
      () => ({
        header: (it) => ({ ...it, alg: 'HS256' }),
        signature: (text) => signedByPublicKey(text, oidc.provider.key),
      }),
    ],
    ['the signature of another key', () => ({ signature: (text) => signed(text, other) })],
    ['a signature that is cut', () => ({ signature: (text) => signed(text, other).slice(0, 20) })],
    ['a key id that is unknown', () => ({ header: (it) => ({ ...it, kid: 'no-such' }) })],
    [
      'a key of its own in the header',
      () => ({
        header: (it) => ({ ...it, jwk: jwkOf(other) }),
        signature: (text) => signed(text, other),
      }),
    ],
    [
      'two keys for one id',
      () => ({
        header: (it) => ({ ...it, kid: 'twice' }),
        keys: ([it = {}]) => [
          { ...it, kid: 'twice' },
          { ...jwkOf(other), kid: 'twice' },
        ],
      }),
    ],
  ])('refuses one with %s', async (_name, misdeeds) => {
    await refused('oidc.token', misdeeds());
  });

  it.each<[string, unknown]>([
    ['empty', ''],
    ['with blanks', 'ann 1'],
    ['of another alphabet', 'änn'],
    ['too long', 'a'.repeat(256)],
  ])('refuses a sub that is %s', async (_name, sub) => {
    const answer = await refused('oidc.', { claims: (it) => ({ ...it, sub }) });
    expect(answer).toMatch(/oidc\.(claims|token)/);
  });

  it('refuses one that was not asked for: an answer without it', async () => {
    const answer = JSON.stringify({ access_token: 'x', token_type: 'Bearer' });
    await refused('oidc.token', { answers: { '/token': send(answer) } });
  });

  it('signs nobody in as somebody else by the userinfo endpoint', async () => {
    await refused('oidc.token', {
      claims: (it) => ({ ...it, groups: undefined, sub: 'somebody' }),
      userinfo: (it) => ({ ...it, sub: 'ann-1', groups: ['site-admins'] }),
    });
  });
});

describe('claims', () => {
  it.each<[string, unknown, string]>([
    ['a number', 7, 'oidc.claims'],
    ['an object', { 'site-admins': true }, 'oidc.claims'],
    ['a list of lists', [['site-admins']], 'oidc.claims'],
    ['a list with a number', ['site-admins', 7], 'oidc.claims'],
    ['true', true, 'oidc.claims'],
    ['null', null, 'oidc.role'],
    ['groups in one text', 'audit,site-admins', 'oidc.role'],
    ['one in other letters', ['SITE-ADMINS'], 'oidc.role'],
    ['none', [], 'oidc.role'],
  ])('gives no role for groups that are %s', async (_name, groups, code) => {
    await refused(code, { claims: (it) => ({ ...it, groups }) });
  });

  it.each<[string, unknown]>([
    ['missing', undefined],
    ['a list', ['Ann']],
    ['markup', '<img src=x>'],
    ['too long', 'a'.repeat(65)],
  ])('makes no account for a name that is %s', async (_name, name) => {
    const sub = randomUUID();
    const page = await refused('person.unknown', {
      claims: (it) => ({ ...it, sub, preferred_username: name }),
      userinfo: () => ({ sub }),
    });
    expect(page).not.toContain('<img src=x');
  });

  it('makes nobody who stands for the server in the audit log', async () => {
    const sub = randomUUID();
    await refused('person.name', {
      claims: (it) => ({ ...it, sub, preferred_username: 'ADMIN' }),
    });
  });
});

describe('the way back', () => {
  it('refuses the state of another browser, and one without its cookie', async () => {
    const { provider } = oidc;
    await using mine = oidc.browser();
    await using attackers = oidc.browser();
    const begun = await attackers.post('/api/v1/sign-in/oidc', {});
    const theirs = new URL(
      provider.authorize((JSON.parse(begun.text) as { location: string }).location),
    );
    const answer = await oidc.signIn(mine, { at: () => theirs.href });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('oidc.state')]);
    await using bare = oidc.browser();
    expect((await bare.get(`${theirs.pathname}${theirs.search}`)).status).toBe(400);
    // Theirs is not used up by that.
    expect((await attackers.get(`${theirs.pathname}${theirs.search}`)).status).toBe(303);
  });

  it('takes a callback once, also when its cookie is sent again', async () => {
    const { provider } = oidc;
    await using browser = oidc.browser();
    const begun = await browser.post('/api/v1/sign-in/oidc', {});
    const held = new Map(browser.cookies);
    const back = new URL(
      provider.authorize((JSON.parse(begun.text) as { location: string }).location),
    );
    const path = `${back.pathname}${back.search}`;
    expect((await browser.get(path)).status).toBe(303);
    for (const [name, value] of held) browser.cookies.set(name, value);
    const before = await oidc.facts();
    const again = await browser.get(path);
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('oidc.state')]);
    expect(await oidc.facts()).toEqual(before);
  });

  it('refuses a code that the provider has given before', async () => {
    let used = '';
    await using browser = oidc.browser();
    oidc.provider.misdeeds = {
      callback: (it) => {
        used = it.get('code') ?? '';
      },
    };
    await oidc.signIn(browser);
    await refused('oidc.code', { callback: (it) => it.set('code', used) });
  });

  it('refuses what comes too late', async () => {
    await using browser = oidc.browser();
    const answer = await oidc.signIn(browser, {
      at: (callback) => {
        oidc.site.clock.nowMs += 10 * 60_000;
        return callback;
      },
    });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('oidc.state')]);
  });

  it.each<[string, (it: URLSearchParams) => void, string]>([
    ['another state', (it) => it.set('state', 'x'.repeat(43)), 'oidc.state'],
    ['no state', (it) => it.delete('state'), 'oidc.state'],
    ['two states', (it) => it.append('state', 'x'), 'oidc.state'],
    ['two codes', (it) => it.append('code', 'x'), 'oidc.token'],
    ['no code', (it) => it.delete('code'), 'oidc.token'],
    ['the iss of another provider', (it) => it.set('iss', 'https://evil.example'), 'oidc.token'],
    ['no iss, which the provider promises', (it) => it.delete('iss'), 'oidc.token'],
    ['an id_token', (it) => it.set('id_token', 'x.y.z'), 'oidc.token'],
    ['a JWT in its place', (it) => it.set('response', 'x.y.z'), 'oidc.token'],
    ['an error', (it) => it.set('error', 'access_denied'), 'oidc.denied'],
  ])('refuses one with %s', async (_name, callback, code) => {
    await refused(code, { callback });
  });

  it('shows no text of the provider', async () => {
    const page = await refused('oidc.denied', {
      callback: (it) => {
        it.set('error', 'call +1-555-0100 <b>now</b>');
        it.set('error_description', 'your account is locked');
      },
    });
    expect(page).not.toMatch(/555|locked/);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '/a\\b',
    'javascript:alert(1)',
    '/\n//evil.example',
    '/api/v1/session',
    '',
  ])('goes on to no page but ours: %j', async (returnTo) => {
    await using browser = oidc.browser();
    const begun = await browser.post('/api/v1/sign-in/oidc', { returnTo });
    expect([begun.status, begun.text]).toEqual([400, expect.stringContaining('request.invalid')]);
  });

  it('begins for no form of another site', async () => {
    await using browser = oidc.browser();
    expect((await browser.post('/api/v1/sign-in/oidc', undefined)).status).toBe(400);
    expect([...browser.cookies]).toEqual([]);
  });
});

describe('answers', () => {
  const long = 'x'.repeat(300 * 1024);
  it.each<[string, Misdeeds]>([
    ['no JSON', { answers: { '/token': send('<html>', 'text/html') } }],
    ['JSON of a page', { answers: { '/token': send('{}', 'text/html') } }],
    ['broken JSON', { answers: { '/token': send('{"id_token":') } }],
    ['a list', { answers: { '/token': send('[]') } }],
    ['far too long', { answers: { '/token': send(`{"id_token":"${long}"}`) } }],
    ['an error of the server', { answers: { '/token': send('{}', 'application/json', 500) } }],
    [
      'a redirect',
      {
        answers: {
          '/token': (_request, response) =>
            void response.writeHead(307, { location: '/token' }).end(),
        },
      },
    ],
    [
      'cut off',
      {
        answers: {
          '/token': (_request, response) => {
            response.writeHead(200, { 'content-length': '100' }).write('{');
            response.destroy();
          },
        },
      },
    ],
  ])('of the token endpoint that are %s lead to nothing', async (_name, misdeeds) => {
    expect(await refused('oidc.', misdeeds)).toMatch(/oidc\.(provider|token)/);
  });

  it.each<[string, Misdeeds]>([
    ['no JSON', { answers: { '/keys': send('<html>', 'text/html') } }],
    ['no set of keys', { answers: { '/keys': send('{"keys":{}}') } }],
    ['far too long', { answers: { '/keys': send(`{"keys":[],"x":"${long}"}`) } }],
  ])('of the keys that are %s lead to nothing', async (_name, misdeeds) => {
    const header = (it: Record<string, unknown>) => ({ ...it, kid: randomUUID() });
    expect(await refused('oidc.', { ...misdeeds, header })).toMatch(/oidc\.(provider|token)/);
  });

  it('says so plainly when the client secret is not the one the provider has', async () => {
    const wrong = JSON.stringify({ error: 'invalid_client', error_description: 'x' });
    await refused('oidc.client', {
      answers: { '/token': send(wrong, 'application/json', 401) },
    });
  });
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

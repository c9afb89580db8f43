import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openProvider } from './provider.ts';
import type { TestBrowser } from './testing/test-browser.ts';
import { openTestOidcSite, type TestOidcSite } from './testing/test-oidc-site.ts';

let oidc: TestOidcSite;
beforeAll(async () => {
  oidc = await openTestOidcSite();
  oidc.provider.endsSessions = true;
});
afterAll(() => oidc[Symbol.asyncDispose]());
beforeEach(() => {
  oidc.provider.misdeeds = {};
  oidc.provider.person = { sub: 'ann-1', preferred_username: 'Ann', groups: ['site-admins'] };
});

/** Signs out; answers where the browser is to go, undefined for nowhere. */
async function signOut(browser: TestBrowser): Promise<URL | undefined> {
  const answer = await browser.del('/api/v1/session');
  expect((await browser.get('/api/v1/session')).status).toBe(401);
  expect(answer.status).toBe(200);
  const { location } = JSON.parse(answer.text) as { location: string | null };
  return location === null ? undefined : new URL(location);
}

it('signs out here and at the provider, and comes back', async () => {
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  const kept = browser.seen.find((line) => line.startsWith('__Secure-metalwright-id-token=')) ?? '';
  for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/api/v1/session'])
    expect(kept).toContain(part);
  const idToken = browser.cookies.get('__Secure-metalwright-id-token');
  const location = await signOut(browser);
  expect(location?.href.startsWith(`${oidc.provider.issuer}/logout?`)).toBe(true);
  expect(Object.fromEntries(location?.searchParams ?? [])).toEqual({
    client_id: 'metalwright',
    id_token_hint: idToken,
    post_logout_redirect_uri: 'https://console.example:7400/api/v1/sign-in/oidc/signed-out',
    state: browser.cookies.get('__Host-metalwright-sign-out'),
  });
  const { pathname, search } = new URL(oidc.provider.endSession(location?.href ?? ''));
  const back = await browser.get(`${pathname}${search}`);
  expect([back.status, back.location]).toEqual([303, '/#signed-out']);
  expect([...browser.cookies]).toEqual([]);
  // The way back says it once, and to nobody else.
  expect((await browser.get(`${pathname}${search}`)).location).toBe('/');
  expect((await browser.get(`${pathname}?state=a&state=b`)).location).toBe('/');
});

it('names the client alone where the token is too long for a cookie', async () => {
  const groups = ['site-admins', ...Array.from({ length: 300 }, (_, index) => `group-${index}`)];
  oidc.provider.person = { ...oidc.provider.person, groups };
  await using browser = oidc.browser();
  expect((await oidc.signIn(browser)).status).toBe(303);
  const location = await signOut(browser);
  expect(location?.searchParams.get('client_id')).toBe('metalwright');
  expect(location?.searchParams.has('id_token_hint')).toBe(false);
});

it('sends nobody to the provider whom it has not signed in', async () => {
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  // A session of its own in the same browser, by a one-time link.
  const link = await oidc.site.app.newLinkToken();
  expect((await browser.post('/api/v1/session', { link })).status).toBe(200);
  expect(await signOut(browser)).toBeUndefined();
});

it('signs out here when the provider is away', async () => {
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  const held = new Map(browser.cookies);
  // What it says of itself is not known any more.
  await oidc.site.restart();
  const broken = '/.well-known/openid-configuration';
  oidc.provider.misdeeds = {
    answers: { [broken]: (_request, response) => void response.writeHead(503).end() },
  };
  expect(await signOut(browser)).toBeUndefined();
  for (const [name, value] of held) browser.cookies.set(name, value);
  expect((await browser.get('/api/v1/session')).status).toBe(401);
});

it.each([
  ['has no place for it', undefined],
  ['names one in plain HTTP', 'http://127.0.0.1/logout'],
  ['names a script', 'javascript:alert(1)'],
])('leads to no provider that %s', async (_name, endpoint) => {
  oidc.provider.misdeeds = { metadata: (it) => ({ ...it, end_session_endpoint: endpoint }) };
  await using provider = await openProvider(oidc.config, () => oidc.site.clock.nowMs);
  const asked = provider.endSessionUrl({ idToken: undefined, state: 'x' });
  if (endpoint === undefined) expect(await asked).toBeNull();
  else await expect(asked).rejects.toMatchObject({ code: 'oidc.provider' });
});

it('signs out here alone where the settings say so', async () => {
  await using here = await openTestOidcSite({ signOut: 'here' });
  here.provider.endsSessions = true;
  here.provider.person = oidc.provider.person;
  await using browser = here.browser();
  await here.signIn(browser);
  expect(JSON.parse((await browser.del('/api/v1/session')).text)).toEqual({ location: null });
});

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { agentPaths } from '#agent/protocol/paths.ts';
import { openTestOidcSite, type TestOidcSite } from './testing/test-oidc-site.ts';
import { newSigningKey } from './testing/test-provider.ts';

let oidc: TestOidcSite;
beforeAll(async () => {
  oidc = await openTestOidcSite();
});
afterAll(() => oidc[Symbol.asyncDispose]());
beforeEach(() => {
  oidc.provider.misdeeds = {};
});

const Session = z.object({ name: z.string(), role: z.string() });
const session = async (browser: ReturnType<TestOidcSite['browser']>) =>
  Session.parse(JSON.parse((await browser.get('/api/v1/session')).text));

it('signs somebody in whom the provider tells, makes the account, and goes on where the page was', async () => {
  const { provider } = oidc;
  provider.person = { sub: 'ann-1', preferred_username: 'Ann', groups: ['all', 'site-admins'] };
  await using browser = oidc.browser();
  const ways = await browser.get('/api/v1/sign-in');
  expect(JSON.parse(ways.text)).toEqual({ oidc: { label: 'Sign in with Example' } });
  const back = await oidc.signIn(browser, { returnTo: '/#run=1' });
  expect([back.status, back.location]).toEqual([303, '/#run=1']);
  expect(back.headers['cache-control']).toBe('no-store');
  expect(await session(browser)).toEqual({ name: 'Ann', role: 'administrator' });
  const [ann] = await oidc.site.app.store.people.list();
  expect(ann).toMatchObject({
    name: 'Ann',
    issuer: provider.issuer,
    subject: 'ann-1',
    hasPassword: false,
    lastSignedInMs: oidc.site.clock.nowMs,
  });
  expect(await oidc.audited('session.sign-in')).toEqual([
    expect.objectContaining({ by: 'oidc', subject: 'ann-1', made: true, role: 'administrator' }),
  ]);
});

it('binds the sign-in to the browser, for ten minutes, and shows the provider no secret', async () => {
  await using browser = oidc.browser();
  const begun = await browser.post('/api/v1/sign-in/oidc', {});
  const location = new URL((JSON.parse(begun.text) as { location: string }).location);
  const [cookie = ''] = browser.seen;
  for (const part of ['__Host-', 'HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/', 'Max-Age=600'])
    expect(cookie).toContain(part);
  const asked = Object.fromEntries(location.searchParams);
  expect(asked).toMatchObject({
    response_type: 'code',
    client_id: 'metalwright',
    redirect_uri: 'https://console.example:7400/api/v1/sign-in/oidc/callback',
    scope: 'openid profile',
    code_challenge_method: 'S256',
  });
  for (const [name, value] of Object.entries(asked)) {
    expect([name, [...browser.cookies.values()].includes(value)]).toEqual([name, false]);
    expect([name, value.includes(oidc.provider.clientSecret)]).toEqual([name, false]);
  }
});

it('takes the role anew at each sign-in, at once in the sessions that are open', async () => {
  const { provider } = oidc;
  provider.person = { sub: 'bea-1', preferred_username: 'Bea', groups: ['authors'] };
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  expect(await session(browser)).toEqual({ name: 'Bea', role: 'author' });
  provider.person = { ...provider.person, groups: ['audit', 'bench'] };
  await using other = oidc.browser();
  expect((await oidc.signIn(other)).status).toBe(303);
  expect(await session(browser)).toEqual({ name: 'Bea', role: 'operator' });
  expect(await oidc.audited('session.sign-in')).toContainEqual(
    expect.objectContaining({ before: { role: 'author' }, after: { role: 'operator' } }),
  );
});

it('tells people by issuer and subject: a name or an e-mail address that comes again is nobody known', async () => {
  const { provider } = oidc;
  provider.person = { sub: 'cy-1', preferred_username: 'Cy', groups: ['audit'], email: 'cy@x' };
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  provider.person = { ...provider.person, preferred_username: 'Cynthia' };
  await oidc.signIn(browser);
  expect(await session(browser)).toEqual({ name: 'Cy', role: 'auditor' });
  const before = await oidc.facts();
  provider.person = { ...provider.person, sub: 'cy-2', preferred_username: 'Cy' };
  await using second = oidc.browser();
  const refused = await oidc.signIn(second);
  expect([refused.status, refused.text.includes('person.exists')]).toEqual([409, true]);
  expect(await oidc.facts()).toEqual(before);
});

it('takes no local account over, until an administrator says who it is', async () => {
  const { provider, site } = oidc;
  const { store } = site.app;
  const { nowMs } = site.clock;
  await store.people.add({ id: 'd', name: 'Dan', role: 'author', passwordHash: 'x', nowMs });
  provider.person = { sub: 'dan-1', preferred_username: 'DAN', groups: ['audit'] };
  await using browser = oidc.browser();
  const refused = await oidc.signIn(browser);
  expect([refused.status, refused.text.includes('person.exists')]).toEqual([409, true]);
  expect(await oidc.audited('session.refused')).toContainEqual(
    expect.objectContaining({ reason: 'person.exists', subject: 'dan-1', name: 'DAN' }),
  );
  await store.people.change('d', { provider: { issuer: provider.issuer, subject: 'dan-1' } });
  expect((await oidc.signIn(browser)).status).toBe(303);
  expect(await session(browser)).toEqual({ name: 'Dan', role: 'auditor' });
  await expect(
    store.people.add({
      id: 'e',
      name: 'Eve',
      role: 'author',
      passwordHash: '',
      provider: { issuer: provider.issuer, subject: 'dan-1' },
      nowMs,
    }),
  ).rejects.toMatchObject({ code: 'person.subject' });
});

it('lets nobody in who is disabled here, and ends the sessions that he has', async () => {
  const { provider, site } = oidc;
  provider.person = { sub: 'fay-1', preferred_username: 'Fay', groups: ['bench'] };
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  const fay = await site.app.store.people.find('Fay');
  await site.app.store.people.change(fay?.id ?? '', { disabled: true });
  expect((await browser.get('/api/v1/session')).status).toBe(401);
  const refused = await oidc.signIn(browser);
  expect([refused.status, refused.text.includes('person.disabled')]).toEqual([403, true]);
  expect((await browser.get('/api/v1/session')).status).toBe(401);
});

it('takes the provider no role from the last administrator', async () => {
  const { provider, site } = oidc;
  provider.person = { sub: 'ann-1', preferred_username: 'Ann', groups: ['audit'] };
  await using browser = oidc.browser();
  const refused = await oidc.signIn(browser);
  expect([refused.status, refused.text.includes('person.last-administrator')]).toEqual([409, true]);
  expect(await site.app.store.people.find('Ann')).toMatchObject({ role: 'administrator' });
});

it('ends the session here when somebody signs out', async () => {
  oidc.provider.person = { sub: 'bea-1', groups: ['authors'] };
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  const held = new Map(browser.cookies);
  expect((await browser.del('/api/v1/session')).status).toBe(200);
  for (const [name, value] of held) browser.cookies.set(name, value);
  expect((await browser.get('/api/v1/session')).status).toBe(401);
});

it('asks the provider what it is once, for its keys once, and for a new key as soon as a token names it', async () => {
  const { provider } = oidc;
  provider.person = { sub: 'bea-1', groups: ['authors'] };
  const signInCounted = async () => {
    provider.requests.length = 0;
    await using browser = oidc.browser();
    expect((await oidc.signIn(browser)).status).toBe(303);
    return provider.requests.filter((path) => path !== '/userinfo');
  };
  await signInCounted();
  expect(await signInCounted()).toEqual(['/token']);
  provider.key = newSigningKey('second');
  expect(await signInCounted()).toEqual(['/token', '/keys']);
  expect(await signInCounted()).toEqual(['/token']);
  provider.key = newSigningKey('third', 'RS256');
  expect(await signInCounted()).toEqual(['/token', '/keys']);
});

it('asks the userinfo endpoint for groups that the token has not', async () => {
  const { provider } = oidc;
  provider.person = { sub: 'gus-1', preferred_username: 'Gus', groups: ['bench'] };
  provider.misdeeds = { claims: (it) => ({ ...it, groups: undefined }) };
  await using browser = oidc.browser();
  expect((await oidc.signIn(browser)).status).toBe(303);
  expect(await session(browser)).toEqual({ name: 'Gus', role: 'operator' });
});

it('throttles what fails by address, as it does passwords, and writes no more of it down', async () => {
  const { provider, site } = oidc;
  provider.person = { sub: 'bea-1', groups: ['authors'] };
  await using browser = oidc.browser();
  let answer = await browser.get('/api/v1/sign-in/oidc/callback?state=x');
  for (let tries = 0; tries < 40 && answer.status !== 429; tries += 1)
    answer = await browser.get('/api/v1/sign-in/oidc/callback?state=x');
  expect([answer.status, answer.text]).toEqual([429, expect.stringContaining('session.throttled')]);
  const waitS = Number(answer.headers['retry-after']);
  expect(waitS).toBeGreaterThan(0);
  const written = (await oidc.audited('session.refused')).length;
  expect((await browser.get('/api/v1/sign-in/oidc/callback?state=x')).status).toBe(429);
  expect((await oidc.audited('session.refused')).length).toBe(written);
  site.clock.nowMs += waitS * 1000;
  expect((await oidc.signIn(browser)).status).toBe(303);
});

it('keeps no more than fifty sign-ins of an address that are begun', async () => {
  await using browser = oidc.browser();
  let begun = await browser.post('/api/v1/sign-in/oidc', {});
  let tries = 1;
  for (; tries < 60 && begun.status === 200; tries += 1)
    begun = await browser.post('/api/v1/sign-in/oidc', {});
  expect([begun.status, begun.text]).toEqual([429, expect.stringContaining('session.throttled')]);
  expect(tries).toBeGreaterThan(20);
  oidc.site.clock.nowMs += 10 * 60_000;
  expect((await browser.post('/api/v1/sign-in/oidc', {})).status).toBe(200);
});

it('goes on after a restart of the server in between', async () => {
  const { provider, site } = oidc;
  provider.person = { sub: 'bea-1', groups: ['authors'] };
  await using browser = oidc.browser();
  const begun = await browser.post('/api/v1/sign-in/oidc', {});
  const { location } = JSON.parse(begun.text) as { location: string };
  await site.restart();
  const { pathname, search } = new URL(provider.authorize(location));
  expect((await browser.get(`${pathname}${search}`)).status).toBe(303);
  expect(await session(browser)).toMatchObject({ name: 'Bea' });
});

it('lets nobody speak as a person to the listeners of agents and of boot files', async () => {
  oidc.provider.person = { sub: 'bea-1', groups: ['authors'] };
  await using browser = oidc.browser();
  await oidc.signIn(browser);
  const { agents, boot } = oidc.site.app.addresses;
  const token = browser.cookies.get('metalwright-session') ?? '';
  expect(token).not.toBe('');
  const agent = oidc.site.agent();
  await agent.register();
  const asked = await agent.call('GET', agentPaths.policy, undefined, { token });
  expect(asked.status).toBe(401);
  await using there = oidc.atListener(agents, browser);
  for (const path of ['/api/v1/session', '/api/v1/people', '/api/v1/sign-in'])
    expect([path, (await there.get(path)).status]).toEqual([path, 404]);
  await using atBoot = oidc.atListener(boot, browser);
  expect((await atBoot.get('/api/v1/session')).status).toBe(404);
});

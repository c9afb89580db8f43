import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type HostileSite, openHostileSite } from './testing/hostile-site.ts';
import type { TestOidcSite } from './testing/test-oidc-site.ts';

let hostile: HostileSite;
let oidc: TestOidcSite;
beforeAll(async () => {
  hostile = await openHostileSite();
  ({ oidc } = hostile);
});
afterAll(() => hostile[Symbol.asyncDispose]());
beforeEach(() => hostile.reset());
const refused: HostileSite['refused'] = (...given) => hostile.refused(...given);

it('is right without a misdeed: what follows is refused for its misdeed alone', async () => {
  await using browser = oidc.browser();
  expect((await oidc.signIn(browser)).status).toBe(303);
});

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

import { randomUUID } from 'node:crypto';
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

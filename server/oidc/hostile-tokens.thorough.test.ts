import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type HostileSite, openHostileSite, send } from './testing/hostile-site.ts';
import type { TestOidcSite } from './testing/test-oidc-site.ts';
import {
  jwkOf,
  type Misdeeds,
  newSigningKey,
  signed,
  signedByPublicKey,
} from './testing/test-provider.ts';

let hostile: HostileSite;
let oidc: TestOidcSite;
beforeAll(async () => {
  hostile = await openHostileSite();
  ({ oidc } = hostile);
});
afterAll(() => hostile[Symbol.asyncDispose]());
beforeEach(() => hostile.reset());
const refused: HostileSite['refused'] = (...given) => hostile.refused(...given);

const other = newSigningKey('first');
const nowS = () => Math.floor(oidc.site.clock.nowMs / 1000);

it('is right without a misdeed: what follows is refused for its misdeed alone', async () => {
  await using browser = oidc.browser();
  expect((await oidc.signIn(browser)).status).toBe(303);
});

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

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type HostileSite, openHostileSite, send } from './testing/hostile-site.ts';
import type { TestOidcSite } from './testing/test-oidc-site.ts';
import type { Misdeeds } from './testing/test-provider.ts';

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

import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

type Headers = Record<string, string>;
const PASSWORD = 'forty mice in the attic';

async function call(method: string, path: string, body?: object, headers?: Headers) {
  const answer = await site.app.inject({
    method: method as 'GET',
    url: `/api/v1${path}`,
    headers: headers ?? { authorization: `Bearer ${site.token}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  const value: Record<string, unknown> & { code?: string } =
    answer.body === '' ? {} : answer.json();
  return { status: answer.statusCode, body: value, headers: answer.headers };
}

async function signIn(name: string, password = PASSWORD): Promise<Headers> {
  const answer = await call('POST', '/session', { name, password }, {});
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return { cookie, 'x-metalwright-console': '1' };
}

const audited = async (action: string) =>
  (await site.services.store.audit.list(1000)).filter((entry) => entry.action === action);

it('the first start asks for an account, and keeps one administrator from then on', async () => {
  expect((await call('GET', '/session')).body).toMatchObject({
    setUp: true,
    role: 'administrator',
  });
  const short = await call('POST', '/people', {
    name: 'Ann',
    role: 'administrator',
    password: 'short',
  });
  expect([short.status, short.body.code]).toEqual([400, 'person.password']);
  const ann = await call('POST', '/people', {
    name: 'Ann',
    role: 'administrator',
    password: PASSWORD,
  });
  expect(ann.status).toBe(200);
  expect(JSON.stringify(ann.body)).not.toContain('argon2');
  expect((await call('GET', '/session')).body).toMatchObject({ setUp: false });
  for (const [method, body] of [
    ['PUT', { disabled: true }],
    ['PUT', { role: 'author' }],
    ['DELETE', undefined],
  ] as const) {
    const refused = await call(method, '/people/ann', body);
    expect([method, refused.status, refused.body.code]).toEqual([
      method,
      409,
      'person.last-administrator',
    ]);
  }
  expect((await call('GET', '/people/ann')).body).toMatchObject({
    role: 'administrator',
    disabled: false,
  });
  const again = await call('POST', '/people', { name: ' ANN ', role: 'author' });
  expect([again.status, again.body.code]).toEqual([409, 'person.exists']);
  const reserved = await call('POST', '/people', { name: 'Admin', role: 'author' });
  expect(reserved.body.code).toBe('person.name');
});

it('signs in by name without case, and says the same of a wrong name and a wrong password', async () => {
  await call('POST', '/people', { name: 'Bea', role: 'author', password: PASSWORD });
  const bea = await signIn(' bea');
  expect((await call('GET', '/session', undefined, bea)).body).toMatchObject({
    name: 'Bea',
    role: 'author',
  });
  const denied = await call('POST', '/devices', { name: 'PC01' }, bea);
  expect([denied.status, denied.body.code]).toEqual([403, 'session.role']);
  const wrong = await call('POST', '/session', { name: 'Bea', password: 'nonsense' }, {});
  const nobody = await call('POST', '/session', { name: 'hunter2hunter2', password: 'x' }, {});
  expect(nobody).toMatchObject({ status: wrong.status, body: wrong.body });
  expect(wrong.body.code).toBe('session.refused');
  const refused = await audited('session.refused');
  expect(new Map(refused.map(({ who, detail }) => [who, detail['reason']]))).toEqual(
    new Map([
      ['Bea', 'wrong password'],
      ['unknown', 'no such account'],
    ]),
  );
  expect(JSON.stringify(await site.services.store.audit.list(1000))).not.toContain('hunter2');
});

it('a new password signs out everywhere, and needs the old one', async () => {
  await call('POST', '/people', { name: 'Cyd', role: 'operator', password: PASSWORD });
  const [desk, phone] = [await signIn('Cyd'), await signIn('Cyd')];
  const wrong = await call(
    'PUT',
    '/session/password',
    { current: 'not it', password: 'sixty cats in the cellar' },
    desk,
  );
  expect([wrong.status, wrong.body.code]).toEqual([401, 'session.refused']);
  const changed = await call(
    'PUT',
    '/session/password',
    { current: PASSWORD, password: 'sixty cats in the cellar' },
    desk,
  );
  expect(changed.status).toBe(200);
  const cookie = String(changed.headers['set-cookie']).split(';')[0] ?? '';
  expect((await call('GET', '/session', undefined, { cookie })).status).toBe(200);
  for (const old of [desk, phone])
    expect((await call('GET', '/session', undefined, old)).status).toBe(401);
  expect((await call('POST', '/session', { name: 'Cyd', password: PASSWORD }, {})).status).toBe(
    401,
  );
});

it('who is disabled is signed out, and his tokens are none', async () => {
  await call('POST', '/people', { name: 'Dan', role: 'auditor', password: PASSWORD });
  const dan = await signIn('Dan');
  const made = await call('POST', '/tokens', { name: 'report', days: 1 }, dan);
  expect(made.body['token']).toMatch(/^mw_[\w-]{43}$/);
  const token = { authorization: `Bearer ${String(made.body['token'])}` };
  expect((await call('GET', '/audit', undefined, token)).status).toBe(200);
  await call('PUT', '/people/dan', { disabled: true });
  expect((await call('GET', '/session', undefined, dan)).status).toBe(401);
  expect((await call('GET', '/audit', undefined, token)).status).toBe(401);
  expect((await call('POST', '/session', { name: 'Dan', password: PASSWORD }, {})).status).toBe(
    401,
  );
  await call('PUT', '/people/dan', { disabled: false });
  expect((await call('GET', '/audit', undefined, token)).status).toBe(200);
  await call('DELETE', '/people/dan');
  expect((await call('GET', '/audit', undefined, token)).status).toBe(401);
});

it('an API token does at most what its maker may, is shown once, and makes no other', async () => {
  await call('POST', '/people', { name: 'Eve', role: 'operator', password: PASSWORD });
  const eve = await signIn('Eve');
  const more = await call('POST', '/tokens', { name: 'x', role: 'administrator' }, eve);
  expect([more.status, more.body.code]).toEqual([403, 'token.role']);
  const made = await call(
    'POST',
    '/tokens',
    { name: 'script', scope: { areas: ['devices'] } },
    eve,
  );
  const text = String(made.body['token']);
  const token = { authorization: `Bearer ${text}` };
  expect((await call('GET', '/devices', undefined, token)).status).toBe(200);
  expect((await call('GET', '/runs', undefined, token)).body.code).toBe('token.scope');
  const listed = JSON.stringify((await call('GET', '/tokens', undefined, eve)).body);
  expect(listed).toContain('script');
  expect(listed).not.toContain(text.slice(3));
  const all = await call('POST', '/tokens', { name: 'all' }, eve);
  const wide = { authorization: `Bearer ${String(all.body['token'])}` };
  expect((await call('POST', '/tokens', { name: 'y' }, wide)).body.code).toBe('token.person');
  await call('PUT', '/people/eve', { role: 'auditor' });
  expect((await call('GET', '/devices', undefined, token)).status).toBe(401);
  expect((await call('DELETE', `/tokens/${String(made.body['id'])}`, undefined, eve)).status).toBe(
    204,
  );
});

it('lists open sessions, his own to whoever is no administrator, and ends them', async () => {
  await call('POST', '/people', { name: 'Fay', role: 'author', password: PASSWORD });
  const [desk, phone] = [await signIn('Fay'), await signIn('Fay')];
  const listed = await call('GET', '/sessions', undefined, desk);
  const open = listed.body as unknown as { id: string; name: string; current: boolean }[];
  expect(open.map(({ name }) => name)).toEqual(['Fay', 'Fay']);
  const other = open.find(({ current }) => !current)?.id ?? '';
  expect((await call('DELETE', `/sessions/${other}`, undefined, desk)).status).toBe(204);
  expect((await call('GET', '/session', undefined, phone)).status).toBe(401);
  const foreign = await signIn('Ann');
  const mine = (await call('GET', '/sessions', undefined, desk)).body as unknown as {
    id: string;
  }[];
  expect(mine).toHaveLength(1);
  expect((await call('DELETE', `/sessions/${mine[0]?.id ?? ''}`, undefined, foreign)).status).toBe(
    204,
  );
});

it('waits longer after each failure, of one account from wherever, also with the right password', async () => {
  await call('POST', '/people', { name: 'Gus', role: 'author', password: PASSWORD });
  const attempt = { name: 'Gus', address: '10.9.9.9', nowMs: Date.now() };
  for (let index = 0; index <= 8; index++)
    await site.services.store.signIns.begin({
      ...attempt,
      nowMs: attempt.nowMs - 64_000 + index * 8000,
    });
  const refused = await call('POST', '/session', { name: 'gus', password: PASSWORD }, {});
  expect([refused.status, refused.body.code]).toEqual([429, 'session.throttled']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

it('says who somebody is at the provider only where the site has one', async () => {
  const made = await call('POST', '/people', { name: 'Gil', role: 'author', subject: 'gil-1' });
  expect([made.status, made.body.code]).toEqual([404, 'oidc.off']);
  expect((await call('GET', '/people/gil')).status).toBe(404);
  expect((await call('GET', '/sign-in', undefined, {})).body).toEqual({ oidc: null });
  const begun = await call('POST', '/sign-in/oidc', {}, {});
  expect([begun.status, begun.body.code]).toEqual([404, 'oidc.off']);
});

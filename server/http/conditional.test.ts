import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from './routes/operator/test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

const netboot = { answerOn: [], unknownMachines: 'ask' };

function send(method: 'GET' | 'PUT' | 'POST', headers: Record<string, string>, body?: object) {
  return site.app.inject({
    method,
    url: '/api/v1/netboot',
    headers: { authorization: `Bearer ${site.token}`, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
}

async function tag(): Promise<string> {
  return String((await send('GET', {})).headers['etag']);
}

it('answers 304 without a body to whoever has it already', async () => {
  const etag = await tag();
  const same = await send('GET', { 'if-none-match': `"other", W/${etag}` });
  expect([same.statusCode, same.body, same.headers['etag']]).toEqual([304, '', etag]);
  expect((await send('GET', { 'if-none-match': '"other"' })).statusCode).toBe(200);
});

it('changes what is as its sender saw it, and refuses what is not', async () => {
  const before = await tag();
  expect((await send('PUT', { 'if-match': before }, netboot)).statusCode).toBe(200);
  const changed = { ...netboot, unknownMachines: 'ignore' };
  expect((await send('PUT', { 'if-match': before }, changed)).statusCode).toBe(200);
  const late = await send('PUT', { 'if-match': before }, netboot);
  expect([late.statusCode, late.json().code]).toEqual([412, 'request.changed']);
  expect((await send('GET', {})).json()).toMatchObject(changed);
  expect((await send('PUT', { 'if-match': '*' }, netboot)).statusCode).toBe(200);
  expect((await send('PUT', {}, netboot)).statusCode).toBe(200);
});

it('lets one of two win that change the same at once', async () => {
  const etag = await tag();
  const two = await Promise.all(
    [15, 16].map((windowsSetupLostMinutes) =>
      send('PUT', { 'if-match': etag }, { ...netboot, windowsSetupLostMinutes }),
    ),
  );
  expect(two.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 412]);
});

it('says where a condition means nothing, and asks nothing on behalf of a stranger', async () => {
  const url = '/api/v1/devices';
  const headers = { authorization: `Bearer ${site.token}`, 'if-match': '*' };
  const refused = await site.app.inject({ method: 'POST', url, headers, payload: { name: 'A' } });
  expect([refused.statusCode, refused.json().code]).toEqual([400, 'request.condition']);
  const stranger = await send('PUT', { authorization: 'Bearer nobody', 'if-match': '*' }, netboot);
  expect(stranger.statusCode).toBe(401);
});

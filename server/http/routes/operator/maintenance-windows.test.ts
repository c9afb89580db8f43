import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDevice } from './test-bench.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  payload?: Record<string, unknown>,
) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, json: answer.body === '' ? undefined : answer.json() };
}
const nights = { name: 'Nights', startDate: '2020-01-01', startTime: '22:00', finishTime: '04:00' };

it('M35 makes, lists, changes and takes a window away, and tells when it is open next', async () => {
  await call('POST', '/collections', { name: 'Branch' });
  const made = await call('POST', '/maintenance-windows', {
    collection: 'Branch',
    ...nights,
    timeZone: 'Europe/Berlin',
    recurrence: { kind: 'weekly', weekdays: ['friday'] },
  });
  expect(made).toMatchObject({
    status: 200,
    json: { id: 'MW140001', rule: 'FREQ=WEEKLY;INTERVAL=1;WKST=MO;BYDAY=FR', kind: 'general' },
  });
  expect(made.json.next).toHaveLength(5);
  const changed = await call('PUT', '/maintenance-windows/MW140001', { kind: 'task-sequences' });
  expect(changed.json).toMatchObject({ kind: 'task-sequences', timeZone: 'Europe/Berlin' });
  expect((await call('GET', '/maintenance-windows?collection=branch')).json).toHaveLength(1);
  expect((await call('GET', '/maintenance-windows/MW140001')).json.name).toBe('Nights');
  expect((await call('DELETE', '/maintenance-windows/MW140001')).status).toBe(204);
  expect((await call('GET', '/maintenance-windows/MW140001')).json).toMatchObject({
    code: 'window.not-found',
  });
  const audited = await site.services.store.audit.list(10);
  expect(audited.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['window.create', 'window.change', 'window.remove']),
  );
});

it('M35 refuses All Systems, a whole day, and what is no time zone', async () => {
  const refused = await call('POST', '/maintenance-windows', { collection: 'SMS00001', ...nights });
  expect(refused).toMatchObject({ status: 400, json: { code: 'window.all-systems' } });
  for (const wrong of [{ finishTime: '22:00' }, { timeZone: '+02:00' }, { startDate: 'today' }]) {
    const answer = await call('POST', '/maintenance-windows', {
      collection: 'Branch',
      ...nights,
      ...wrong,
    });
    expect(answer).toMatchObject({ status: 400, json: { code: 'request.invalid' } });
  }
});

it('M37 tells when a device may be disturbed, by the windows of its collections', async () => {
  const { id: device } = await addDevice(site, 1);
  const { json: collection } = await call('POST', '/collections', { name: 'Shop' });
  await call('POST', `/collections/${collection.id}/members`, { add: [device] });
  const daily = { recurrence: { kind: 'daily' } };
  await call('POST', '/maintenance-windows', { collection: 'Shop', ...nights, ...daily });
  const half = { ...nights, ...daily, name: 'Late', startTime: '03:30', finishTime: '05:00' };
  await call('POST', '/maintenance-windows', { collection: 'Shop', ...half });
  const { json } = await call('GET', `/devices/${device}/maintenance-windows`);
  expect(json.windows).toHaveLength(2);
  const [, second] = json.next;
  expect((second.endMs - second.startMs) / 60_000).toBe(7 * 60);
});

it('M18 M30 site settings: a maximum size above the default, a wait of at most 60 hours', async () => {
  expect((await call('GET', '/deployment-settings')).json).toEqual({
    timeZone: 'UTC',
    defaultSize: 100,
    maximumSize: 0,
    servers: 'block',
    enforceSchedulesInPe: false,
    generalWindowsBesideSpecific: false,
    contentWaitMinutes: 60,
  });
  const set = await call('PUT', '/deployment-settings', { maximumSize: 500 });
  expect(set.json).toMatchObject({ maximumSize: 500, defaultSize: 100 });
  for (const [wrong, why] of [
    [{ maximumSize: 100 }, 'greater than the default size'],
    [{ contentWaitMinutes: 3601 }, 'Windows PE restarts itself after 72'],
    [{ timeZone: 'local' }, 'no time zone'],
  ] as const) {
    const { status, json } = await call('PUT', '/deployment-settings', wrong);
    expect(status).toBe(400);
    expect(json.message).toContain(why);
  }
  expect((await call('GET', '/deployment-settings')).json.maximumSize).toBe(500);
});

import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
  const answer = await site.app.inject({
    method,
    url: path.startsWith('/api') ? path : `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return {
    status: answer.statusCode,
    body: answer.body === '' ? null : answer.json(),
    link: String(answer.headers['link'] ?? ''),
  };
}
const run = async (devices: readonly object[], more: object = {}) =>
  (
    await call('POST', '/devices/import', {
      rows: devices.map((device, index) => ({ line: index + 2, device })),
      ...more,
    })
  ).body;
const hex = (number: number) => number.toString(16).padStart(12, '0');

it('M54 an import of devices takes ten thousand in one transaction, which are found and paged through', async () => {
  const rows = Array.from({ length: 10_000 }, (_, index) => ({
    name: `BULK-${String(index).padStart(5, '0')}`,
    macAddresses: [hex(0xb07b26000000 + index)],
    serialNumber: `SN${index}`,
  }));
  const began = performance.now();
  expect(await run(rows)).toMatchObject({ kept: true, created: 10_000, refused: 0 });
  expect(performance.now() - began).toBeLessThan(30_000);
  expect((await call('GET', '/devices?search=bulk-00042')).body).toMatchObject([
    { serialNumber: 'SN42' },
  ]);
  expect((await call('GET', '/devices?search=B0-7B-26-00-00-2a')).body).toMatchObject([
    { name: 'BULK-00042' },
  ]);
  expect((await call('GET', '/devices?search=100%25')).body).toEqual([]);
  const names: string[] = [];
  let path = '/api/v1/devices?limit=700&search=bulk-';
  let pages = 0;
  while (path !== '') {
    const { body, link } = await call('GET', path);
    names.push(...body.map(({ name }: { name: string }) => name));
    [, path = ''] = /^<([^>]+)>; rel="next"$/.exec(link) ?? [];
    pages += 1;
  }
  expect(pages).toBe(15);
  expect(names).toEqual(rows.map(({ name }) => name));
  expect(await call('GET', '/devices?limit=2&after=nonsense')).toMatchObject({
    status: 400,
    body: { code: 'request.page' },
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('M54 an import of devices', () => {
  it('is all or nothing, and tells each bad line by its number', async () => {
    const rows = [
      { name: 'PC01', macAddresses: ['B0-7B-25-00-00-01'] },
      { name: 'PC02', smbiosGuid: '00000000-0000-0000-0000-000000000000' },
      { name: 'PC03', serialNumber: 'To Be Filled By O.E.M.' },
      { name: 'PC04', macAddresses: ['b07b.2500.0001'] },
      { name: 'PC05', macAddresses: ['nonsense'] },
      { name: 'PC06', serialNumber: 'S6', collections: ['Nowhere'] },
      { name: 'PC07', serialNumber: 'S7', collections: ['All Systems'] },
      { name: 'pc01', serialNumber: 'S8' },
      { name: 'PC09', serialNumber: 'S9', variables: [{ name: 'not a name', value: '' }] },
      { name: 'PC10', serialNumber: 'S10', colour: 'red' },
    ];
    const result = await run(rows);
    expect(result).toMatchObject({ kept: false, created: 1, refused: 9 });
    const told = result.rows.map(({ line, code }: { line: number; code?: string }) => [line, code]);
    expect(told).toEqual([
      [2, undefined],
      [3, 'device.identity'],
      [4, 'device.identity'],
      [5, 'device.double-row'],
      [6, 'device.row'],
      [7, 'collection.not-found'],
      [8, 'collection.built-in'],
      [9, 'device.name-taken'],
      [10, 'device.row'],
      [11, 'device.row'],
    ]);
    expect((await call('GET', '/devices')).body).toEqual([]);
    expect(await run(rows, { keepGoing: true, dryRun: true })).toMatchObject({ kept: false });
    expect(await run(rows, { keepGoing: true })).toMatchObject({ kept: true, created: 1 });
    expect((await call('GET', '/devices')).body).toMatchObject([
      { name: 'PC01', macAddresses: ['b0:7b:25:00:00:01'], state: 'known' },
    ]);
  });

  it('refuses, skips or overwrites a device that is there, and sets what the row says', async () => {
    await site.services.store.collections.create({ name: 'Bench' }, 1);
    const row = {
      name: 'DESK-01',
      macAddresses: ['b0:7b:25:00:00:01'],
      assetTag: 'A-1',
      notes: 'lid is broken',
      collections: ['bench'],
      variables: [
        { name: 'Site', value: 'Berlin' },
        { name: 'JoinKey', value: 'geheim', secret: true },
      ],
    };
    expect(await run([row])).toMatchObject({ kept: false, rows: [{ code: 'device.exists' }] });
    expect(await run([row], { onConflict: 'skip' })).toMatchObject({ kept: true, skipped: 1 });
    expect(await run([row], { onConflict: 'overwrite' })).toMatchObject({ kept: true, changed: 1 });
    const { body } = await call('GET', '/devices?search=desk');
    expect(body).toMatchObject([{ name: 'DESK-01', assetTag: 'A-1', notes: 'lid is broken' }]);
    expect(body[0].collections).toContain('Bench');
    expect((await call('GET', '/devices/DESK-01/variables')).body).toEqual([
      { name: 'JoinKey', value: '', secret: true },
      { name: 'Site', value: 'Berlin', secret: false },
    ]);
    const set = await call('PUT', '/devices/a-1/notes', { notes: 'mended' });
    expect(set.body).toMatchObject({ name: 'DESK-01', notes: 'mended' });
  });

  it('says which two devices one row would be', async () => {
    await run([
      { name: 'A', serialNumber: 'SER-A' },
      { name: 'B', serialNumber: 'SER-B', macAddresses: ['b07b250000bb'] },
    ]);
    const both = [{ name: 'C', serialNumber: 'SER-A', macAddresses: ['b07b250000bb'] }];
    const result = await run(both, { onConflict: 'overwrite' });
    expect(result.rows).toMatchObject([
      { code: 'device.exists', message: expect.stringMatching(/"[AB]" and "[AB]"/) },
    ]);
  });
});

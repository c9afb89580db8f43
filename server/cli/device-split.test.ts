import { afterAll, beforeAll, expect, it } from 'vitest';
import { MacAddress } from '#agent/protocol/identity.ts';
import { addDevice } from '../http/routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

let site: TestConsole;
let server: string[];
beforeAll(async () => {
  site = await openTestConsole({ tls: true });
  server = ['--server', await site.listen(), '--data', site.dataDirectory];
});
afterAll(() => site[Symbol.asyncDispose]());
const run = (...argv: string[]) => runHere(['device', ...argv, ...server]);

it('M54 device split makes a record that waits, notes what both have, and is in the audit log', async () => {
  const macs = ['b0:7b:25:00:00:31', 'b0:7b:25:00:00:32'].map((mac) => MacAddress.parse(mac));
  const { id, smbiosGuid } = await addDevice(site, 31, { macAddresses: macs });
  const wrong = await run('split', 'PC31', 'b0:7b:25:00:00:99');
  expect([wrong.code, wrong.err]).toEqual([
    1,
    expect.stringContaining('[device.split-identifier]'),
  ]);
  const split = await run(
    'split',
    'PC31',
    'B0-7B-25-00-00-32',
    '--both',
    smbiosGuid ?? '',
    '--name',
    'PC32',
  );
  expect([split.code, split.err]).toEqual([0, '']);
  expect(split.out).toMatch(
    /^PC32 \(\w{8}\) was split from PC31 and waits: metalwright device approve/,
  );
  expect((await run('waiting')).out).toContain('b0:7b:25:00:00:32');
  expect((await run('shared')).out).toContain(smbiosGuid);
  const { store } = site.services;
  expect(await store.devices.find('PC32')).toMatchObject({ state: 'waiting', smbiosGuid: null });
  expect((await store.devices.get(id))?.macAddresses).toEqual([macs[0]]);
  const [entry] = await store.audit.list(1, { action: 'device.split' });
  expect(entry?.detail).toMatchObject({ name: 'PC31', madeName: 'PC32', both: [smbiosGuid] });
});

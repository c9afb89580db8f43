import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceId } from '#agent/protocol/identity.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { runHere } from './testing/run-here.ts';

let site: TestConsole;
let server: string[];
beforeAll(async () => {
  site = await openTestConsole({ tls: true });
  server = ['--server', await site.listen(), '--data', site.dataDirectory];
});
afterAll(() => site[Symbol.asyncDispose]());
const run = (...argv: string[]) => runHere(['device', ...argv, ...server]);

let boards = 0;
/** Two machines with one UUID, each with a name of its own. */
async function twins(): Promise<readonly [string, string]> {
  const { store } = site.services;
  const smbiosGuid = `4c4c4544-0034-3010-8057-b8c04f0001${String(++boards).padStart(2, '0')}`;
  const names: string[] = [];
  for (const number of [1, 2]) {
    const identity = testIdentity({
      smbiosGuid,
      macAddresses: [`b0:7b:25:0${boards}:00:0${number}`],
    });
    const at = { newId: DeviceId.parse(randomUUID()), nowMs: boards };
    const { device } = await store.devices.identify(identity, at);
    if (device === null) throw new Error('no record');
    const name = `TWIN-${boards}-${number}`;
    await store.devices.setState(device.id, { state: 'approved', name });
    names.push(name);
  }
  return [names[0] ?? '', names[1] ?? ''];
}
const state = async (name: string) => (await site.services.store.devices.find(name))?.state;

describe('M54 a conflict of two records is settled by one word', () => {
  it.each([
    ['new', 'approved', 'approved'],
    ['merge', 'approved', undefined],
    ['block', 'approved', 'ignored'],
  ])('%s', async (as, ofFirst, ofSecond) => {
    const [first, second] = await twins();
    expect((await run('conflicts')).out).toContain(second);
    expect(await run('decide', second, first, '--as', as)).toMatchObject({
      code: 0,
      out: `decided: ${as}\n`,
      err: '',
    });
    expect([await state(first), await state(second)]).toEqual([ofFirst, ofSecond]);
    expect((await run('conflicts')).out).not.toContain(first);
    const again = await run('decide', first, first, '--as', as);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('[device.no-conflict]')]);
  });
});

it('M54 a MAC address that is everybody is taken off the list again', async () => {
  const mac = '00:e0:4c:68:00:77';
  expect((await run('shared', '--add', mac)).err).toBe('');
  expect((await run('shared')).out).toContain(mac);
  expect(await run('shared', '--remove', mac)).toMatchObject({ code: 0, err: '' });
  expect((await run('shared')).out).not.toContain(mac);
});

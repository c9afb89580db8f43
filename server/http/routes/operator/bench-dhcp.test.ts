import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeviceId } from '#agent/protocol/identity.ts';
import { newDevice } from '../../../inventory/device.ts';
import { testIdentity } from '../../../inventory/testing/test-identity.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';
import { noteContents } from './test-reset.ts';

let site: TestConsole;
let putBack: () => Promise<void>;
const device = DeviceId.parse('00000000-0000-4000-8000-000000000001');
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
  const record = newDevice(device, testIdentity({}), { state: 'known', nowMs: 0 });
  await site.services.store.devices.put({ ...record, name: 'PC-12' });
  putBack = await noteContents(site);
});
afterEach(async () => {
  site.facts.benches.length = 0;
  await putBack();
});
afterAll(async () => site[Symbol.asyncDispose]());

const ask = async (method: 'GET' | 'PUT' | 'POST', path: string, json?: object) => {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(json === undefined ? {} : { payload: json }),
  });
  return { status: answer.statusCode, body: answer.json() };
};
const pool = { interfaceName: 'bench0', first: '10.0.5.100', last: '10.0.5.199' };
const put = (pools: readonly object[], reservations: readonly object[] = []) =>
  ask('PUT', '/netboot/dhcp', { pools, reservations });
const frame = async () =>
  site.services.store.netboot.frame({
    revision: 1,
    bootImages: new Set(),
    interfaces: site.services.live.interfaces(),
    ports: { bootHttp: 1 },
    nowMs: 0,
  });

describe('M50 addresses for a bench', () => {
  it('grants none at first; a pool answers on its interface, too', async () => {
    expect((await ask('GET', '/netboot/dhcp')).body).toEqual({ pools: [], reservations: [] });
    expect((await frame()).bench).toBeUndefined();
    const made = await put([pool], [{ device, address: '10.0.5.12' }]);
    expect(made.body).toMatchObject({
      pools: [{ ...pool, leaseMinutes: 60, state: 'off' }],
      reservations: [{ device, deviceName: 'PC-12', address: '10.0.5.12' }],
    });
    expect((await ask('GET', '/netboot')).body.answerOn).toEqual(['bench0']);
    expect((await frame()).bench).toMatchObject({
      pools: [
        {
          interfaceName: 'bench0',
          network: { address: '10.0.5.1', netmask: '255.255.255.0' },
          leaseSeconds: 3600,
          relayed: false,
        },
      ],
      reservations: [{ deviceId: device, address: '10.0.5.12' }],
    });
    const audit = await site.services.store.audit.list(1);
    expect(audit).toMatchObject([{ action: 'dhcp.set' }]);
  });

  it('tells by whom it was stopped, and is started again by an operator', async () => {
    await put([pool]);
    site.facts.benches.push({
      interfaceName: 'bench0',
      state: 'stopped',
      reason: 'Another DHCP server, 10.0.5.66, answers on bench0.',
      server: '10.0.5.66',
      sinceMs: 5,
    });
    expect((await ask('GET', '/netboot/dhcp')).body.pools).toMatchObject([
      { state: 'stopped', stoppedBy: '10.0.5.66', sinceMs: 5 },
    ]);
    expect((await ask('POST', '/netboot/dhcp/start', { interfaceName: 'eth9' })).body.code).toBe(
      'dhcp.no-pool',
    );
    await ask('POST', '/netboot/dhcp/start', { interfaceName: 'bench0' });
    expect(site.facts.benchesStarted).toEqual(['bench0']);
  });

  it.each([
    {
      name: 'an interface that is not there',
      pools: [{ ...pool, interfaceName: 'bench1' }],
      code: 'netboot.no-interface',
    },
    {
      name: 'addresses of another network',
      pools: [{ ...pool, last: '10.0.6.9' }],
      code: 'dhcp.pool',
    },
    {
      name: 'the last before the first',
      pools: [{ ...pool, last: '10.0.5.9' }],
      code: 'dhcp.pool',
    },
    { name: 'the network itself', pools: [{ ...pool, first: '10.0.5.0' }], code: 'dhcp.pool' },
    { name: 'a router elsewhere', pools: [{ ...pool, router: '10.0.7.1' }], code: 'dhcp.pool' },
    {
      name: 'two pools in one network',
      pools: [pool, { ...pool, subnet: '10.0.0.0/16' }],
      code: 'dhcp.pools',
    },
    {
      name: 'what is no address',
      pools: [{ ...pool, first: '10.0.5.300' }],
      code: 'request.invalid',
    },
  ])('refuses $name', async ({ pools, code }) => {
    const { status, body } = await put(pools);
    expect(body).toMatchObject({ code });
    expect(status).toBeGreaterThanOrEqual(400);
    expect((await ask('GET', '/netboot/dhcp')).body.pools).toEqual([]);
  });

  it.each([
    { name: 'one address twice', more: { device, address: '10.0.5.12' }, code: 'dhcp.reservation' },
    {
      name: 'a machine that is not there',
      more: { device: '00000000-0000-4000-8000-000000000009', address: '10.0.5.13' },
      code: 'device.not-found',
    },
  ])('refuses a reservation of $name', async ({ more, code }) => {
    const { body } = await put([pool], [{ device, address: '10.0.5.12' }, more]);
    expect(body.code).toBe(code);
  });

  it('lists what was granted, of this server, the newest first', async () => {
    const { dhcpLeases } = site.services.store;
    const lease = {
      client: 'c',
      mac: '52:54:00:00:00:01',
      hostName: 'PC-1',
      state: 'leased',
    } as const;
    await dhcpLeases.keep('', [
      { ...lease, address: '10.0.5.100', untilMs: 5.7 },
      { ...lease, address: '10.0.5.101', untilMs: 9 },
    ]);
    await dhcpLeases.keep('', [{ ...lease, address: '10.0.5.100', state: 'released', untilMs: 6 }]);
    await dhcpLeases.keep('other', [{ ...lease, address: '10.0.5.100', untilMs: 99 }]);
    const { body } = await ask('GET', '/netboot/dhcp/leases');
    expect(body).toMatchObject([
      { address: '10.0.5.101', untilMs: 9, state: 'leased' },
      { address: '10.0.5.100', untilMs: 6, state: 'released' },
    ]);
    expect(body).toHaveLength(2);
  });
});

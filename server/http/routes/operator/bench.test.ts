import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeviceId } from '#agent/protocol/identity.ts';
import { testIdentity } from '../../../inventory/testing/test-identity.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}

/** A machine that registers, plugged in at the port of its number. */
const register = (number: number) => {
  const two = String(number).padStart(2, '0');
  return site.services.store.agents.register({
    identity: testIdentity({
      smbiosGuid: `4c4c4544-0034-3010-8057-b8c04f0000${two}`,
      macAddresses: [`b0:7b:25:00:00:${two}`],
      serialNumber: `7HK4W${two}`,
      manufacturer: 'Dell Inc.',
      model: 'Latitude 5530',
      secureBoot: true,
      memoryBytes: 2 ** 34,
    }),
    environment: 'linux-pe',
    bootImage: null,
    keyThumbprint: `key-${number}`,
    tokenHash: randomUUID(),
    expiresMs: Date.now() + 60_000,
    newDeviceId: DeviceId.parse(randomUUID()),
    provenRun: null,
    seenAt: {
      atMs: Date.now(),
      address: `10.0.5.${number}`,
      interfaceName: 'bench0',
      relay: null,
      port: `eth1/${number}`,
      switchId: 'sw-1',
    },
    nowMs: Date.now(),
  });
};

describe('M57 a bench of forty', () => {
  it('is let in by one approval and named by rule when all come at once, none doubled', async () => {
    expect(
      (await call('PUT', '/naming', { rules: [{ pattern: 'PC-{serial:last4}' }] })).status,
    ).toBe(200);
    await register(50);
    const scope = { ports: ['eth1/1-48'], switchId: 'SW-1' };
    const { body } = await call('POST', '/approvals', { scope, forMinutes: 120, most: 40 });
    expect(body).toMatchObject({ approval: { who: 'admin', used: 0, open: true }, approved: [] });
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    await Promise.all([...numbers, ...numbers].map(register));
    const { body: devices } = await call('GET', '/devices');
    expect(devices).toHaveLength(41);
    const waiting = devices.filter(({ state }: { state: string }) => state === 'waiting');
    expect(waiting).toMatchObject([
      {
        model: 'Latitude 5530',
        seenAt: { port: 'eth1/50', switchId: 'sw-1', address: '10.0.5.50' },
      },
    ]);
    expect(new Set(devices.map(({ name }: { name: string }) => name)).size).toBe(41);
    expect((await call('GET', '/approvals')).body).toMatchObject([{ used: 40, open: false }]);
  });

  it('approves by serial number what has come and what has not, and names by a scanned label', async () => {
    const { body } = await call('POST', '/devices/approve', { serials: ['7hk4w50', '7HK4W60'] });
    expect(body).toMatchObject({ approved: [{ name: 'PC-4W50' }], expected: ['7HK4W60'] });
    const scanned = {
      devices: [
        { key: '7HK4W60', name: 'DESK-60' },
        { key: '7HK4W50', name: 'DESK-50' },
      ],
    };
    expect((await call('POST', '/expected-devices', scanned)).body).toMatchObject({
      renamed: [{ from: 'PC-4W50', to: 'DESK-50' }],
    });
    const { device } = await register(60);
    expect(device).toMatchObject({ name: 'DESK-60', state: 'approved' });
    expect(
      (await call('PUT', `/devices/${device?.id}/name`, { name: 'desk-50' })).body,
    ).toMatchObject({ code: 'device.name-taken' });
  });

  it('shows what a rule would do, and refuses one that says nothing', async () => {
    const rules = [{ pattern: 'LAB-{counter}', collection: 'All Systems' }];
    expect(
      (await call('POST', '/naming/preview', { rules, devices: ['PC-4W01'] })).body,
    ).toMatchObject([{ now: 'PC-4W01', name: 'LAB-001', by: 'rule LAB-{counter}' }]);
    const bad = await call('PUT', '/naming', { rules: [{ pattern: 'LAB' }] });
    expect(bad).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('has no field') },
    });
    const nowhere = await call('PUT', '/naming', {
      rules: [{ pattern: '{mac}', collection: 'Nowhere' }],
    });
    expect(nowhere).toMatchObject({ status: 404, body: { code: 'collection.not-found' } });
    const all = await call('POST', '/approvals', { scope: {}, forMinutes: 5 });
    expect(all.status).toBe(400);
  });

  it('says that nobody would be let in where unknown machines are ignored', async () => {
    await site.services.store.settings.change({ unknownMachines: 'ignore' });
    const answer = await call('POST', '/approvals', { scope: { model: '*' }, forMinutes: 5 });
    expect(answer).toMatchObject({ status: 409, body: { code: 'approval.unknown-ignored' } });
  });
});

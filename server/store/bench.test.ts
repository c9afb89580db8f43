import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CollectionId, DeviceId, type MachineIdentity } from '#agent/protocol/identity.ts';
import { NamingRules } from '../inventory/naming-rule.ts';
import type { SeenAt } from '../inventory/seen-at.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { approvals } from './approvals.ts';
import { audit } from './audit.ts';
import { collections } from './collections.ts';
import { deviceNames } from './device-names.ts';
import { devices } from './devices.ts';
import { expectedDevices } from './expected-devices.ts';
import { migrate } from './migrate.ts';
import { naming } from './naming.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let file: SqliteFile;
beforeEach(async () => {
  file = openSqlite(':memory:');
  await migrate(file);
});
afterEach(() => file.close());

const HOUR_MS = 3_600_000;
const two = (number: number) => String(number).padStart(2, '0');
const machine = (number: number, more: Partial<MachineIdentity> = {}) =>
  testIdentity({
    smbiosGuid: `4c4c4544-0034-3010-8057-b8c04f0000${two(number)}`,
    macAddresses: [`b0:7b:25:00:00:${two(number)}`],
    serialNumber: `7HK4W${two(number)}`,
    manufacturer: 'Dell Inc.',
    model: 'Latitude 5530',
    secureBoot: true,
    memoryBytes: 2 ** 34,
    ...more,
  });
const place = (number: number, more: Partial<SeenAt> = {}): SeenAt => ({
  atMs: 1,
  address: `10.0.5.${number}`,
  interfaceName: 'bench0',
  relay: '10.0.5.1',
  port: `eth1/${number}`,
  switchId: null,
  ...more,
});
async function seen(
  number: number,
  options: { nowMs?: number; identity?: Partial<MachineIdentity>; at?: Partial<SeenAt> } = {},
) {
  const { nowMs = 1000, identity, at } = options;
  const newId = DeviceId.parse(randomUUID());
  const { device } = await devices.identify(file.db, machine(number, identity), {
    newId,
    nowMs,
    seenAt: place(number, at),
  });
  if (device === null) throw new Error('no record');
  return device;
}
const rules = (...list: object[]) => naming.setRules(file.db, NamingRules.parse(list));
const stand = (scope: object, more: { endsMs?: number; most?: number } = {}) =>
  approvals.stand(
    file.db,
    { id: randomUUID(), who: 'ann', endsMs: 2 * HOUR_MS, most: 100, scope, ...more },
    { nowMs: 500, auditId: randomUUID() },
  );

describe('M57 a standing approval', () => {
  it('lets forty machines in that come at once, names them by rule, and none twice', async () => {
    await rules({ pattern: 'PC-{serial:last4}' });
    const { approval } = await stand({ subnets: ['10.0.5.0/24'] });
    const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
    for (const number of numbers) await seen(number);
    for (const number of numbers) await seen(number, { nowMs: 2000 });
    const all = await devices.list(file.db);
    expect(all).toHaveLength(40);
    expect(new Set(all.map(({ name }) => name)).size).toBe(40);
    expect(all.every(({ name, state }) => /^PC-4W\d\d$/.test(name) && state === 'approved')).toBe(
      true,
    );
    const entries = await audit.list(file.db);
    expect(entries).toHaveLength(40);
    expect(entries[0]).toMatchObject({
      who: 'ann',
      action: 'device.approve',
      detail: { by: `standing approval ${approval.id}`, seenAt: { port: expect.any(String) } },
    });
  });

  it('approves those that wait already', async () => {
    await seen(1);
    await seen(2, { at: { address: '10.0.6.2' } });
    const { approved } = await stand({ subnets: ['10.0.5.0/24'] });
    expect(approved).toMatchObject([{ serialNumber: '7HK4W01', state: 'approved' }]);
    expect((await devices.find(file.db, '7HK4W02'))?.state).toBe('waiting');
  });

  it('ends with its time, its number of machines, and when somebody ends it', async () => {
    const { approval } = await stand({ ports: ['eth1/1-24'] }, { most: 2 });
    expect((await seen(1)).state).toBe('approved');
    expect((await seen(30)).state).toBe('waiting');
    expect((await seen(2)).state).toBe('approved');
    expect((await seen(3)).state).toBe('waiting');
    expect(await approvals.list(file.db)).toMatchObject([{ used: 2 }]);
    expect(await approvals.end(file.db, approval.id, 1500)).toBe(true);
    expect(await approvals.end(file.db, approval.id, 1600)).toBe(false);
    await stand({ relay: '10.0.5.1' }, { endsMs: 3000 });
    expect((await seen(4, { nowMs: 3000 })).state).toBe('waiting');
    expect((await seen(5, { nowMs: 2999 })).state).toBe('approved');
  });

  it('lets no machine in that was refused', async () => {
    const { id } = await seen(1);
    await devices.setState(file.db, id, { state: 'ignored' });
    await stand({ subnets: ['10.0.5.0/24'] });
    expect((await seen(1)).state).toBe('ignored');
  });
});

describe('M57 machines that are expected', () => {
  const by = { who: 'scanner', nowMs: 1 };

  it('are named by a label that was scanned before they came, and need no approval', async () => {
    await expectedDevices.add(
      file.db,
      [{ kind: 'serial', key: ' 7hk4w01 ', name: 'RECEPTION', approve: true }],
      by,
    );
    expect(await seen(1)).toMatchObject({ name: 'RECEPTION', state: 'approved' });
    expect(await expectedDevices.list(file.db)).toMatchObject([{ usedMs: 1000 }]);
    // A second machine that claims the same serial number is not the expected one.
    const other = { serialNumber: '7HK4W01', manufacturer: 'Other' };
    expect(await seen(2, { identity: other })).toMatchObject({ state: 'waiting' });
  });

  it('are named by port, by MAC address and by asset tag; the MAC address counts more', async () => {
    await expectedDevices.add(
      file.db,
      [
        { kind: 'port', key: 'Eth1/1', name: 'BENCH-01' },
        { kind: 'mac', key: 'B0-7B-25-00-00-02', name: 'BY-MAC' },
        { kind: 'port', key: 'eth1/2', name: 'BENCH-02' },
        { kind: 'asset-tag', key: 'A-3', name: 'BY-TAG' },
      ],
      by,
    );
    expect((await seen(1)).name).toBe('BENCH-01');
    expect((await seen(2)).name).toBe('BY-MAC');
    expect((await seen(3, { identity: { assetTag: 'a-3' } })).name).toBe('BY-TAG');
    // The next machine at that port does not take the first one's name.
    expect((await seen(4, { at: { port: 'eth1/1' } })).name).toMatch(/^MW-B07B250000/);
  });

  it('refuses a key that is none', async () => {
    await expect(
      expectedDevices.add(file.db, [{ kind: 'mac', key: 'nope' }], by),
    ).rejects.toThrow();
    expect(await expectedDevices.list(file.db)).toEqual([]);
  });
});

describe('M57 names by rule', () => {
  it('takes the first rule that fits: by collection, subnet, port, model', async () => {
    await rules(
      { pattern: 'LAB-{counter:2}', scope: { subnets: ['10.0.6.0/24'] } },
      { pattern: 'B{port:last2}-{serial:last3}', scope: { ports: ['eth1/1-9'] }, letters: 'lower' },
      { pattern: 'NB-{serial:last4}', scope: { model: 'Latitude*' } },
    );
    expect((await seen(1)).name).toBe('b11-w01');
    expect((await seen(20)).name).toBe('NB-4W20');
    expect((await seen(21, { at: { address: '10.0.6.21' } })).name).toBe('LAB-01');
    expect((await seen(22, { at: { address: '10.0.6.22' } })).name).toBe('LAB-02');
    expect((await seen(23, { identity: { model: 'Precision' } })).name).toMatch(/^MW-B07B250000/);
  });

  it('puts a number behind a name that is taken, or gives none', async () => {
    await rules({ pattern: 'PC-{make:first4}' });
    const names = [];
    for (const number of [1, 2, 3]) names.push((await seen(number)).name);
    expect(names).toEqual(['PC-DELL', 'PC-DELL-2', 'PC-DELL-3']);
    await rules({ pattern: 'PC-{make:first4}', onCollision: 'refuse' });
    const device = await seen(4);
    expect(device.name).toMatch(/^MW-B07B250000/);
    const choice = await naming.choose(file.db, device, { uses: false });
    expect(choice.reasons).toEqual(['PC-{make:first4}: another device has the name PC-DELL']);
  });

  it('shows what a rule would do without using up a number', async () => {
    const device = await seen(1);
    const tried = NamingRules.parse([{ pattern: 'X-{counter}' }]);
    for (let ask = 0; ask < 2; ask += 1)
      expect(await naming.choose(file.db, device, { uses: false, rules: tried })).toMatchObject({
        name: 'X-001',
        by: 'rule X-{counter}',
      });
  });

  it('is asked again when a device is approved that had no name, and never changes one that was given', async () => {
    const device = await seen(1);
    const bench = await collections.create(file.db, { name: 'Bench' }, 1);
    await rules({ pattern: 'B-{serial:last2}', collection: bench.id });
    expect((await seen(1)).name).toMatch(/^MW-B07B250000/);
    await collections.changeMembers(file.db, bench.id, { add: [device.id], remove: [] });
    expect(await approvals.approve(file.db, [device.id])).toMatchObject([
      { name: 'B-01', state: 'approved' },
    ]);
    await rules({ pattern: 'OTHER-{serial}', collection: CollectionId.parse('SMS00001') });
    expect((await seen(1)).name).toBe('B-01');
    await expect(deviceNames.rename(file.db, (await seen(2)).id, 'b-01')).rejects.toMatchObject({
      code: 'device.name-taken',
    });
  });
});

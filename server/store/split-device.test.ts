import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import { DeviceId } from '#agent/protocol/identity.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { deviceConflicts } from './device-conflicts.ts';
import { deviceInventories } from './device-inventories.ts';
import { devices } from './devices.ts';
import { mergedDevices } from './merge-devices.ts';
import { migrate } from './migrate.ts';
import { sharedIdentifiers } from './shared-identifiers.ts';
import { deviceSplits } from './split-device.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let file: SqliteFile;
beforeEach(async () => {
  file = openSqlite(':memory:');
  await migrate(file);
});
afterEach(() => file.close());

const guid = '4c4c4544-0034-3010-8057-b8c04f000001';
const mac = (number: number) => `b0:7b:25:00:00:0${number}`;
async function seen(number: number, more: object = {}, nowMs = number) {
  const identity = testIdentity({
    smbiosGuid: guid,
    macAddresses: [mac(number)],
    manufacturer: 'Acme',
    model: 'Board',
    secureBoot: true,
    memoryBytes: 2 ** 34,
    ...more,
  });
  const newId = DeviceId.parse(randomUUID());
  const { device } = await devices.identify(file.db, identity, { newId, nowMs });
  if (device === null) throw new Error('no record');
  return device;
}
const split = (id: DeviceId, wish: object, nowMs = 50) =>
  deviceSplits.split(
    file.db,
    id,
    { identifiers: [], both: [], runs: [], ...wish },
    { newId: DeviceId.parse(randomUUID()), nowMs },
  );
const hardwareOf = (...macs: string[]) =>
  HardwareInventory.parse({
    systemSku: null,
    systemFamily: null,
    boardManufacturer: null,
    boardProduct: null,
    biosVendor: null,
    biosVersion: macs.join(' '),
    biosDate: null,
    chassisType: null,
    processor: null,
    processorCores: null,
    processorThreads: null,
    tpmVersion: null,
    disks: [],
    networkAdapters: macs.map((each) => ({ mac: each, pciId: null, name: null })),
  });
const start = (id: DeviceId, nowMs: number, ...macs: string[]) =>
  deviceInventories.keep(file.db, id, {
    inventory: { hardware: hardwareOf(...macs), secureBoot: true, memoryBytes: 1 },
    nowMs,
  });

describe('M54 a record that two machines share', () => {
  it('is split for good: each is known as itself again, though one GUID is in both boards', async () => {
    const one = await seen(1);
    // A GUID alone tells nothing, and somebody took them for the same machine.
    const wrongly = { from: (await seen(2)).id, into: one.id };
    await mergedDevices.merge(file.db, wrongly, new Uint8Array(32));
    await start(one.id, 10, mac(1));
    await start(one.id, 20, mac(2));
    await start(one.id, 30, mac(1), mac(2));
    const { device, made } = await split(one.id, {
      identifiers: ['B0-7B-25-00-00-02'],
      both: [guid],
    });
    expect(device).toMatchObject({ id: one.id, smbiosGuid: null, macAddresses: [mac(1)] });
    expect(made).toMatchObject({
      name: 'MW-B07B25000002',
      state: 'waiting',
      macAddresses: [mac(2)],
      model: 'Board',
    });
    expect(await sharedIdentifiers.list(file.db)).toMatchObject([{ kind: 'guid', value: guid }]);
    expect((await seen(2, {}, 60)).id).toBe(made.id);
    expect((await seen(1, {}, 61)).id).toBe(one.id);
    expect(await deviceConflicts.list(file.db)).toEqual([]);
    const history = async (id: DeviceId) =>
      (await deviceInventories.history(file.db, id)).map(({ fromMs }) => fromMs);
    expect(await history(made.id)).toEqual([20]);
    expect(await history(one.id)).toEqual([30, 10]);
    expect(await deviceInventories.of(file.db, made.id)).toMatchObject({ biosVersion: mac(2) });
  });

  it('is split again after a wrong merge, with the name of its own', async () => {
    const other = { smbiosGuid: guid.replace(/1$/, '2'), serialNumber: 'S2' };
    const [one, two] = [await seen(1), await seen(2, other)];
    await mergedDevices.merge(file.db, { from: two.id, into: one.id }, new Uint8Array(32));
    const { device, made } = await split(one.id, { identifiers: [mac(2), 's2'], name: 'PC02' });
    expect(device).toMatchObject({ name: 'MW-B07B25000001', serialNumber: null });
    expect(made).toMatchObject({ name: 'PC02', serialNumber: 'S2', smbiosGuid: null });
    expect((await seen(2, other, 60)).id).toBe(made.id);
  });

  it("keeps no automatic name of a MAC address that is the other machine's now", async () => {
    const one = await seen(1, { macAddresses: [mac(1), mac(2)] });
    const { device, made } = await split(one.id, { identifiers: [mac(1)] });
    expect([device.name, made.name]).toEqual(['MW-B07B25000002', 'MW-B07B25000001']);
  });

  it('is refused where an identifier is not its own, or nothing would be left of a record', async () => {
    const one = await seen(1, { serialNumber: 'To Be Filled By O.E.M.' });
    const codeOf = (wish: object) =>
      split(one.id, wish).catch((error: { code: string }) => error.code);
    expect(await codeOf({ identifiers: ['b0:7b:25:00:00:09'] })).toBe('device.split-identifier');
    expect(await codeOf({ identifiers: [mac(1)], both: [guid] })).toBe('device.split-nothing');
    expect(await codeOf({ identifiers: [one.serialNumber] })).toBe('device.split-nothing');
    expect(await codeOf({ identifiers: [mac(1)], both: [one.serialNumber] })).toBe(
      'device.split-identifier',
    );
    const runs = [randomUUID()];
    expect(await codeOf({ identifiers: [mac(1)], runs })).toBe('device.split-run');
    expect(await devices.list(file.db)).toHaveLength(1);
  });
});

it("M54 an automatic name is no other device's, and as long as Windows takes", async () => {
  const dock = mac(9);
  const one = await seen(1, {
    macAddresses: [dock, mac(1)],
    smbiosGuid: null,
    serialNumber: 'S-A',
  });
  const two = await seen(2, {
    macAddresses: [dock, mac(2)],
    smbiosGuid: null,
    serialNumber: 'S-B',
  });
  expect(one.name).toBe('MW-B07B25000009');
  expect(two.name).toBe(`MW-${two.id.replaceAll('-', '').slice(0, 12).toUpperCase()}`);
  expect(two.name).toHaveLength(15);
});

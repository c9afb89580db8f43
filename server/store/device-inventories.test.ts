import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import { DeviceId, MachineIdentity } from '#agent/protocol/identity.ts';
import { Registration } from '#agent/protocol/policy.ts';
import { newDevice } from '../inventory/device.ts';
import { deviceInventories } from './device-inventories.ts';
import { devices } from './devices.ts';
import { mergedDevices } from './merge-devices.ts';
import { migrate } from './migrate.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let file: SqliteFile;
beforeEach(async () => {
  file = openSqlite(':memory:');
  await migrate(file);
});
afterEach(() => file.close());

const identity = {
  smbiosGuid: null,
  macAddresses: ['02:00:00:00:00:0a'],
  serialNumber: 'S-1',
  assetTag: null,
  manufacturer: 'Acme',
  model: 'One',
  architecture: 'x64',
  firmware: 'uefi',
  secureBoot: true,
  memoryBytes: 2 ** 34,
};
const disks = ['A', 'B'].map((model) => ({ model, serial: null, sizeBytes: 1000, bus: 'SCSI' }));
const hardware = HardwareInventory.parse({
  systemSku: '0B04',
  systemFamily: null,
  boardManufacturer: null,
  boardProduct: '0M6GXJ',
  biosVendor: null,
  biosVersion: '1.0',
  biosDate: null,
  chassisType: 10,
  processor: 'i5',
  processorCores: 4,
  processorThreads: 8,
  tpmVersion: '2.0',
  disks,
  networkAdapters: [],
});
const id = DeviceId.parse(randomUUID());
const keep = (nowMs: number, change: Partial<HardwareInventory> | null = {}) =>
  deviceInventories.keep(file.db, id, {
    inventory: {
      hardware: change === null ? null : { ...hardware, ...change },
      secureBoot: true,
      memoryBytes: 2 ** 34,
    },
    nowMs,
  });

describe('M54 the hardware of a machine at its starts', () => {
  it('keeps another entry only when something differs, and nothing of an agent that tells none', async () => {
    await keep(1);
    await keep(2, { disks: disks.toReversed() });
    await keep(3, null);
    await keep(4, { biosVersion: '2.0' });
    await keep(4, { biosVersion: '3.0' });
    const history = await deviceInventories.history(file.db, id);
    expect(
      history.map(({ fromMs, untilMs, inventory }) => [
        fromMs,
        untilMs,
        inventory.hardware?.biosVersion,
      ]),
    ).toEqual([
      [4, 4, '3.0'],
      [1, 3, '1.0'],
    ]);
  });

  it('keeps the newest twenty', async () => {
    for (let boot = 1; boot <= 25; boot += 1) await keep(boot, { biosVersion: `${boot}` });
    const history = await deviceInventories.history(file.db, id);
    expect(history).toHaveLength(20);
    expect(history[0]?.inventory.hardware?.biosVersion).toBe('25');
  });

  it('goes with its record into another one, with its source, and takes no place of the newest', async () => {
    const machine = MachineIdentity.parse(identity);
    const other = DeviceId.parse(randomUUID());
    await devices.put(file.db, {
      ...newDevice(id, machine, { state: 'known', nowMs: 1 }),
      name: 'OLD',
    });
    await devices.put(file.db, newDevice(other, machine, { state: 'known', nowMs: 1 }));
    await keep(5, { biosVersion: 'old' });
    const into = (nowMs: number, biosVersion: string) =>
      deviceInventories.keep(file.db, other, {
        inventory: { hardware: { ...hardware, biosVersion }, secureBoot: true, memoryBytes: 1 },
        nowMs,
      });
    await into(3, 'new');
    await into(5, 'newer');
    await mergedDevices.merge(file.db, { from: id, into: other }, new Uint8Array(32));
    const told = async () =>
      (await deviceInventories.history(file.db, other)).map(({ fromMs, source, inventory }) => [
        fromMs,
        source?.name ?? null,
        inventory.hardware?.biosVersion,
      ]);
    expect(await told()).toEqual([
      [6, 'OLD', 'old'],
      [5, null, 'newer'],
      [3, null, 'new'],
    ]);
    expect(await deviceInventories.of(file.db, other)).toMatchObject({ biosVersion: 'newer' });
    // Neither the same hardware again nor other hardware at the time of a moved entry is in its way.
    await into(6, 'newer');
    await into(6, 'newest');
    expect(await told()).toEqual([
      [7, null, 'newest'],
      [6, 'OLD', 'old'],
      [5, null, 'newer'],
      [3, null, 'new'],
    ]);
    for (let boot = 10; boot <= 40; boot += 1) await into(boot, `${boot}`);
    const sources = (await told()).map(([, source]) => source);
    expect(sources.filter((source) => source === null)).toHaveLength(20);
    expect(sources.filter((source) => source === 'OLD')).toHaveLength(1);
  });

  it('is what a record has that knew none, until its next start', async () => {
    const machine = MachineIdentity.parse(identity);
    const other = DeviceId.parse(randomUUID());
    await devices.put(file.db, newDevice(id, machine, { state: 'known', nowMs: 1 }));
    await devices.put(file.db, newDevice(other, machine, { state: 'known', nowMs: 1 }));
    await keep(5);
    await mergedDevices.merge(file.db, { from: id, into: other }, new Uint8Array(32));
    expect(await deviceInventories.of(file.db, other)).toMatchObject({ biosVersion: '1.0' });
    await deviceInventories.keep(file.db, other, {
      inventory: { hardware, secureBoot: true, memoryBytes: 2 ** 34 },
      nowMs: 9,
    });
    const history = await deviceInventories.history(file.db, other);
    expect(history.map(({ fromMs, untilMs, source }) => [fromMs, untilMs, source?.id])).toEqual([
      [9, 9, undefined],
      [5, 5, id],
    ]);
  });

  it('is told under flat names with the record', async () => {
    const machine = MachineIdentity.parse(identity);
    await devices.put(file.db, newDevice(id, machine, { state: 'known', nowMs: 1 }));
    expect(await deviceInventories.all(file.db)).toMatchObject([{ model: 'One', systemSku: null }]);
    await keep(2);
    expect(await deviceInventories.of(file.db, id)).toMatchObject({
      name: 'MW-02000000000A',
      model: 'One',
      systemSku: '0B04',
      boardProduct: '0M6GXJ',
      tpmVersion: '2.0',
      diskModels: ['A', 'B'],
      secureBoot: true,
    });
    await devices.remove(file.db, id);
    expect(await deviceInventories.history(file.db, id)).toEqual([]);
  });

  it('a registration of a newer agent is read, and one whose inventory is odd', () => {
    const registration = {
      identity: { ...identity, tpmEndorsementKey: 'new' },
      environment: 'linux-pe',
      agentVersion: '9',
      attestation: {},
    };
    expect(Registration.parse(registration).identity).toMatchObject({ serialNumber: 'S-1' });
    const odd = Registration.parse({ ...registration, inventory: { ...hardware, disks: 'none' } });
    expect(odd.inventory).toBeUndefined();
    const newer = { ...registration, inventory: { ...hardware, displays: [] } };
    expect(Registration.parse(newer).inventory).toEqual(hardware);
  });
});

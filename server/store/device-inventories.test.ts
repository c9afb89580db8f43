import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import { DeviceId, MachineIdentity } from '#agent/protocol/identity.ts';
import { Registration } from '#agent/protocol/policy.ts';
import { newDevice } from '../inventory/device.ts';
import { deviceInventories } from './device-inventories.ts';
import { devices } from './devices.ts';
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

  it('is told under flat names with the record', async () => {
    const machine = MachineIdentity.parse(identity);
    await devices.put(file.db, newDevice(id, machine, { state: 'known', nowMs: 1 }));
    expect(await deviceInventories.all(file.db)).toMatchObject([{ model: 'One', systemSku: null }]);
    await keep(2);
    expect(await deviceInventories.of(file.db, id)).toMatchObject({
      name: 'UNKNOWN-02000000000a',
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

import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceId, MachineIdentity } from '#agent/protocol/identity.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { audit } from './audit.ts';
import { collections } from './collections.ts';
import { deviceConflicts } from './device-conflicts.ts';
import { devices } from './devices.ts';
import { mergedDevices } from './merge-devices.ts';
import { migrate } from './migrate.ts';
import { netboot } from './netboot.ts';
import { sharedIdentifiers } from './shared-identifiers.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';
import { openVariables, variables } from './variables.ts';

let file: SqliteFile;
beforeEach(async () => {
  file = openSqlite(':memory:');
  await migrate(file);
});
afterEach(() => file.close());

const key = new Uint8Array(32);
const dock = '00:e0:4c:68:00:01';
async function seen(number: number, more: Partial<MachineIdentity> = {}, nowMs = number) {
  const identity = testIdentity({
    smbiosGuid: `4c4c4544-0034-3010-8057-b8c04f00000${number}`,
    macAddresses: [`b0:7b:25:00:00:0${number}`],
    serialNumber: `7HK4W0${number}`,
    manufacturer: 'Dell Inc.',
    model: 'Latitude 5530',
    secureBoot: true,
    memoryBytes: 2 ** 34,
    ...more,
  });
  const newId = DeviceId.parse(randomUUID());
  const { device } = await devices.identify(file.db, identity, { newId, nowMs });
  if (device === null) throw new Error('no record');
  return device;
}
const macs = (...list: string[]) => MachineIdentity.shape.macAddresses.parse(list);

describe('M54 a dock that goes from machine to machine', () => {
  it('is learned, said in the audit, and never takes the first machine its record', async () => {
    const one = await seen(1, { macAddresses: macs(dock, 'b0:7b:25:00:00:01') });
    const two = await seen(2, { macAddresses: macs(dock, 'b0:7b:25:00:00:02') });
    expect(two.id).not.toBe(one.id);
    expect(await sharedIdentifiers.list(file.db)).toMatchObject([
      { kind: 'mac', value: dock, learned: true },
    ]);
    expect(await audit.list(file.db)).toMatchObject([
      { who: 'server', action: 'device.shared-mac', detail: { mac: dock, other: one.id } },
    ]);
    expect(await deviceConflicts.list(file.db)).toEqual([]);
    expect((await seen(1, { macAddresses: macs(dock) }, 9)).id).toBe(one.id);
    // A machine of which nothing else is known is neither of them.
    const bare = await seen(3, { macAddresses: macs(dock), smbiosGuid: null, serialNumber: null });
    expect([one.id, two.id]).not.toContain(bare.id);
    const snapshot = await netboot.frame(file.db, {
      revision: 1,
      interfaces: [],
      bootImages: new Set(),
      ports: { bootHttp: 1 },
      nowMs: 1,
    });
    expect([...snapshot.sharedMacs]).toContain(dock);
  });

  it('may be taken off the list, and a board that moved is no dock', async () => {
    expect(await sharedIdentifiers.remove(file.db, 'mac', dock)).toBe(false);
    const one = await seen(1, { serialNumber: null });
    expect((await seen(1, { serialNumber: 'NEW' })).id).toBe(one.id);
    expect(await sharedIdentifiers.list(file.db)).toEqual([]);
  });
});

describe('M54 two records that could be one machine', () => {
  it('are a conflict until somebody decides, and then no more', async () => {
    const guid = MachineIdentity.shape.smbiosGuid.parse('4c4c4544-0034-3010-8057-b8c04f000009');
    const one = await seen(1, { smbiosGuid: guid });
    const two = await seen(2, { smbiosGuid: guid });
    const [conflict, ...others] = await deviceConflicts.list(file.db);
    expect(others).toEqual([]);
    expect(conflict).toMatchObject({
      deviceId: two.id,
      otherId: one.id,
      why: 'has the same GUID, but another serial number and no MAC',
    });
    await deviceConflicts.resolve(file.db, { deviceId: two.id, otherId: one.id }, 'new');
    await seen(2, { smbiosGuid: guid }, 9);
    expect(await deviceConflicts.list(file.db)).toEqual([]);
  });

  it('are merged: memberships, variables, identifiers; the target wins and says so', async () => {
    const from = await seen(1);
    const into = await seen(2, { assetTag: 'A-2' });
    const bench = await collections.create(file.db, { name: 'Bench' }, 1);
    await collections.changeMembers(file.db, bench.id, { add: [from.id], remove: [] });
    const set = (id: DeviceId, name: string, value: string, secret = false) =>
      variables.set(file.db, { kind: 'device', id }, { name, value, secret }, key);
    await set(from.id, 'Site', 'Berlin');
    await set(from.id, 'JoinKey', 'geheim', true);
    await set(into.id, 'SITE', 'Bonn');
    const ids = { from: from.id, into: into.id };
    const { device, keptVariables } = await mergedDevices.merge(file.db, ids, key);
    expect(keptVariables).toEqual(['Site']);
    expect(device.macAddresses).toEqual(['b0:7b:25:00:00:02', 'b0:7b:25:00:00:01']);
    expect(device).toMatchObject({ assetTag: 'A-2', serialNumber: '7HK4W02' });
    expect(await openVariables(file.db, { kind: 'device', id: into.id }, key)).toEqual([
      { name: 'JoinKey', value: 'geheim', secret: true },
      { name: 'SITE', value: 'Bonn', secret: false },
    ]);
    expect(await devices.get(file.db, from.id)).toBeNull();
    const members = await file.db.selectFrom('collection_members').selectAll().execute();
    expect(members).toMatchObject([{ collection_id: bench.id, device_id: into.id }]);
    await expect(
      mergedDevices.merge(file.db, { from: into.id, into: into.id }, key),
    ).rejects.toMatchObject({ code: 'device.merge-same' });
    await expect(mergedDevices.merge(file.db, ids, key)).rejects.toMatchObject({
      code: 'device.not-found',
    });
  });
});

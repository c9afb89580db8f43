import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DeviceId, MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { wholeSnapshot } from '../netboot/testing/whole-snapshot.ts';
import { devices } from './devices.ts';
import { migrate } from './migrate.ts';
import { netboot } from './netboot.ts';
import { openStore } from './open.ts';
import type { Store } from './operations.ts';
import { settings } from './settings.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let directory: string;
let file: SqliteFile;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-devices-'));
  file = openSqlite(join(directory, 'store.sqlite'));
  await migrate(file);
});
afterEach(async () => {
  file.close();
  await rm(directory, { recursive: true, force: true });
});

const identity = (guid: string, mac: string) =>
  testIdentity({
    smbiosGuid: guid,
    macAddresses: [mac],
  });
/** The database as a store's callers see it. */
const store = (): Pick<Store, 'netboot'> => ({
  netboot: {
    frame: (frame) => netboot.frame(file.db, frame),
    slice: (at) => netboot.slice(file.db, at),
    some: (ids, nowMs) => netboot.some(file.db, ids, nowMs),
  },
});
const seen = (guid: string, mac = '02:00:00:00:00:0a') =>
  devices.identify(file.db, identity(guid, mac), newRecord());
const newRecord = () => ({ newId: DeviceId.parse(randomUUID()), nowMs: 1 });
const guid = '11111111-2222-3333-4444-555555555555';

it('M54 two registrations of one machine at once make one record', async () => {
  const store = await openStore(join(directory, 'worker.sqlite'));
  try {
    const machine = identity(guid, '02:00:00:00:00:0a');
    const [one, two] = await Promise.all([
      store.devices.identify(machine, newRecord()),
      store.devices.identify(machine, newRecord()),
    ]);
    expect(one.device?.id).toBe(two.device?.id);
    expect(await store.devices.list()).toHaveLength(1);
  } finally {
    await store.close();
  }
});

it('M54 two machines with an all-zero GUID make two records', async () => {
  const zero = '00000000-0000-0000-0000-000000000000';
  await seen(zero, '02:00:00:00:00:0a');
  await seen(zero, '02:00:00:00:00:0b');
  expect(await devices.list(file.db)).toHaveLength(2);
});

it.each([
  { unknownMachines: 'ask', state: 'waiting' },
  { unknownMachines: 'deploy', state: 'approved' },
  { unknownMachines: 'ignore', state: undefined },
] as const)('an unknown machine where the site says $unknownMachines', async (row) => {
  await settings.change(file.db, { unknownMachines: row.unknownMachines });
  expect((await seen(guid)).device?.state).toBe(row.state);
  expect(await devices.list(file.db)).toHaveLength(row.state === undefined ? 0 : 1);
});

it('an identifier that two records have answers neither by PXE', async () => {
  await seen(guid, '02:00:00:00:00:0a');
  const other = await seen('11111111-2222-3333-4444-666666666666', '02:00:00:00:00:0a');
  expect(other.conflicts).toHaveLength(1);
  const snapshot = await wholeSnapshot(store(), {
    revision: 7,
    bootImages: new Set(['uefi-x64']),
    ports: { bootHttp: 7480 },
    interfaces: [{ name: 'eth0', address: '10.0.5.1', netmask: '255.255.255.0' }],
    nowMs: 1,
  });
  expect(snapshot.devices).toHaveLength(2);
  expect(snapshot.byMac.get(MacAddress.parse('02:00:00:00:00:0a'))).toBeUndefined();
  expect(snapshot.byGuid.get(SmbiosGuid.parse(guid))?.action.kind).toBe('boot');
  expect(snapshot).toMatchObject({ revision: 7, answerOn: [], unknown: { kind: 'boot' } });
  await settings.change(file.db, { answerOn: ['eth0'] });
  const answering = await wholeSnapshot(store(), {
    ...snapshot,
    interfaces: [{ name: 'eth0', address: '10.0.5.1', netmask: '255.255.255.0' }],
    nowMs: 1,
  });
  expect(answering.answerOn.map(({ name }) => name)).toEqual(['eth0']);
});

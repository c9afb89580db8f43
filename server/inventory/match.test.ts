import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DeviceId, MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import { type Device, newDevice } from './device.ts';
import { learnedMacs, matchDevice, type SharedIdentifiers } from './match.ts';
import { testIdentity } from './testing/test-identity.ts';

const guidA = '11111111-2222-3333-4444-55555555555a';
const guidB = '11111111-2222-3333-4444-55555555555b';
const macA = '02:00:00:00:00:0a';
const macB = '02:00:00:00:00:0b';
const nothingShared: SharedIdentifiers = { macs: new Set(), guids: new Set() };

function identity(facts: { guid?: string | null; macs?: string[]; serial?: string | null }) {
  return testIdentity({
    smbiosGuid: facts.guid ?? null,
    macAddresses: facts.macs ?? [],
    serialNumber: facts.serial ?? null,
    manufacturer: 'Acme',
    model: 'One',
  });
}
let made = 0;
function record(facts: Parameters<typeof identity>[0]): Device {
  const id = DeviceId.parse(`00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`);
  return newDevice(id, identity(facts), { state: 'known', nowMs: 0 });
}

it('M54 finds a machine by its GUID, whatever adapters it has now', () => {
  const device = record({ guid: guidA, macs: [macA], serial: 'S-1' });
  const other = record({ guid: guidB, macs: [macB] });
  const match = matchDevice(
    identity({ guid: guidA, macs: [macB], serial: 'S-1' }),
    [device, other],
    nothingShared,
  );
  expect(match).toMatchObject({ device: { id: device.id }, by: 'guid' });
  expect(match.conflicts.map((one) => one.device.id)).toEqual([other.id]);
});

it('M54 finds an imported machine by its MAC when the record has no GUID', () => {
  const device = record({ macs: [macA] });
  expect(
    matchDevice(identity({ guid: guidA, macs: [macA] }), [device], nothingShared),
  ).toMatchObject({ device: { id: device.id }, by: 'mac' });
});

it.each([
  { name: 'its GUID', seen: { guid: guidA }, sure: true },
  { name: 'MAC and serial number', seen: { macs: [macA], serial: 'S-1' }, sure: true },
  { name: 'its MAC alone', seen: { macs: [macA] }, sure: false },
  { name: 'its serial number alone', seen: { serial: 'S-1' }, sure: false },
  {
    name: 'MAC and a serial number nobody wrote',
    seen: { macs: [macA], serial: 'Default string' },
    sure: false,
  },
])('a machine found by $name: sure is $sure', ({ seen, sure }) => {
  const device = record({ guid: guidA, macs: [macA], serial: 'S-1' });
  expect(matchDevice(identity(seen), [device], nothingShared)).toMatchObject({
    device: { id: device.id },
    sure,
  });
});

it.each([
  { name: 'all-zero', guid: '00000000-0000-0000-0000-000000000000' },
  { name: 'all-FF', guid: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
  { name: "a board maker's default", guid: '03000200-0400-0500-0006-000700080009' },
])('M54 two machines with $name GUIDs are two machines', ({ guid }) => {
  const device = record({ guid, macs: [macA] });
  const match = matchDevice(identity({ guid, macs: [macB] }), [device], nothingShared);
  expect(match).toMatchObject({ device: null, by: null });
});

it('M54 two boards with one GUID are told apart by their serial numbers', () => {
  const device = record({ guid: guidA, macs: [macA], serial: 'S-1' });
  const match = matchDevice(
    identity({ guid: guidA, macs: [macB], serial: 'S-2' }),
    [device],
    nothingShared,
  );
  expect(match.device).toBeNull();
  expect(match.conflicts).toHaveLength(1);
});

it.each([
  ['no serial number', { guid: guidA, macs: [macA] }, { guid: guidA, macs: [macB] }],
  [
    'serial numbers that nobody wrote',
    { guid: guidA, macs: [macA], serial: 'Default string' },
    { guid: guidA, macs: [macB], serial: 'Default string' },
  ],
  [
    'one serial number only',
    { guid: guidA, macs: [macA] },
    { guid: guidA, macs: [macB], serial: 'S-2' },
  ],
])(
  'M54 a GUID that two boards have, with %s, gives the record of the first to nobody',
  (_name, first, second) => {
    const match = matchDevice(identity(second), [record(first)], nothingShared);
    expect(match.device).toBeNull();
    expect(match.conflicts).toMatchObject([
      { why: 'has the same GUID, but no MAC address and no serial number that says the same' },
    ]);
  },
);

it.each([
  ['of which no adapter is known', [], [macB], []],
  ['that tells of no adapter', [macA], [], []],
  ['of which only a dock is known', [macA], [macB], [macA]],
])('M54 a GUID is enough for a machine %s', (_name, known, told, docks) => {
  const macs = new Set(docks.map((mac) => MacAddress.parse(mac)));
  const device = record({ guid: guidA, macs: known });
  const match = matchDevice(identity({ guid: guidA, macs: told }), [device], {
    ...nothingShared,
    macs,
  });
  expect(match).toMatchObject({ device: { id: device.id }, by: 'guid', sure: true });
});

it('M54 one GUID and one serial number with other adapters is that machine, but not for sure', () => {
  const device = record({ guid: guidA, macs: [macA], serial: 'S-1' });
  const machine = identity({ guid: guidA, macs: [macB], serial: 'S-1' });
  expect(matchDevice(machine, [device], nothingShared)).toMatchObject({
    device: { id: device.id },
    sure: false,
  });
});

it('M54 a board that was changed is told by its serial number, and its adapter is no dock', () => {
  const device = record({ guid: guidA, macs: [macA], serial: 'S-1' });
  const machine = identity({ guid: guidB, macs: [macA], serial: 'S-1' });
  const match = matchDevice(machine, [device], nothingShared);
  expect(match.device).toBeNull();
  expect(match.conflicts.map(({ why }) => why)).toContainEqual(
    expect.stringContaining('the board was changed'),
  );
  expect(learnedMacs(machine, [device], nothingShared)).toEqual([]);
  const docked = identity({ guid: guidB, macs: [macA], serial: 'S-2' });
  expect(learnedMacs(docked, [device], nothingShared)).toMatchObject([{ mac: macA }]);
});

it('M54 a dock that moved does not bring another machine its record', () => {
  const device = record({ guid: guidA, macs: [macA] });
  const match = matchDevice(identity({ guid: guidB, macs: [macA] }), [device], nothingShared);
  expect(match.device).toBeNull();
  expect(match.conflicts[0]?.why).toContain('another GUID');
});

it('M54 a shared adapter does not identify', () => {
  const device = record({ macs: [macA] });
  const shared = { macs: new Set([MacAddress.parse(macA)]), guids: new Set<SmbiosGuid>() };
  expect(matchDevice(identity({ macs: [macA] }), [device], shared).device).toBeNull();
});

it('M54 a MAC that two records have identifies neither', () => {
  const devices = [record({ macs: [macA] }), record({ macs: [macA] })];
  const match = matchDevice(identity({ macs: [macA] }), devices, nothingShared);
  expect(match.device).toBeNull();
  expect(match.conflicts).toHaveLength(2);
});

it.each(['To Be Filled By O.E.M.', 'Default string', '0', 'None', ''])(
  'M54 the serial number "%s" is none',
  (serial) => {
    const device = record({ serial });
    expect(matchDevice(identity({ serial }), [device], nothingShared).device).toBeNull();
  },
);

it('M54 never hands out a record with another real GUID', () => {
  const guids = fc.constantFrom(null, guidA, guidB);
  const facts = fc.record({
    guid: guids,
    macs: fc.subarray([macA, macB]),
    serial: fc.constantFrom(null, 'S-1', 'S-2', 'None'),
  });
  fc.assert(
    fc.property(facts, fc.array(facts, { maxLength: 4 }), (machine, records) => {
      const found = matchDevice(identity(machine), records.map(record), nothingShared).device;
      if (found !== null && found.smbiosGuid !== null && machine.guid !== null)
        expect(found.smbiosGuid).toBe(SmbiosGuid.parse(machine.guid));
    }),
  );
});

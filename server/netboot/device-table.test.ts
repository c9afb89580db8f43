import { expect, it } from 'vitest';
import { MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import { makeDeviceTable } from './device-table.ts';
import type { NetbootDevice } from './snapshot.ts';

const mac = (last: string) => MacAddress.parse(`02:00:00:00:00:${last}`);
const guid = SmbiosGuid.parse('11111111-2222-3333-4444-555555555555');
const device = (deviceId: string, macs: readonly string[], reason = 'x'): NetbootDevice => ({
  macs: macs.map(mac),
  guid,
  target: { deviceId, name: deviceId, action: { kind: 'silent', reason } },
});

it('M54 an identifier that two records have identifies neither, until one of them has it alone', () => {
  const table = makeDeviceTable();
  table.put(device('one', ['0a', '0b']));
  expect(table.byGuid.get(guid)?.deviceId).toBe('one');
  table.put(device('two', ['0b', '0c']));
  table.put(device('three', ['0b']));
  expect(table.byGuid.get(guid)).toBeUndefined();
  expect(['0a', '0b', '0c'].map((last) => table.byMac.get(mac(last))?.deviceId)).toEqual([
    'one',
    undefined,
    'two',
  ]);
  table.remove('three');
  table.remove('two');
  table.remove('never there');
  expect(table.byGuid.get(guid)?.deviceId).toBe('one');
  expect(['0b', '0c'].map((last) => table.byMac.get(mac(last))?.deviceId)).toEqual([
    'one',
    undefined,
  ]);
});

it('a record takes the place of the one before, with other identifiers', () => {
  const table = makeDeviceTable();
  table.put(device('one', ['0a']));
  table.put(device('one', ['0b'], 'y'));
  expect(table.byMac.get(mac('0a'))).toBeUndefined();
  expect(table.byMac.get(mac('0b'))?.action.reason).toBe('y');
  expect([...table.all()]).toHaveLength(1);
});

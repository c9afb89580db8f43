import { expect, it } from 'vitest';
import { CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS, collectionsOf } from './collection.ts';

const device = DeviceId.parse('00000000-0000-4000-8000-000000000001');
const id = (text: string) => CollectionId.parse(text);
const own = (name: string, limit: CollectionId) => ({
  id: id(name),
  name,
  builtIn: false,
  limitingCollection: limit,
  precedence: 1,
});

it('M12 a member of a collection is one only within its limiting collection', () => {
  const collections = [own('OUTER', ALL_SYSTEMS), own('INNER', id('OUTER'))];
  const inInner = new Map([[id('INNER'), new Set([device])]]);
  const known = { id: device, state: 'known' } as const;
  expect([...collectionsOf(known, collections, inInner)]).toEqual([ALL_SYSTEMS]);
  const inBoth = new Map([...inInner, [id('OUTER'), new Set([device])]]);
  expect([...collectionsOf(known, collections, inBoth)].toSorted()).toEqual([
    'INNER',
    'OUTER',
    ALL_SYSTEMS,
  ]);
});

it.each([
  { state: 'waiting', member: false },
  { state: 'approved', member: true },
  { state: 'known', member: false },
  { state: 'ignored', member: false },
] as const)('M17 a device that is $state: member of All Unknown Computers: $member', (row) => {
  const found = collectionsOf({ id: device, state: row.state }, [], new Map());
  expect(found.has(ALL_UNKNOWN_COMPUTERS)).toBe(row.member);
  expect(found.has(ALL_SYSTEMS)).toBe(true);
});

it('a cycle of limits has no members, and ends', () => {
  const collections = [own('AAA', id('BBB')), own('BBB', id('AAA'))];
  const rules = new Map(collections.map((one) => [one.id, new Set([device])]));
  expect(collectionsOf({ id: device, state: 'known' }, collections, rules).size).toBe(1);
});

import { expect, it } from 'vitest';
import { CollectionId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS } from '../collection.ts';
import type { Device } from '../device.ts';
import { deviceInventory } from '../device-inventory.ts';
import { testDevice } from '../testing/test-device.ts';
import { assertNoCircle, inDependencyOrder, withDependents } from './order.ts';
import { planMembership } from './plan.ts';
import type { CollectionRule, RuledCollection } from './rule.ts';

const id = (text: string) => CollectionId.parse(text);
const own = (name: string, limit: CollectionId, ...rules: CollectionRule[]): RuledCollection => ({
  id: id(name),
  name,
  limitingCollection: limit,
  rules,
});
const query = (text: string): CollectionRule => ({ kind: 'query', name: text, query: text });
const include = (name: string): CollectionRule => ({ kind: 'include', collection: id(name) });
const exclude = (name: string): CollectionRule => ({ kind: 'exclude', collection: id(name) });

function membersOf(
  collections: readonly RuledCollection[],
  { direct = [], ...device }: Partial<Device> & { direct?: readonly string[] },
): string[] {
  const subject = {
    inventory: deviceInventory({ ...testDevice({}), ...device }, null),
    variables: new Map(),
    lastRun: null,
  };
  const plan = planMembership(collections);
  return [...plan.membershipsOf(subject, new Set(direct.map(id)), { nowMs: 0 })].toSorted();
}

it('M12 a member of a collection is one only within its limiting collection', () => {
  const collections = [own('INNER', id('OUTER')), own('OUTER', ALL_SYSTEMS)];
  expect(membersOf(collections, { direct: ['INNER'] })).toEqual([]);
  expect(membersOf(collections, { direct: ['INNER', 'OUTER'] })).toEqual(['INNER', 'OUTER']);
});

it('M12 query, include and limit are decided in order of dependency, however they are listed', () => {
  const collections = [
    own('OFFICE', id('DELL'), include('LAPTOP')),
    own('LAPTOP', ALL_SYSTEMS, query('model like "Latitude%"')),
    own('DELL', ALL_SYSTEMS, query('make = "Dell"')),
  ];
  expect(membersOf(collections, { model: 'Latitude 1', manufacturer: 'dell' })).toEqual([
    'DELL',
    'LAPTOP',
    'OFFICE',
  ]);
  expect(membersOf(collections, { model: 'Latitude 1' })).toEqual(['LAPTOP']);
});

it.each([
  { rules: [query('name = "PC"')], direct: [] },
  { rules: [include('ALL')], direct: [] },
  { rules: [], direct: ['AAA'] },
])('M12 exclude beats $rules $direct', ({ rules, direct }) => {
  const others = [own('ALL', ALL_SYSTEMS, query('name = "PC"'))];
  const without = own('AAA', ALL_SYSTEMS, ...rules);
  expect(membersOf([...others, without], { direct })).toContain('AAA');
  const withExclude = own('AAA', ALL_SYSTEMS, ...rules, exclude('ALL'));
  expect(membersOf([...others, withExclude], { direct })).not.toContain('AAA');
});

it.each([
  { rule: query('name = "PC"'), state: 'known', member: true },
  { rule: query('name = "PC"'), state: 'approved', member: false },
  { rule: query('name = "PC" and state != "ignored"'), state: 'approved', member: true },
  { rule: include(ALL_UNKNOWN_COMPUTERS), state: 'approved', member: true },
  { rule: include(ALL_UNKNOWN_COMPUTERS), state: 'known', member: false },
  { rule: { kind: 'unknown-computer', architecture: 'x64' }, state: 'approved', member: true },
  { rule: { kind: 'unknown-computer', architecture: 'x64' }, state: 'waiting', member: false },
  { rule: { kind: 'unknown-computer', architecture: 'arm64' }, state: 'approved', member: false },
] as const)('M17 $rule.kind finds a device that is $state: $member', ({ rule, state, member }) => {
  const found = membersOf([own('AAA', ALL_SYSTEMS, rule)], { state, architecture: 'x64' });
  expect(found.includes('AAA')).toBe(member);
});

it('M17 knows the collections that unknown machines get into without being named', () => {
  const plan = planMembership([
    own('KNOWN', ALL_SYSTEMS, query('name = "PC"')),
    own('STATE', ALL_SYSTEMS, query('state = "approved"')),
    own('AGAIN', ALL_SYSTEMS, include('STATE')),
    own('OBJECT', ALL_SYSTEMS, { kind: 'unknown-computer', architecture: 'x64' }),
    own('EVERYBODY', ALL_SYSTEMS, include(ALL_SYSTEMS)),
    own('WITHIN', id('STATE'), query('name = "PC"')),
  ]);
  expect([...plan.reachesUnknown].toSorted()).toEqual([
    'AGAIN',
    'EVERYBODY',
    'OBJECT',
    ALL_UNKNOWN_COMPUTERS,
    'STATE',
  ]);
});

it('a query that cannot be read finds nothing and is told', () => {
  const collections = [own('AAA', ALL_SYSTEMS, query('oldField = 1'))];
  expect(membersOf(collections, {})).toEqual([]);
  expect(planMembership(collections).broken.get(id('AAA'))).toContain('oldField is no field');
});

it('a circle in the database has no members, and ends', () => {
  const circle = [own('AAA', id('BBB')), own('BBB', id('AAA')), own('CCC', id('BBB'))];
  expect(inDependencyOrder(circle)).toEqual([]);
  expect(membersOf(circle, { direct: ['AAA', 'BBB', 'CCC'] })).toEqual([]);
});

it('refuses a circle and spells it out', () => {
  const before = [own('BBB', id('CCC')), own('CCC', ALL_SYSTEMS, exclude('AAA'))];
  expect(() => assertNoCircle(own('AAA', ALL_SYSTEMS, include('BBB')), before)).toThrow(
    expect.objectContaining({
      code: 'collection.circle',
      message:
        '"AAA" would be decided by itself: "AAA" includes "BBB", "BBB" is limited by "CCC", "CCC" excludes "AAA"',
    }),
  );
  expect(() => assertNoCircle(own('AAA', id('AAA')), [])).toThrow('"AAA" is limited by "AAA"');
  expect(() => assertNoCircle(own('DDD', ALL_SYSTEMS, include('BBB')), before)).not.toThrow();
});

it('finds all that depend on a collection', () => {
  const all = [
    own('BBB', id('AAA')),
    own('CCC', ALL_SYSTEMS, exclude('BBB')),
    own('DDD', ALL_SYSTEMS),
  ];
  expect([...withDependents([id('AAA')], all)].toSorted()).toEqual(['AAA', 'BBB', 'CCC']);
});

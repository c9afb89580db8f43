import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BcdValue } from './element-value.ts';
import { kindOf } from './element-value.ts';
import { formatHive } from './format-hive.ts';
import type { HiveKey, HiveValue } from './hive.ts';
import { binaryValue, dwordValue, textsValue, textValue } from './registry-value.ts';
import { type BcdStore, formatStore, parseStore } from './store.ts';

const guid = '01234567-89ab-cdef-0123-456789abcdef';
const text = fc.string().filter((value) => !value.includes('\0'));
const integer = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const values: Readonly<Record<BcdValue['kind'], fc.Arbitrary<BcdValue>>> = {
  device: fc.record({
    kind: fc.constant('device'),
    device: fc.record({
      kind: fc.constant('gpt-partition'),
      partition: fc.uuid(),
      disk: fc.uuid(),
    }),
  }),
  string: fc.record({ kind: fc.constant('string'), text }),
  object: fc.record({ kind: fc.constant('object'), object: fc.uuid() }),
  objects: fc.record({ kind: fc.constant('objects'), objects: fc.array(fc.uuid()) }),
  integer: fc.record({ kind: fc.constant('integer'), integer }),
  boolean: fc.record({ kind: fc.constant('boolean'), on: fc.boolean() }),
  integers: fc.record({ kind: fc.constant('integers'), integers: fc.array(integer) }),
  unknown: fc.record({
    kind: fc.constant('unknown'),
    type: fc.nat(20),
    data: fc.uint8Array({ maxLength: 40 }),
  }),
};
const element = fc
  .nat(0xffff_ffff)
  .chain((id) => values[kindOf(id)].map((value) => ({ id, value })));
const object = fc.record({
  id: fc.uuid(),
  type: fc.nat(0xffff_ffff),
  elements: fc
    .uniqueArray(element, { selector: ({ id }) => id, maxLength: 12 })
    .map((elements) => elements.toSorted((a, b) => a.id - b.id)),
});
const anyStore: fc.Arbitrary<BcdStore> = fc.record({
  system: fc.boolean(),
  objects: fc
    .uniqueArray(object, { selector: ({ id }) => id, maxLength: 6 })
    .map((objects) => objects.toSorted((a, b) => (a.id < b.id ? -1 : 1))),
});

const hiveOf = (keys: HiveKey[]) =>
  formatHive({ fileName: 'BCD', lastWritten: 0n, root: { name: 'r', values: [], keys } });
const key = (name: string, keys: HiveKey[], list: HiveValue[] = []) => ({
  name,
  keys,
  values: list,
});

/** A store with one object that has one element. */
const storeWith = (elementName: string, ...list: HiveValue[]) =>
  hiveOf([
    key('Objects', [
      key(`{${guid}}`, [
        key('Description', [], [dwordValue('Type', 0x10100002)]),
        key('Elements', [key(elementName, [], list)]),
      ]),
    ]),
  ]);

describe('boot configuration stores', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyStore, (store) => {
        expect(parseStore(formatStore(store, 5n))).toEqual(store);
      }),
    );
  });

  it('are read without the description, and with names in capitals', () => {
    const bytes = hiveOf([
      key('OBJECTS', [
        key(`{${guid.toUpperCase()}}`, [
          key('DESCRIPTION', [], [dwordValue('TYPE', 1)]),
          key('Elements', [key('2500000A', [], [binaryValue('Element', new Uint8Array(8))])]),
        ]),
      ]),
    ]);
    expect(parseStore(bytes)).toEqual({
      system: false,
      objects: [
        {
          id: guid,
          type: 1,
          elements: [{ id: 0x2500000a, value: { kind: 'integer', integer: 0n } }],
        },
      ],
    });
  });

  it.each([
    { name: 'a hive of another kind', bytes: hiveOf([key('Software', [])]), code: 'bcd.store' },
    {
      name: 'an object without a type',
      bytes: hiveOf([key('Objects', [key(`{${guid}}`, [key('Description', [])])])]),
      code: 'bcd.object',
    },
    {
      name: 'an object without a GUID',
      bytes: hiveOf([key('Objects', [key('{bootmgr}', [])])]),
      code: 'bcd.guid',
    },
    { name: 'an element without a value', bytes: storeWith('12000004'), code: 'bcd.object' },
    {
      name: 'an element without an id',
      bytes: storeWith('description', textValue('Element', 'x')),
      code: 'bcd.object',
    },
    {
      name: 'a number of four bytes',
      bytes: storeWith('25000004', binaryValue('Element', new Uint8Array(4))),
      code: 'bcd.element',
    },
    {
      name: 'two numbers for one',
      bytes: storeWith('25000004', binaryValue('Element', new Uint8Array(16))),
      code: 'bcd.element',
    },
    {
      name: 'a switch of two bytes',
      bytes: storeWith('26000022', binaryValue('Element', new Uint8Array(2))),
      code: 'bcd.element',
    },
    {
      name: 'text for a device',
      bytes: storeWith('11000001', textValue('Element', 'C:')),
      code: 'hive.value',
    },
    {
      name: 'a name for an object',
      bytes: storeWith('23000003', textValue('Element', '{default}')),
      code: 'bcd.guid',
    },
    {
      name: 'one text for a list',
      bytes: storeWith('24000001', textValue('Element', `{${guid}}`)),
      code: 'hive.value',
    },
    {
      name: 'a list with a name',
      bytes: storeWith('24000001', textsValue('Element', ['{memdiag}'])),
      code: 'bcd.guid',
    },
  ])('are refused: $name', ({ bytes, code }) => {
    expect(() => parseStore(bytes)).toThrow(expect.objectContaining({ code }));
  });

  it('are not written with an object or element twice, or a value of another kind', () => {
    const entry = { id: 0x26000022, value: { kind: 'boolean', on: true } } as const;
    const store = (ids: string[], elements: BcdStore['objects'][number]['elements']) =>
      formatStore({ system: false, objects: ids.map((id) => ({ id, type: 1, elements })) }, 0n);
    expect(() => store([guid, guid], [])).toThrow(expect.objectContaining({ code: 'hive.names' }));
    expect(() => store([guid], [entry, entry])).toThrow(
      expect.objectContaining({ code: 'hive.names' }),
    );
    expect(() => store([guid], [{ ...entry, id: 0x25000004 }])).toThrow(
      expect.objectContaining({ code: 'bcd.element' }),
    );
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHive } from './format-hive.ts';
import {
  comparedName,
  fileTimeOf,
  type Hive,
  type HiveKey,
  hiveLimit,
  keyAt,
  valueOf,
} from './hive.ts';
import { parseHive } from './parse-hive.ts';

const key = (name: string, keys: HiveKey[] = [], values: HiveKey['values'] = []): HiveKey => ({
  name,
  keys,
  values,
});
const hiveOf = (root: HiveKey): Hive => ({ fileName: 'BCD', lastWritten: 7n, root });

const unit = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }),
  fc.integer({ min: 1, max: 0xff }),
  fc.integer({ min: 1, max: 0xffff }),
);
const text = (maxLength: number) =>
  fc.array(unit, { maxLength }).map((units) => String.fromCharCode(...units));
const keyName = text(12).filter((name) => name !== '' && !name.includes('\\'));
const unlike = { selector: ({ name }: { name: string }) => comparedName(name) };
const value = fc.record({
  name: text(12),
  type: fc.nat(0xffff_ffff),
  data: fc.oneof(fc.uint8Array({ maxLength: 9 }), fc.uint8Array({ maxLength: 20_000 })),
});
const anyKey: fc.Arbitrary<HiveKey> = fc.letrec<{ key: HiveKey }>((tie) => ({
  key: fc.record({
    name: keyName,
    values: fc.uniqueArray(value, { ...unlike, maxLength: 4 }),
    keys: fc.oneof(
      { depthSize: 'small' },
      fc.constant([]),
      fc.uniqueArray(tie('key'), { ...unlike, maxLength: 5 }),
    ),
  }),
})).key;
const anyHive = fc.record({
  fileName: text(hiveLimit.fileName),
  lastWritten: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  root: anyKey,
});

/** What a hive is read back as: keys in the order of Windows, data in plain arrays. */
function inOrder({ name, values, keys }: HiveKey): HiveKey {
  const order = (a: HiveKey, b: HiveKey) => (comparedName(a.name) < comparedName(b.name) ? -1 : 1);
  return {
    name,
    values: values.map((entry) => ({ ...entry, data: Uint8Array.from(entry.data) })),
    keys: keys.map(inOrder).sort(order),
  };
}

describe('hives', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(anyHive, (hive) => {
        const read = parseHive(formatHive(hive));
        expect({ ...read, root: inOrder(read.root) }).toEqual({
          ...hive,
          root: inOrder(hive.root),
        });
        expect(read.root.keys.map(({ name }) => name)).toEqual(
          inOrder(hive.root).keys.map(({ name }) => name),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('give the same bytes in whatever order keys are given', () => {
    const keys = ['b', 'A', 'c'].map((name) => key(name));
    const bytes = formatHive(hiveOf(key('r', keys)));
    expect(formatHive(hiveOf(key('r', keys.toReversed())))).toEqual(bytes);
    expect(parseHive(bytes).root.keys.map(({ name }) => name)).toEqual(['A', 'b', 'c']);
  });

  it('have lists of lists above 500 keys', () => {
    const keys = Array.from({ length: 1201 }, (_, index) => key(`k${index}`));
    const read = parseHive(formatHive(hiveOf(key('r', keys))));
    expect(read.root.keys).toHaveLength(1201);
    expect(new Set(read.root.keys.map(({ name }) => name)).size).toBe(1201);
  });

  it('hold 300 keys with 900 values, and a value of a megabyte', () => {
    const values = (size: number) =>
      ['a', 'b', 'c'].map((name) => ({ name, type: 3, data: new Uint8Array(size).fill(size) }));
    const keys = Array.from({ length: 300 }, (_, at) => key(`{key ${at}}`, [], values(at)));
    const large = key(
      'large',
      [],
      [{ name: '', type: 3, data: new Uint8Array(1_000_001).fill(9) }],
    );
    const root = key('r', [...keys, large]);
    expect(inOrder(parseHive(formatHive(hiveOf(root))).root)).toEqual(inOrder(root));
  });

  it('are found in without regard to case', () => {
    const root = key('r', [
      key('Objects', [key('{AB}', [], [{ name: 'Type', type: 4, data: new Uint8Array(4) }])]),
    ]);
    const found = keyAt(root, 'objects', '{ab}');
    expect(found?.name).toBe('{AB}');
    expect(found && valueOf(found, 'TYPE')?.type).toBe(4);
    expect(keyAt(root, 'objects', 'none', 'below')).toBeUndefined();
  });

  it('compare letters as Windows does where they have no single upper case', () => {
    expect(comparedName('straße ı')).toBe('STRAßE ı');
    expect(comparedName('éÿ')).toBe('ÉŸ');
  });

  it('have times as Windows counts them', () => {
    expect(fileTimeOf(0)).toBe(116_444_736_000_000_000n);
    expect(fileTimeOf(Date.UTC(2020, 0, 1))).toBe(132_223_104_000_000_000n);
  });
});

describe('formatHive', () => {
  const deep = (depth: number): HiveKey => key('k', depth === 0 ? [] : [deep(depth - 1)]);

  it.each([
    { name: 'an empty name', root: key('r', [key('')]), code: 'hive.limit' },
    { name: 'a backslash', root: key('r', [key('a\\b')]), code: 'hive.limit' },
    { name: 'a long name', root: key('r', [key('k'.repeat(256))]), code: 'hive.limit' },
    {
      name: 'a long name of a value',
      root: key('r', [], [{ name: 'v'.repeat(16_384), type: 1, data: new Uint8Array() }]),
      code: 'hive.limit',
    },
    { name: 'two keys of one name', root: key('r', [key('a'), key('A')]), code: 'hive.names' },
    {
      name: 'two values of one name',
      root: key(
        'r',
        [],
        [
          { name: 'a', type: 1, data: new Uint8Array() },
          { name: 'A', type: 1, data: new Uint8Array() },
        ],
      ),
      code: 'hive.names',
    },
    { name: 'keys too deep', root: deep(513), code: 'hive.depth' },
  ])('refuses $name', ({ root, code }) => {
    expect(() => formatHive(hiveOf(root))).toThrow(expect.objectContaining({ code }));
  });

  it('writes keys as deep as Windows has them', () => {
    expect(parseHive(formatHive(hiveOf(deep(512)))).root.name).toBe('k');
  });

  it('refuses a file name that the base block has no room for', () => {
    const hive = { ...hiveOf(key('r')), fileName: 'x'.repeat(32) };
    expect(() => formatHive(hive)).toThrow(expect.objectContaining({ code: 'hive.limit' }));
  });
});

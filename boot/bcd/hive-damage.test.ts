import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BcdError } from './bcd-error.ts';
import { formatHive } from './format-hive.ts';
import {
  cellNumber,
  fillRaw,
  keyFields,
  patched,
  rawCell,
  rawHive,
  recordAt,
  withChecksum,
} from './hive.testing.ts';
import type { HiveKey } from './hive.ts';
import { parseHive } from './parse-hive.ts';
import { formatStore, parseStore } from './store.ts';
import { networkStore } from './windows-pe.ts';

const data = (size: number) => new Uint8Array(size).fill(size);
const leaf = (name: string): HiveKey => ({
  name,
  keys: [],
  values: [
    { name: 'long', type: 3, data: data(40) },
    { name: 'short', type: 4, data: data(4) },
  ],
});
const root = { name: 'root', values: [], keys: [leaf('alpha'), leaf('beta')] };
const hive = formatHive({ fileName: 'BCD', lastWritten: 1n, root });
const word = (at: number) => new DataView(hive.buffer).getUint32(at, true);
const nk = (index: number) => recordAt(hive, 'nk', index);
const vk = (index: number) => recordAt(hive, 'vk', index);
const lf = recordAt(hive, 'lf');
const alpha = nk(1);
const firstBin = 4096;
/** The free cell at the end of the only bin. */
const free = (() => {
  let cell = firstBin + 32;
  while (new DataView(hive.buffer).getInt32(cell, true) < 0)
    cell -= new DataView(hive.buffer).getInt32(cell, true);
  return cell + 4;
})();

describe('parseHive', () => {
  it('reads the hive that is damaged below', () => {
    expect(parseHive(hive).root.keys.map(({ name }) => name)).toEqual(['alpha', 'beta']);
    expect(parseHive(patched(hive, {})).root.keys).toHaveLength(2);
  });

  it.each<{ name: string; words: Record<number, number>; code: string }>([
    { name: 'another signature', words: { 0: 0x67676572 }, code: 'hive.magic' },
    { name: 'sequence numbers that differ', words: { 4: 2 }, code: 'hive.dirty' },
    { name: 'major version 2', words: { 20: 2 }, code: 'hive.version' },
    { name: 'minor version 2', words: { 24: 2 }, code: 'hive.version' },
    { name: 'minor version 7', words: { 24: 7 }, code: 'hive.version' },
    { name: 'a log file', words: { 28: 1 }, code: 'hive.version' },
    { name: 'another format', words: { 32: 0 }, code: 'hive.version' },
    { name: 'more bins than there are', words: { 40: 8192 }, code: 'hive.truncated' },
    { name: 'no bins', words: { 40: 0 }, code: 'hive.truncated' },
    { name: 'half a bin', words: { 40: 2048 }, code: 'hive.truncated' },
    { name: 'a bin without signature', words: { [firstBin]: 0 }, code: 'hive.hbin' },
    { name: 'a bin of another place', words: { [firstBin + 4]: 4096 }, code: 'hive.hbin' },
    { name: 'a bin of no size', words: { [firstBin + 8]: 0 }, code: 'hive.hbin' },
    { name: 'a bin beyond the end', words: { [firstBin + 8]: 8192 }, code: 'hive.hbin' },
    { name: 'a cell of no size', words: { [alpha - 4]: 0 }, code: 'hive.cell' },
    { name: 'a cell of odd size', words: { [alpha - 4]: -84 }, code: 'hive.cell' },
    { name: 'a cell beyond its bin', words: { [alpha - 4]: -8192 }, code: 'hive.cell' },
    {
      name: 'the smallest number as a size',
      words: { [alpha - 4]: 0x8000_0000 },
      code: 'hive.cell',
    },
    { name: 'a root beyond the end', words: { 36: 0x10_0000 }, code: 'hive.cell' },
    { name: 'no root', words: { 36: 0xffff_ffff }, code: 'hive.cell' },
    { name: 'a root in the middle of a cell', words: { 36: 0x28 }, code: 'hive.cell' },
    { name: 'a root that is not aligned', words: { 36: 0x21 }, code: 'hive.cell' },
    { name: 'a root in a bin header', words: { 36: 0 }, code: 'hive.cell' },
    { name: 'a key in a free cell', words: { [lf + 4]: cellNumber(free) }, code: 'hive.cell' },
    { name: 'a key that was freed', words: { [alpha - 4]: -word(alpha - 4) }, code: 'hive.cell' },
    { name: 'a key below itself', words: { [lf + 4]: 0x20 }, code: 'hive.cell-shared' },
    { name: 'one key twice', words: { [lf + 12]: cellNumber(alpha) }, code: 'hive.cell-shared' },
    {
      name: 'a list that two keys have',
      words: { [nk(2) + 40]: word(alpha + 40) },
      code: 'hive.cell-shared',
    },
    {
      name: 'data that two values have',
      words: { [vk(2) + 8]: word(vk(0) + 8) },
      code: 'hive.cell-shared',
    },
    { name: 'data in a key', words: { [vk(0) + 8]: cellNumber(alpha) }, code: 'hive.cell-shared' },
    { name: 'a key that is none', words: { [alpha]: 0x2078_7878 }, code: 'hive.record' },
    { name: 'a value that is none', words: { [vk(0)]: 0 }, code: 'hive.record' },
    { name: 'security that is none', words: { [alpha + 44]: cellNumber(lf) }, code: 'hive.record' },
    { name: 'a list that is none', words: { [lf]: 0x2_7878 }, code: 'hive.record' },
    { name: 'a list below a list', words: { [lf]: 0x2_6972 }, code: 'hive.record' },
    { name: 'a list longer than its cell', words: { [lf]: 0xffff_666c }, code: 'hive.record' },
    { name: 'more keys than the list has', words: { [nk(0) + 20]: 3 }, code: 'hive.record' },
    { name: 'fewer keys than the list has', words: { [nk(0) + 20]: 1 }, code: 'hive.record' },
    { name: 'a huge count of keys', words: { [nk(0) + 20]: 0xffff_ffff }, code: 'hive.record' },
    { name: 'more values than the list has', words: { [alpha + 36]: 9 }, code: 'hive.record' },
    { name: 'a huge count of values', words: { [alpha + 36]: 0xffff_ffff }, code: 'hive.record' },
    { name: 'a name longer than its cell', words: { [alpha + 72]: 0xff }, code: 'hive.record' },
    { name: 'a key without a name', words: { [alpha + 72]: 0 }, code: 'hive.record' },
    { name: 'another parent', words: { [alpha + 16]: cellNumber(nk(2)) }, code: 'hive.record' },
    { name: 'data longer than its cell', words: { [vk(0) + 4]: 0x100 }, code: 'hive.record' },
    { name: 'huge data', words: { [vk(0) + 4]: 0x7fff_ffff }, code: 'hive.record' },
    { name: 'five bytes in place', words: { [vk(1) + 4]: 0x8000_0005 }, code: 'hive.record' },
    { name: 'a hint for another name', words: { [lf + 8]: 0x41414141 }, code: 'hive.record' },
    {
      name: 'keys out of order',
      words: {
        [lf + 4]: word(lf + 12),
        [lf + 8]: word(lf + 16),
        [lf + 12]: word(lf + 4),
        [lf + 16]: word(lf + 8),
      },
      code: 'hive.names',
    },
    {
      name: 'two values of one name',
      words: { [vk(1)]: 0x4_6b76, [vk(1) + 20]: word(vk(0) + 20) },
      code: 'hive.names',
    },
  ])('refuses $name', ({ words, code }) => {
    expect(() => parseHive(patched(hive, words))).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a checksum that does not fit, whatever changed', () => {
    for (const at of [5, 13, 36, 48, 300, 508]) {
      const bytes = Uint8Array.from(hive);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      expect(() => parseHive(bytes)).toThrow(expect.objectContaining({ code: 'hive.checksum' }));
    }
  });

  it('refuses a hive that is cut, at each length', () => {
    for (const length of [0, 1, 4095, 4096, 8191])
      expect(() => parseHive(hive.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'hive.short' }),
      );
  });

  it('reads what Windows let grow ahead of its use', () => {
    const grown = new Uint8Array(hive.length + 4096);
    grown.set(hive);
    expect(parseHive(grown)).toEqual(parseHive(hive));
  });

  it('refuses keys nested without end', () => {
    const chain = (length: number) =>
      rawHive(3, (cells) => {
        const security = rawCell(cells, 20, [[0, 'sk']]);
        const keys = Array.from({ length }, () => cells.allot(77));
        for (const [depth, key] of keys.entries()) {
          const below = keys[depth + 1];
          fillRaw(key, keyFields('k', security, keys[depth - 1]?.cell ?? 0));
          if (below === undefined) continue;
          const list = rawCell(cells, 8, [
            [0, 'li'],
            [2, 1, 16],
            [4, below.cell],
          ]);
          fillRaw(key, [
            [20, 1],
            [28, list],
          ]);
        }
        return keys[0]?.cell ?? 0;
      });
    expect(parseHive(chain(513)).root.name).toBe('k');
    for (const length of [514, 5000])
      expect(() => parseHive(chain(length))).toThrow(
        expect.objectContaining({ code: 'hive.depth' }),
      );
  });
});

describe('any bytes', () => {
  const store = formatStore(
    networkStore({ firmware: 'uefi', tftp: { blockSize: 1456, windowSize: 4 } }),
    1n,
  );
  const readOrRefused = (bytes: Uint8Array): void => {
    try {
      parseStore(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(BcdError);
    }
  };

  it('are a store or an error', () => {
    const start = Buffer.from('regf');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 12_288 }), (bytes) => {
        readOrRefused(bytes);
        readOrRefused(withChecksum(Buffer.concat([start, bytes, new Uint8Array(512)])));
        readOrRefused(Buffer.concat([store.subarray(0, 4096), bytes, new Uint8Array(8192)]));
      }),
      { numRuns: 100 },
    );
  });

  it('changed in a store, are a store or an error', () => {
    const words = fc.oneof(
      fc.nat(0xffff_ffff),
      fc.nat(0x3000),
      fc.nat(0x600).map((cell) => cell * 8),
      fc.constantFrom(0xffff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0),
    );
    const changes = fc.array(fc.tuple(fc.nat(store.length / 4 - 1), words), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(changes, (list) => {
        readOrRefused(patched(store, Object.fromEntries(list.map(([at, to]) => [at * 4, to]))));
      }),
      { numRuns: 1000 },
    );
  });

  it('changed in single bytes of a store, are a store or an error', () => {
    fc.assert(
      fc.property(fc.nat(store.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(store);
        bytes[at] = byte;
        readOrRefused(withChecksum(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});
